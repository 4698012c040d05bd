import { Link } from 'react-router';

import { buttonClass } from '../../ui/button.tsx';
import styles from './calls.module.css';

interface PagerProps {
  page: number;
  count: number;
  pageSize: number;
  addressOf(page: number): string;
}

/** Which rows of how many, and the way to the others. */
export function Pager({ page, count, pageSize, addressOf }: PagerProps) {
  const last = Math.max(1, Math.ceil(count / pageSize));
  if (last === 1) return null;
  const number = new Intl.NumberFormat();
  return (
    <nav className={styles['pager']} aria-label="Pages">
      {page > 1 ? (
        <Link className={buttonClass()} to={addressOf(page - 1)} rel="prev">
          Previous
        </Link>
      ) : null}
      <span className={styles['dim']}>
        {number.format((page - 1) * pageSize + 1)}–{number.format(Math.min(count, page * pageSize))} of{' '}
        {number.format(count)}
      </span>
      {page < last ? (
        <Link className={buttonClass()} to={addressOf(page + 1)} rel="next">
          Next
        </Link>
      ) : null}
    </nav>
  );
}
