import { NavLink } from 'react-router';

import styles from './review-nav.module.css';

const PLACES = [
  { to: '/review', label: 'Calls' },
  { to: '/review/live', label: 'Live' },
  { to: '/review/conversations', label: 'Conversations' },
  { to: '/review/usage', label: 'Usage' },
];

/** The parts of the review, under the head of each of their pages. */
export function ReviewNav() {
  return (
    <nav className={styles['nav']} aria-label="Review">
      {PLACES.map(({ to, label }) => (
        <NavLink key={to} to={to} end className={styles['link'] ?? ''}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
