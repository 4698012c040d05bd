import type { ReactNode } from 'react';
import { Link } from 'react-router';

import { buttonClass } from './button.tsx';
import { BackIcon } from './icons.tsx';
import styles from './page-header.module.css';

interface PageHeaderProps {
  title: string;
  backTo: string;
  backLabel: string;
  children?: ReactNode;
}

/** The head of a page that is not the chat: the way back, the title, and what can be done. */
export function PageHeader({ title, backTo, backLabel, children }: PageHeaderProps) {
  return (
    <header className={styles['header']}>
      <Link to={backTo} className={`${buttonClass('quiet')} ${styles['back']}`} aria-label={backLabel} title={backLabel}>
        <BackIcon />
      </Link>
      <h1 className={styles['title']} dir="auto">
        {title}
      </h1>
      {children}
    </header>
  );
}
