import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useParams, useSearchParams } from 'react-router';

import { ApiError, describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { fetchCall, fetchLineEvents } from '../../api/review-calls.ts';
import type { Me } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { dateTime } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { accessReason } from '../access-reason.ts';
import { callFiltersOf, withCallFilters } from '../calls/call-filters.ts';
import { ReasonGate } from '../reason-gate.tsx';
import { ReviewGate } from '../review-gate.tsx';
import { CallFacts } from './call-facts.tsx';
import { CallNeighbours } from './call-neighbours.tsx';
import { CallTabs, transcriptSearchOf } from './call-tabs.tsx';
import styles from './call.module.css';
import { LINE_EVENTS, lineSpans } from './line-spans.ts';
import { spansOf } from './spans.ts';
import { Timeline } from './timeline.tsx';

/** One call, within the filter that the address carries. */
export default function CallPage() {
  const { sessionId = '' } = useParams();
  const [params] = useSearchParams();
  const behind = withCallFilters(params, callFiltersOf(params)).toString();
  const listAddress = `/review${behind ? `?${behind}` : ''}`;
  return (
    <div className={styles['page']}>
      <ReviewGate>
        {(me) => {
          const call = <ReviewedCall key={sessionId} sessionId={sessionId} me={me} listAddress={listAddress} />;
          return isOwn(sessionId, me) ? call : <ReasonGate leaveTo={listAddress}>{call}</ReasonGate>;
        }}
      </ReviewGate>
    </div>
  );
}

/** A session's id names whose it is; one's own needs no reason and writes no access row. */
const isOwn = (sessionId: string, me: Me): boolean => sessionId.startsWith(`rtc_${me.id}_`);

interface ReviewedCallProps {
  sessionId: string;
  me: Me;
  listAddress: string;
}

function ReviewedCall({ sessionId, me, listAddress }: ReviewedCallProps) {
  const [params] = useSearchParams();
  const reading = useQuery({
    queryKey: queryKeys.call(sessionId),
    queryFn: () => fetchCall(sessionId, accessReason()),
  });
  const { data } = reading;
  const lines = useQuery({
    queryKey: [...queryKeys.call(sessionId), 'lines'],
    queryFn: () => fetchLineEvents(sessionId, LINE_EVENTS, accessReason()),
    enabled: (data?.items.length ?? 0) > 0,
  });
  const title = data ? `${visibleText(data.call.user.username)}, ${dateTime(data.call.started_at)}` : 'Call';
  useEffect(() => {
    document.title = `${title} · Review`;
  }, [title]);
  return (
    <>
      <PageHeader title={title} backTo={listAddress} backLabel="Back to the calls">
        <CallNeighbours sessionId={sessionId} params={params} />
      </PageHeader>
      <main className={styles['main']}>
        {reading.isPending ? <Spinner label="Loading the call" /> : null}
        {reading.isError ? (
          <Notice
            urgency="alert"
            tone="danger"
            action={
              reading.error instanceof ApiError && reading.error.status === 404 ? null : (
                <Button look="quiet" onClick={() => void reading.refetch()}>
                  Retry
                </Button>
              )
            }
          >
            {describeError(reading.error)}
          </Notice>
        ) : null}
        {data ? (
          <>
            {data.call.user.id === me.id ? null : (
              <Notice>
                You are reading {visibleText(data.call.user.username)}’s call. They can see this visit and your
                reason.
              </Notice>
            )}
            <CallFacts call={data.call} />
            {data.end_note ? (
              <p className={styles['dim']}>
                {data.ended_by ? `${visibleText(data.ended_by.username)}: ` : ''}
                {visibleText(data.end_note)}
              </p>
            ) : null}
            <Timeline
              spans={[...spansOf(data.items, data.call.started_at), ...lineSpans(lines.data ?? [])]}
              lengthMs={data.call.duration_ms}
              search={transcriptSearchOf(params)}
            />
            <CallTabs one={data} me={me} />
            {me.is_staff ? (
              <p className={styles['dim']}>
                <a href={`/admin/realtime/realtimesession/?q=${encodeURIComponent(sessionId)}`}>
                  Open in the Django admin
                </a>
              </p>
            ) : null}
          </>
        ) : null}
      </main>
    </>
  );
}
