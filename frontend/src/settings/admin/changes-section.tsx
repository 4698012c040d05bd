import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { fetchAuditLog } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { dateTime } from '../../ui/format.ts';
import { visibleText } from '../../ui/visible-text.ts';
import styles from './admin.module.css';
import { Section } from './section.tsx';

/** Who changed what, newest first. */
export function ChangesSection() {
  const [page, setPage] = useState(1);
  const log = useQuery({
    queryKey: [...queryKeys.auditLog, page],
    queryFn: () => fetchAuditLog(page),
    placeholderData: keepPreviousData,
  });
  return (
    <Section title="Who changed what" about="The audit log: settings, and what reviewers did to calls." query={log}>
      {(data) => (
        <>
          {data.results.length === 0 ? <p>Nothing has been changed yet.</p> : null}
          <ul className={styles['log']} aria-label="Audit log">
            {data.results.map((entry) => (
              <li key={entry.id} className={styles['logRow']}>
                <p>
                  <strong>
                    <bdi>{visibleText(entry.actor_username)}</bdi>
                  </strong>{' '}
                  {entry.action.replaceAll('_', ' ').replace('.', ': ')}{' '}
                  <bdi>{visibleText(entry.targets.slice(0, 3).join(', '))}</bdi>
                  {entry.target_count > 3 ? ` and ${entry.target_count - 3} more` : ''}
                </p>
                <p className={styles['dim']}>
                  <time dateTime={entry.happened_at}>{dateTime(entry.happened_at)}</time>
                  {Object.keys(entry.detail).length > 0 ? (
                    <>
                      {' · '}
                      <bdi>{visibleText(JSON.stringify(entry.detail))}</bdi>
                    </>
                  ) : null}
                </p>
              </li>
            ))}
          </ul>
          {data.next || page > 1 ? (
            <div className={styles['actions']}>
              <Button disabled={page === 1} onClick={() => setPage(page - 1)}>
                Newer
              </Button>
              <Button disabled={!data.next} onClick={() => setPage(page + 1)}>
                Older
              </Button>
            </div>
          ) : null}
        </>
      )}
    </Section>
  );
}
