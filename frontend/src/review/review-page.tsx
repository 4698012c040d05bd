import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLocation, useParams } from 'react-router';

import { describeError } from '../api/api-error.ts';
import type { ExportFormat } from '../api/conversations.ts';
import { queryKeys } from '../api/query-keys.ts';
import { exportReviewConversation, fetchReviewConversation } from '../api/review.ts';
import type { Me } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { dateTime } from '../ui/format.ts';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { Notice } from '../ui/notice.tsx';
import { PageHeader } from '../ui/page-header.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { useToast } from '../ui/toast.tsx';
import { visibleText } from '../ui/visible-text.ts';
import { accessReason } from './access-reason.ts';
import { ReasonGate } from './reason-gate.tsx';
import { ReviewGate } from './review-gate.tsx';
import styles from './review.module.css';
import { SessionCard } from './session-card.tsx';
import { TranscriptTimeline } from './transcript-timeline.tsx';

const LIVE_REFRESH_MS = 4000;
const FORMATS: readonly ExportFormat[] = ['md', 'txt', 'json', 'vtt'];

export default function ReviewPage() {
  const { id = '' } = useParams();
  const location = useLocation();
  return (
    <div className={styles['page']}>
      <ReviewGate>
        {(me) => {
          const reviewed = <ReviewedConversation id={id} me={me} />;
          // The list knows whose it is; of one's own nobody asks why.
          if ((location.state as { ownerId?: number } | null)?.ownerId === me.id) return reviewed;
          return <ReasonGate leaveTo="/review/conversations">{reviewed}</ReasonGate>;
        }}
      </ReviewGate>
    </div>
  );
}

function ReviewedConversation({ id, me }: { id: string; me: Me }) {
  const toast = useToast();
  const conversation = useQuery({
    queryKey: queryKeys.reviewConversation(id),
    queryFn: () => fetchReviewConversation(id, accessReason()),
    // The feed tells people about their own conversations only; a live one is asked for again.
    refetchInterval: (query) =>
      query.state.data?.sessions.some((session) => session.state === 'live') ? LIVE_REFRESH_MS : false,
  });
  const { data } = conversation;
  const title = visibleText(data?.title || 'Untitled conversation');
  useEffect(() => {
    document.title = data ? `${title} · Review` : 'Review · VoiceAssist';
  }, [data, title]);

  const download = (format: ExportFormat): void => {
    exportReviewConversation(id, format, accessReason()).catch((error: unknown) =>
      toast({ text: describeError(error), isError: true }),
    );
  };

  return (
    <>
      <PageHeader title={data ? title : 'Conversation'} backTo="/review/conversations" backLabel="Back to the review">
        {data && me.permissions.includes('export_conversation') ? (
          <Menu trigger={<Button>Download</Button>}>
            {FORMATS.map((format) => (
              <MenuItem key={format} onSelect={() => download(format)}>
                {format.toUpperCase()}
              </MenuItem>
            ))}
          </Menu>
        ) : null}
      </PageHeader>
      <main className={styles['main']}>
        {conversation.isPending ? <Spinner label="Loading the conversation" /> : null}
        {conversation.isError ? (
          <Notice
            urgency="alert"
            tone="danger"
            action={
              <Button look="quiet" onClick={() => void conversation.refetch()}>
                Retry
              </Button>
            }
          >
            {describeError(conversation.error)}
          </Notice>
        ) : null}
        {data ? (
          <>
            {data.owner.id === me.id ? null : (
              <Notice>You are reading {data.owner.username}’s conversation. This visit is in the access log.</Notice>
            )}
            <dl className={styles['facts']}>
              <dt>User</dt>
              <dd>{data.owner.username}</dd>
              <dt>Started</dt>
              <dd>{dateTime(data.created_at)}</dd>
              <dt>Last change</dt>
              <dd>{dateTime(data.updated_at)}</dd>
              <dt>Items</dt>
              <dd>{data.items_count}</dd>
            </dl>
            <section aria-labelledby="sessions">
              <h2 id="sessions" className={styles['heading']}>
                Sessions
              </h2>
              {data.sessions.length === 0 ? <p className={styles['dim']}>No session was opened in it.</p> : null}
              <ul className={styles['cards']}>
                {data.sessions.map((session) => (
                  <SessionCard
                    key={session.session_id}
                    session={session}
                    mayEnd={me.permissions.includes('end_session')}
                  />
                ))}
              </ul>
            </section>
            <section aria-labelledby="transcript">
              <h2 id="transcript" className={styles['heading']}>
                Transcript
              </h2>
              <TranscriptTimeline items={data.items} sessions={data.sessions} />
            </section>
            {me.is_staff ? (
              <p className={styles['dim']}>
                <a href={`/admin/conversations/conversation/${encodeURIComponent(id)}/change/`}>
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
