import { Link } from 'react-router';

import styles from './page.module.css';

export function NotFoundPage() {
  return (
    <main className={styles['centre']}>
      <h1>There is no such page</h1>
      <Link to="/">Go to your conversations</Link>
    </main>
  );
}
