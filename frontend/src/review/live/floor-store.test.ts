import { expect, it } from 'vitest';

import type { FloorFrame } from '../../api/live-floor.ts';
import type { LiveCall, LiveLine } from '../../api/types.ts';
import { BLANK, lastLine, mergedLines, withFrame, withLines } from './floor-store.ts';

const call = (id: string, startedAt: string, turns = 0): LiveCall =>
  ({ session_id: id, started_at: startedAt, turns }) as LiveCall;

const line = (id: string, text: string, status = 'completed'): LiveLine =>
  ({ item_id: id, text, status, kind: 'message', role: 'user' }) as LiveLine;

const frame = (changes: Partial<FloorFrame>): FloorFrame => ({
  type: 'live.floor',
  now: '2026-01-01T00:00:10Z',
  whole: false,
  more: false,
  calls: [],
  gone: [],
  captions: {},
  refused: [],
  ...changes,
});

const texts = (lines: readonly LiveLine[] | undefined): string[] => (lines ?? []).map(({ text }) => text);

it('keeps the floor as the frames tell, the newest call first', () => {
  const now = new Date('2026-01-01T00:00:00Z').getTime();
  const old = call('old', '2026-01-01T00:00:01Z');
  let view = withFrame(BLANK, frame({ whole: true, calls: [old] }), now);
  expect(view.skewMs).toBe(10_000);
  view = withFrame(view, frame({ calls: [call('new', '2026-01-01T00:00:02Z'), { ...old, turns: 3 }] }), now);
  expect(view.calls.map(({ session_id: id, turns }) => [id, turns])).toEqual([
    ['new', 0],
    ['old', 3],
  ]);
  view = withFrame(view, frame({ gone: ['new'] }), now);
  expect(view.calls.map(({ session_id: id }) => id)).toEqual(['old']);
  // After a new connection everything is told anew.
  expect(withFrame(view, frame({ whole: true }), now).calls).toEqual([]);
});

it('replaces a line in its place and puts a new one behind the line before it', () => {
  const known = [line('a', 'one'), line('b', 'two'), line('d', 'fo', 'in_progress')];
  const fresh = [line('b', 'two!'), line('c', 'three'), line('d', 'four')];
  expect(texts(mergedLines(known, fresh))).toEqual(['one', 'two!', 'three', 'four']);
  expect(texts(mergedLines([line('a', 'whole')], [line('a', 'wh', 'in_progress')]))).toEqual(['whole']);
});

it('joins what is written down with what is being said', () => {
  const spoken = withFrame(BLANK, frame({ captions: { x: [line('b', 'tw', 'in_progress')] } }), 0);
  const view = withLines(spoken, 'x', [line('a', 'one'), line('b', '', 'in_progress')]);
  expect(texts(view.lines['x'])).toEqual(['one', 'tw']);
  expect(lastLine(view.lines['x'])?.text).toBe('tw');
  expect(lastLine(undefined)).toBeUndefined();
});
