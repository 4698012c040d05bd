import type { Notice } from '../api/feed.ts';
import { queryKeys } from '../api/query-keys.ts';

/** What a notice makes stale. */
export function staleKeys(notice: Notice): ReadonlyArray<readonly unknown[]> {
  const { conversation_id: id } = notice;
  switch (notice.type) {
    case 'item.updated':
      return [queryKeys.items(id), queryKeys.conversationLists];
    case 'session.ended':
    case 'session.started':
      return [queryKeys.voiceSessions, queryKeys.items(id)];
    case 'conversation.deleted':
      return [queryKeys.conversationLists, queryKeys.conversation(id)];
    default:
      return [queryKeys.conversationLists, queryKeys.conversation(id), queryKeys.voiceSessions];
  }
}
