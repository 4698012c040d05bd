import { useInfiniteQuery } from '@tanstack/react-query';

import { describeError } from '../api/api-error.ts';
import { fetchOwnAccessLog } from '../api/own-data.ts';
import { queryKeys } from '../api/query-keys.ts';
import { Button } from '../ui/button.tsx';
import { dateTime } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { visibleText } from '../ui/visible-text.ts';
import styles from './settings-page.module.css';
import own from './usage-section.module.css';

/** Which reviewer has read what of one's own, when and why. */
export function ReadersSection() {
  const log = useInfiniteQuery({
    queryKey: queryKeys.ownAccessLog,
    queryFn: ({ pageParam }) => fetchOwnAccessLog(pageParam),
    initialPageParam: 1,
    getNextPageParam: (page, _pages, number) => (page.next ? number + 1 : undefined),
  });
  const visits = log.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <section className={styles['section']} aria-labelledby="readers">
      <h2 id="readers" className={styles['heading']}>
        Who has read my conversations
      </h2>
      <p className={own['dim']}>
        A reviewer says why they look. Keep a conversation from all of them in its menu.
      </p>
      {log.isPending ? <Spinner label="Loading the visits" /> : null}
      {log.isError ? (
        <Notice urgency="alert" tone="danger">
          {describeError(log.error)}
        </Notice>
      ) : null}
      {log.isSuccess && visits.length === 0 ? <p>Nobody but you.</p> : null}
      {visits.length > 0 ? (
        <ul className={own['visits']} aria-label="Visits">
          {visits.map((visit) => (
            <li key={`${visit.reviewer} ${visit.conversation_id} ${visit.visited_at}`} className={own['visit']}>
              <p>
                <strong>
                  <bdi>{visibleText(visit.reviewer)}</bdi>
                </strong>{' '}
                read <bdi>{visibleText(visit.title) || 'a conversation without a title'}</bdi>
              </p>
              <p className={own['dim']}>
                <time dateTime={visit.visited_at}>{dateTime(visit.visited_at)}</time>
                {' · '}
                <bdi>{visit.reason ? visibleText(visit.reason) : 'no reason given'}</bdi>
              </p>
            </li>
          ))}
        </ul>
      ) : null}
      {log.hasNextPage ? (
        <div>
          <Button onClick={() => void log.fetchNextPage()} disabled={log.isFetchingNextPage}>
            Show more
          </Button>
        </div>
      ) : null}
    </section>
  );
}
