import { expect, it } from 'vitest';

import { hashOf, lineAt, secondOf, spansOf, type TimedItem } from './spans.ts';

const STARTED = '2026-11-20T10:00:00Z';
const at = (second: number): string => new Date(Date.parse(STARTED) + second * 1000).toISOString();

function item(id: string, from: number, until: number | null, more: Partial<TimedItem> = {}): TimedItem {
  return {
    item_id: id,
    role: 'user',
    kind: 'message',
    text: 'words',
    heard_text: null,
    heard_ms: null,
    call_id: null,
    created_at: at(from),
    completed_at: until === null ? null : at(until),
    ...more,
  };
}

it('puts speech, thinking and the answer on one axis', () => {
  const spans = spansOf([item('u', 1, 3), item('a', 3.5, 6, { role: 'assistant' })], STARTED);
  expect(spans).toEqual([
    { track: 'user', kind: 'speech', startMs: 1000, endMs: 3000, itemId: 'u' },
    { track: 'thinking', kind: 'thinking', startMs: 3000, endMs: 3500, itemId: 'u' },
    { track: 'assistant', kind: 'heard', startMs: 3500, endMs: 6000, itemId: 'a' },
  ]);
});

it('shows how much of an interrupted answer was heard, and not more of the rest than there was room for', () => {
  const cut = { role: 'assistant', text: 'abcdefghij', heard_text: 'abcde', heard_ms: 2000 } as const;
  const spans = spansOf([item('a', 0, 1, cut), item('b', 3, 5, { role: 'assistant' })], STARTED);
  expect(spans.filter((span) => span.itemId === 'a')).toEqual([
    { track: 'assistant', kind: 'heard', startMs: 0, endMs: 2000, itemId: 'a' },
    { track: 'assistant', kind: 'unheard', startMs: 2000, endMs: 3000, itemId: 'a' },
  ]);
  const alone = spansOf([item('a', 0, 1, cut)], STARTED);
  expect(alone[1]).toMatchObject({ kind: 'unheard', startMs: 2000, endMs: 4000 });
});

it('lets a tool run until its output came, and no thinking be counted twice', () => {
  const spans = spansOf(
    [
      item('u', 0, 1),
      item('u2', 1.5, 2),
      item('c', 3, 3.1, { role: 'assistant', kind: 'function_call', call_id: 'x' }),
      item('o', 5, 5, { role: 'tool', kind: 'function_call_output', call_id: 'x' }),
    ],
    STARTED,
  );
  expect(spans.map(({ kind, startMs, endMs }) => [kind, startMs, endMs])).toEqual([
    ['speech', 0, 1000],
    ['speech', 1500, 2000],
    ['thinking', 2000, 3000],
    ['tool', 3000, 5000],
  ]);
});

it('finds the line that a link to a moment means', () => {
  expect(secondOf('#t=72.4')).toBe(72.4);
  expect([secondOf(''), secondOf('#t=x'), secondOf('#u=1')]).toEqual([null, null, null]);
  const offsets = [0, 1_000, 72_440, 80_000];
  expect(hashOf(72_440)).toBe('#t=72.4');
  expect(lineAt(offsets, secondOf(hashOf(72_440)) ?? 0)).toBe(2);
  expect(lineAt(offsets, 0)).toBe(0);
  expect(lineAt(offsets, 900)).toBe(3);
});
