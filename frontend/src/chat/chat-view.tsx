import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, type Ref, type RefObject, useCallback, useEffect, useMemo, useState } from 'react';

import { ApiError, describeError } from '../api/api-error.ts';
import { fetchConversation, fetchTranscript } from '../api/conversations.ts';
import type { LiveItem, LiveSession } from '../api/live.ts';
import { queryKeys } from '../api/query-keys.ts';
import { fetchVoiceSessions, fetchVoiceStatus } from '../api/realtime.ts';
import { refetch } from '../api/refetch.ts';
import type { Transcript } from '../api/transcript.ts';
import type { Item } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { FormattingNotice, usePrefetchedMarkdown } from './answer-text.tsx';
import styles from './chat-view.module.css';
import { Composer } from './composer.tsx';
import { ConversationHeader } from './conversation-header.tsx';
import { EmptyThread } from './empty-thread.tsx';
import { HowToDialog, isHowToSeen, markHowToSeen } from './how-to.tsx';
import { threadRows } from './thread-rows.ts';
import { Thread } from './thread.tsx';
import { useCallSend } from './use-call-send.ts';
import { useTextSession } from './use-text-session.ts';
import { voiceObstacle } from './voice-obstacle.ts';

export interface ChatViewProps {
  conversationId: string | null;
  /** The first typed message made this conversation: show its address. */
  onConversationCreated(conversationId: string): void;
  onConversationGone(): void;
  onStartVoice(): void;
  voiceButtonRef: Ref<HTMLButtonElement>;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  /** A call is open for this conversation, connected or not. */
  isInCall: boolean;
  /** The connected call of this conversation: typed messages go through it. */
  liveSession: LiveSession | null;
  /** Lines of that call. */
  liveItems: readonly LiveItem[];
  leading: ReactNode;
  /** Between thread and composer: the bar of a collapsed call, notices about the connection. */
  dock: ReactNode;
}

const NO_ITEMS: readonly Item[] = [];

/** One conversation: header, thread and composer. */
export function ChatView(props: ChatViewProps) {
  const { conversationId, liveSession, liveItems, isInCall, onStartVoice } = props;
  const client = useQueryClient();
  const isKnown = conversationId !== null;
  const id = conversationId ?? '';
  const status = useQuery({ queryKey: queryKeys.voiceStatus, queryFn: fetchVoiceStatus });
  const conversation = useQuery({
    queryKey: queryKeys.conversation(id),
    queryFn: () => fetchConversation(id),
    enabled: isKnown,
  });
  const items = useQuery({
    queryKey: queryKeys.items(id),
    queryFn: ({ signal }) => fetchTranscript(id, client.getQueryData<Transcript>(queryKeys.items(id)), signal),
    select: ({ items: said }) => said,
    // What stayed is the same objects already; by itself the cache would compare place by place.
    structuralSharing: false,
    enabled: isKnown,
  });
  const sessions = useQuery({
    queryKey: queryKeys.voiceSessions,
    queryFn: ({ signal }) => fetchVoiceSessions(signal),
  });
  const chat = useTextSession(conversationId, props.onConversationCreated);
  const [isHelpShown, setIsHelpShown] = useState(false);
  const [showsSteps] = useState(() => !isHowToSeen());
  usePrefetchedMarkdown();

  const rows = useMemo(
    () =>
      threadRows(
        items.data ?? [],
        [
          ...chat.items.map((item) => ({ item, isVoice: false })),
          ...liveItems.map((item) => ({ item, isVoice: true })),
        ],
        sessions.data ?? [],
      ),
    [items.data, chat.items, liveItems, sessions.data],
  );

  // The feed announces what was stored; where it is down, the end of an answer is a second hint.
  const finals = chat.items.concat(liveItems).filter((item) => item.isFinal).length;
  useEffect(() => {
    if (isKnown && finals > 0) void refetch(client, queryKeys.items(id));
  }, [client, isKnown, id, finals, chat.isAnswering]);

  const { send: sendText, disconnect } = chat;
  const isLive = liveSession !== null;
  // One connection per conversation: a call that opens, or connects anew, takes over from the typed session.
  useEffect(() => {
    if (isInCall || isLive) disconnect();
  }, [isInCall, isLive, disconnect]);

  const sendToCall = useCallSend(liveSession, items.data ?? NO_ITEMS, liveItems);
  const isConnected = liveSession?.isConnected ?? false;
  const send = isConnected ? sendToCall : sendText;

  const startVoice = useCallback(() => {
    markHowToSeen();
    onStartVoice();
  }, [onStartVoice]);

  const obstacle = voiceObstacle(status.data);
  const failure = conversation.error ?? items.error;
  const isMissing = failure instanceof ApiError && failure.status === 404;

  return (
    <main className={styles['view']}>
      <ConversationHeader
        key={id}
        conversation={conversation.data}
        leading={props.leading}
        onGone={props.onConversationGone}
      />
      <Thread
        conversationKey={id}
        rows={isMissing ? [] : rows}
        isLoading={isKnown && items.isPending}
        empty={
          failure ? null : (
            <EmptyThread
              showSteps={showsSteps && !isInCall}
              canSpeak={obstacle === null}
              offReason={status.data?.enabled === false ? obstacle : null}
            />
          )
        }
      >
        {isKnown && items.isPending ? <Spinner label="Loading the conversation" /> : null}
        {isMissing ? (
          <Notice urgency="alert" tone="danger">
            This conversation does not exist, or it is not yours. Choose another one or begin a new one.
          </Notice>
        ) : null}
        {failure && !isMissing ? (
          <Notice
            urgency="alert"
            tone="danger"
            action={
              <Button look="quiet" onClick={() => void Promise.all([conversation.refetch(), items.refetch()])}>
                Retry
              </Button>
            }
          >
            {describeError(failure)}
          </Notice>
        ) : null}
        {chat.answerError ? (
          <Notice
            urgency="alert"
            tone="danger"
            action={
              <Button look="quiet" onClick={chat.retryAnswer}>
                Ask again
              </Button>
            }
          >
            No answer came. {describeError(chat.answerError)}
          </Notice>
        ) : null}
      </Thread>
      {/* To load the page again would end the call. */}
      {isInCall ? null : <FormattingNotice />}
      {props.dock}
      {isMissing ? null : (
        <Composer
          conversationId={conversationId}
          onSend={send}
          isAnswering={chat.isAnswering}
          onStopAnswer={chat.stopAnswer}
          onStartVoice={startVoice}
          onShowHelp={() => setIsHelpShown(true)}
          isInCall={isInCall}
          voiceObstacle={obstacle}
          isLive={isLive}
          isDemoVoice={status.data?.provider === 'embedded' && !isInCall}
          voiceButtonRef={props.voiceButtonRef}
          inputRef={props.inputRef}
        />
      )}
      {isHelpShown ? <HowToDialog onClose={() => setIsHelpShown(false)} /> : null}
    </main>
  );
}
