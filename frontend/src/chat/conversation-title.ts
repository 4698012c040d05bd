import type { Conversation } from '../api/types.ts';

export const titleOf = (conversation: Pick<Conversation, 'title'>): string =>
  conversation.title || 'Untitled conversation';
