import { expect, it } from 'vitest';

import { linesSaying } from './use-call-send.ts';

const stored = (item_id: string, role: 'user' | 'assistant', text: string) => ({ item_id, role, text });
const live = (itemId: string, role: 'user' | 'assistant', text: string) => ({ itemId, role, text });

it('knows a line once, whether it is stored, live or both', () => {
  const ids = linesSaying(
    'yes',
    [stored('a', 'user', 'yes'), stored('b', 'assistant', 'yes')],
    [live('a', 'user', 'yes'), live('c', 'user', 'yes'), live('d', 'user', 'yes!')],
  );
  expect([...ids]).toEqual(['a', 'c']);
});
