import { Spinner } from '../ui/spinner.tsx';
import styles from './page.module.css';

/** A whole page that waits. */
export function PageWait({ label }: { label: string }) {
  return (
    <main className={styles['centre']}>
      <Spinner label={label} />
    </main>
  );
}
