import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { downloadEvents, type EventFilter, EVENTS_PAGE_SIZE, fetchEvents } from '../../api/review-traces.ts';
import type { CallEvents } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { accessReason } from '../access-reason.ts';
import { whole } from '../numbers.ts';
import styles from './call.module.css';
import { EventFilterForm } from './event-filter-form.tsx';
import { EventTable } from './event-table.tsx';

const EVERYTHING: EventFilter = { directions: [], types: [], find: '', page: 1 };

/** What passed between client, server and provider, without sound. */
export function EventsTab({ sessionId, mayExport }: { sessionId: string; mayExport: boolean }) {
  const [filter, setFilter] = useState(EVERYTHING);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: queryKeys.callEvents(sessionId, filter),
    queryFn: () => fetchEvents(sessionId, filter, accessReason()),
    placeholderData: keepPreviousData,
  });
  const saving = useMutation({ mutationFn: () => downloadEvents(sessionId, accessReason()) });
  const problem = error ?? saving.error;
  return (
    <>
      {problem ? (
        <Notice urgency="alert" tone="danger">
          {describeError(problem)}
        </Notice>
      ) : null}
      {!data && !error ? <Spinner label="Loading the events" /> : null}
      {data && Object.keys(data.types).length === 0 ? <p className={styles['dim']}>{whyNone(data)}</p> : null}
      {data && Object.keys(data.types).length > 0 ? (
        <>
          <div className={styles['tools']}>
            <p className={styles['dim']}>
              Without sound; runs of deltas are one line.{' '}
              {data.kept_days > 0 ? `Kept for ${data.kept_days} days.` : 'Kept for ever.'}
            </p>
            {mayExport ? (
              <Button onClick={() => saving.mutate()} disabled={saving.isPending}>
                Download as JSON lines
              </Button>
            ) : null}
          </div>
          <EventFilterForm filter={filter} found={data} onChange={setFilter} />
          <EventTable entries={data.results} isStale={isPlaceholderData} />
          <EventPager
            count={data.count}
            page={filter.page}
            onTurn={(page) => setFilter({ ...filter, page })}
          />
        </>
      ) : null}
    </>
  );
}

const whyNone = ({ is_on, kept_days }: CallEvents): string =>
  is_on
    ? `Nothing is kept of this call: it was not to be saved${kept_days > 0 ? `, or its ${kept_days} days are over` : ''}.`
    : 'Events of calls are not logged on this server.';

interface EventPagerProps {
  count: number;
  page: number;
  onTurn(page: number): void;
}

function EventPager({ count, page, onTurn }: EventPagerProps) {
  const last = Math.max(1, Math.ceil(count / EVENTS_PAGE_SIZE));
  const from = Math.min(count, (page - 1) * EVENTS_PAGE_SIZE + 1);
  return (
    <nav className={styles['tools']} aria-label="Pages of events">
      <Button disabled={page <= 1} onClick={() => onTurn(page - 1)}>
        Previous
      </Button>
      <span role="status">
        {whole(from)}–{whole(Math.min(count, page * EVENTS_PAGE_SIZE))} of {whole(count)}
      </span>
      <Button disabled={page >= last} onClick={() => onTurn(page + 1)}>
        Next
      </Button>
    </nav>
  );
}
