import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';

import { describeError } from '../../api/api-error.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import styles from './admin.module.css';

interface SectionProps<T> {
  title: string;
  about?: ReactNode;
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}

/** A part of the page with what it shows, or why it cannot. */
export function Section<T>({ title, about, query, children }: SectionProps<T>) {
  const id = useId();
  return (
    <section className={styles['section']} aria-labelledby={id}>
      <h2 id={id} className={styles['heading']}>
        {title}
      </h2>
      {about ? <p className={styles['dim']}>{about}</p> : null}
      {query.isPending ? <Spinner label={`Loading: ${title}`} /> : null}
      {query.isError ? (
        <Notice
          urgency="alert"
          tone="danger"
          action={
            <Button look="quiet" onClick={() => void query.refetch()}>
              Retry
            </Button>
          }
        >
          {describeError(query.error)}
        </Notice>
      ) : null}
      {query.data === undefined ? null : children(query.data)}
    </section>
  );
}
