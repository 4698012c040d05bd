import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useId, useState } from 'react';
import { Link } from 'react-router';

import { describeError } from '../api/api-error.ts';
import { fetchConversations } from '../api/conversations.ts';
import { queryKeys } from '../api/query-keys.ts';
import { fetchVoiceSessions } from '../api/realtime.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { PlusIcon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import styles from './conversation-list.module.css';
import { ConversationListRow } from './conversation-list-row.tsx';

interface ConversationListProps {
  selectedId: string | null;
  /** The conversation of this tab's call, known before the server tells. */
  callConversationId: string | null;
  /** A row or "New" was followed; a drawer closes then. */
  onNavigate(): void;
  /** The conversation shown was deleted. */
  onSelectedGone(): void;
}

/** One's own conversations: search, new, and for each rename, archive and delete. */
export function ConversationList(props: ConversationListProps) {
  const { selectedId, callConversationId, onNavigate, onSelectedGone } = props;
  const [search, setSearch] = useState('');
  const [showsArchived, setShowsArchived] = useState(false);
  const term = useDeferredValue(search.trim());
  const searchId = useId();

  const list = useInfiniteQuery({
    queryKey: queryKeys.conversationList(term, showsArchived),
    queryFn: ({ pageParam, signal }) => fetchConversations(term, showsArchived, pageParam, signal),
    initialPageParam: 1,
    getNextPageParam: (page, _pages, number) => (page.next ? number + 1 : undefined),
    placeholderData: keepPreviousData,
  });
  const sessions = useQuery({
    queryKey: queryKeys.voiceSessions,
    queryFn: ({ signal }) => fetchVoiceSessions(signal),
  });
  const liveIds = new Set(
    sessions.data
      ?.filter((session) => session.state === 'live' && !session.isTextOnly)
      .map((session) => session.conversation_id),
  );
  if (callConversationId !== null) liveIds.add(callConversationId);

  const conversations = list.data?.pages.flatMap((page) => page.results) ?? [];

  return (
    <div className={styles['list']}>
      <Link to="/" className={`${buttonClass()} ${styles['new']}`} onClick={onNavigate}>
        <PlusIcon />
        New conversation
      </Link>
      <div className={styles['search']}>
        <label htmlFor={searchId} className={styles['searchLabel']}>
          Search conversations
        </label>
        <input
          id={searchId}
          type="search"
          className={styles['searchInput']}
          placeholder="Search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      <nav aria-label="Conversations" className={styles['scroller']}>
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
        {list.isSuccess && conversations.length === 0 ? (
          <p className={styles['empty']}>{emptyText(term, showsArchived)}</p>
        ) : null}
        <ul>
          {conversations.map((conversation) => (
            <ConversationListRow
              key={conversation.id}
              conversation={conversation}
              isSelected={conversation.id === selectedId}
              isLive={liveIds.has(conversation.id)}
              onNavigate={onNavigate}
              onGone={conversation.id === selectedId ? onSelectedGone : undefined}
            />
          ))}
        </ul>
        {list.hasNextPage ? (
          <Button look="quiet" onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
            Show more
          </Button>
        ) : null}
      </nav>
      <Button
        look="quiet"
        className={styles['archived']}
        aria-pressed={showsArchived}
        onClick={() => setShowsArchived((shown) => !shown)}
      >
        {showsArchived ? 'Back to current' : 'Archived'}
      </Button>
    </div>
  );
}

function emptyText(term: string, showsArchived: boolean): string {
  if (term) return 'Nothing found. Try other words.';
  if (showsArchived) return 'Nothing archived. Archive a conversation from its menu.';
  return 'No conversations yet. Type a message or start voice.';
}
