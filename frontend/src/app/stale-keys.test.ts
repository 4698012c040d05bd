import { expect, it } from 'vitest';

import { staleKeys } from './stale-keys.ts';

const keys = (type: string): string[] =>
  staleKeys({ type, conversation_id: 'c', seq: 1 }).map((key) => key.join('/'));

it('fetches the items and the list when something was said', () => {
  expect(keys('item.updated')).toEqual(['conversation/c/items', 'conversations']);
});

it('fetches sessions when one ended', () => {
  expect(keys('session.ended')).toContain('voice-sessions');
});

it('fetches everything about a conversation for a notice it does not know', () => {
  expect(keys('conversation.sparkled')).toEqual(['conversations', 'conversation/c', 'voice-sessions']);
});
