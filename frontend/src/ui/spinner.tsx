import styles from './spinner.module.css';

/** Says in words what is awaited; the ring is decoration. */
export function Spinner({ label }: { label: string }) {
  return (
    <span className={styles['spinner']} role="status">
      <span className={styles['ring']} aria-hidden="true" />
      {label}
    </span>
  );
}
