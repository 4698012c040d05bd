import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link, useSearchParams } from 'react-router';

import { describeError } from '../api/api-error.ts';
import { queryKeys } from '../api/query-keys.ts';
import { fetchReviewConversations, type ReviewFilters } from '../api/review.ts';
import type { ReviewConversation } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { counted, dateTime } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { filtersOf, paramsOf } from './filters.ts';
import { HostileLine } from './hostile-text.tsx';
import { ReviewFilterForm } from './review-filters.tsx';
import { ReviewGate } from './review-gate.tsx';
import { ReviewNav } from './review-nav.tsx';
import styles from './review.module.css';
import { SessionState } from './session-state.tsx';

export default function ReviewListPage() {
  useEffect(() => {
    document.title = 'Review · VoiceAssist';
  }, []);
  return (
    <div className={styles['page']}>
      <PageHeader title="Review" backTo="/" backLabel="Back to conversations" />
      <ReviewNav />
      <main className={styles['main']}>
        <ReviewGate>{() => <ReviewList />}</ReviewGate>
      </main>
    </div>
  );
}

function ReviewList() {
  const [params, setParams] = useSearchParams();
  const filters = filtersOf(params);
  const list = useInfiniteQuery({
    queryKey: queryKeys.reviewList(filters),
    queryFn: ({ pageParam, signal }) => fetchReviewConversations(filters, pageParam, signal),
    initialPageParam: 1,
    getNextPageParam: (page, _pages, number) => (page.next ? number + 1 : undefined),
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.results) ?? [];
  const count = list.data?.pages[0]?.count;
  const apply = (next: ReviewFilters): void => setParams(paramsOf(next));

  return (
    <>
      <ReviewFilterForm key={params.toString()} filters={filters} onApply={apply} />
      {list.isPending ? <Spinner label="Loading conversations" /> : null}
      {list.isError ? (
        <Notice
          urgency="alert"
          tone="danger"
          action={
            <Button look="quiet" onClick={() => void list.refetch()}>
              Retry
            </Button>
          }
        >
          {describeError(list.error)}
        </Notice>
      ) : null}
      {list.isSuccess ? (
        <section aria-labelledby="found">
          <h2 id="found" className={styles['count']}>
            <span role="status">{foundText(count ?? rows.length)}</span>
          </h2>
          <ul className={styles['rows']}>
            {rows.map((row) => (
              <ReviewRow key={row.id} row={row} />
            ))}
          </ul>
        </section>
      ) : null}
      {list.hasNextPage ? (
        <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
          Show more
        </Button>
      ) : null}
    </>
  );
}

function foundText(count: number): string {
  if (count === 0) return 'No conversations match';
  return counted(count, 'conversation');
}

function ReviewRow({ row }: { row: ReviewConversation }) {
  return (
    <li>
      <Link to={`/review/${row.id}`} state={{ ownerId: row.owner.id }} className={styles['row']}>
        <span className={styles['rowTitle']} dir="auto">
          <HostileLine text={row.title || 'Untitled conversation'} />
        </span>
        <span className={styles['rowFacts']}>
          <span>{row.owner.username}</span>
          <span>{dateTime(row.updated_at)}</span>
          <span>{counted(row.items_count, 'item')}</span>
          {row.session ? (
            <>
              <span>{row.session.model}</span>
              <SessionState session={row.session} />
            </>
          ) : null}
        </span>
        {row.snippet ? (
          <span className={styles['snippet']} dir="auto">
            <HostileLine text={row.snippet} />
          </span>
        ) : null}
      </Link>
    </li>
  );
}
