import type { ReactNode } from 'react';

import styles from './notice.module.css';

interface NoticeProps {
  /** `alert` interrupts a screen reader; `status` waits; `none` is only read where it stands. */
  urgency?: 'alert' | 'status' | 'none';
  tone?: 'plain' | 'warning' | 'danger';
  children: ReactNode;
  action?: ReactNode;
}

/** A sentence in a box, with at most one thing to do about it. */
export function Notice({ urgency = 'none', tone = 'plain', children, action }: NoticeProps) {
  return (
    <div
      className={`${styles['notice']} ${styles[tone]}`}
      {...(urgency === 'none' ? {} : { role: urgency })}
    >
      <div className={styles['text']}>{children}</div>
      {action}
    </div>
  );
}
