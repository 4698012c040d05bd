import { describe, expect, it } from 'vitest';

import { followed, type Transcript } from './transcript.ts';
import type { Item, ItemsAnswer } from './types.ts';

const item = (name: string, position: number, text = name): Item => ({
  session_id: 'sess_1',
  item_id: name,
  previous_item_id: null,
  role: 'user',
  kind: 'message',
  status: 'completed',
  source: 'voice',
  text,
  heard_text: null,
  heard_ms: null,
  call_id: null,
  name: null,
  position,
  created_at: '2026-01-01T00:00:00Z',
  completed_at: null,
});

const answer = (changes: Partial<ItemsAnswer>): ItemsAnswer => ({
  seq: 9,
  since: 4,
  results: [],
  removed: [],
  ...changes,
});

const known: Transcript = { seq: 4, items: [item('a', 0), item('b', 1), item('c', 2)] };

describe('followed', () => {
  it('takes everything where nothing is known', () => {
    const all = [item('a', 0)];
    expect(followed(undefined, answer({ since: null, results: all }))).toEqual({ seq: 9, items: all });
  });

  it('takes everything where the answer is not relative to what is known', () => {
    const all = [item('z', 0)];
    expect(followed(known, answer({ since: null, seq: 1, results: all }))).toEqual({ seq: 1, items: all });
  });

  it('takes everything from a server that knows no changes', () => {
    const all = [item('z', 0)];
    const old = { seq: 5, results: all } as unknown as ItemsAnswer;
    expect(followed(known, old)).toEqual({ seq: 5, items: all });
  });

  it('adds, changes and removes what the answer names, and keeps the other objects', () => {
    const changed = item('b', 1, 'B');
    const added = item('d', 3);
    const next = followed(
      known,
      answer({ results: [changed, added], removed: [{ session_id: 'sess_1', item_id: 'a' }] }),
    );
    expect(next).toEqual({ seq: 9, items: [changed, item('c', 2), added] });
    expect(next.items[1]).toBe(known.items[2]);
  });

  it('puts items that were moved where they stand now', () => {
    const next = followed(known, answer({ results: [item('new', 1), item('b', 2), item('c', 3)] }));
    expect(next.items.map((one) => one.item_id)).toEqual(['a', 'new', 'b', 'c']);
  });

  it('keeps the very list where nothing has changed', () => {
    expect(followed(known, answer({})).items).toBe(known.items);
  });

  it('takes two items of the same id in two sessions for two', () => {
    const other = { ...item('a', 3), session_id: 'sess_2' };
    expect(followed(known, answer({ results: [other] })).items).toHaveLength(4);
  });
});
