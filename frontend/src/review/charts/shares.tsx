import { useId } from 'react';
import { Link } from 'react-router';

import styles from './charts.module.css';

export interface Share {
  key: string;
  label: string;
  value: number;
  to: string;
}

interface SharesProps {
  title: string;
  shares: readonly Share[];
  format(value: number): string;
}

/** How much falls to each of a few names; the longest bar is the largest value. */
export function Shares({ title, shares, format }: SharesProps) {
  const titleId = useId();
  const max = Math.max(...shares.map((share) => share.value), 0) || 1;
  return (
    <figure className={styles['chart']} aria-labelledby={titleId}>
      <figcaption id={titleId} className={styles['title']}>
        {title}
      </figcaption>
      {shares.length === 0 ? <p className={styles['empty']}>Nothing in this time.</p> : null}
      <ul className={styles['shares']}>
        {shares.map((share) => (
          <li key={share.key}>
            <Link to={share.to} className={styles['share']}>
              <svg className={styles['shareBar']} aria-hidden="true" viewBox="0 0 100 1" preserveAspectRatio="none">
                <rect width={(share.value / max) * 100} height="1" />
              </svg>
              <bdi className={styles['shareName']}>{share.label}</bdi>
              <span className={styles['shareValue']}>{format(share.value)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </figure>
  );
}
