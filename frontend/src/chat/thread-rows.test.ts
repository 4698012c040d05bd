import { describe, expect, it } from 'vitest';

import type { LiveItem } from '../api/live.ts';
import type { Item, VoiceSession } from '../api/types.ts';
import { splitHeard, threadRows } from './thread-rows.ts';

const item = (over: Partial<Item>): Item => ({
  item_id: 'a',
  session_id: '',
  previous_item_id: null,
  call_id: null,
  name: null,
  completed_at: null,
  role: 'user',
  kind: 'message',
  status: 'completed',
  source: 'text',
  text: 'hello',
  heard_text: null,
  heard_ms: null,
  position: 0,
  created_at: '2026-01-01T10:00:00Z',
  ...over,
});

const live = (over: Partial<LiveItem>): { item: LiveItem; isVoice: boolean } => ({
  item: { itemId: 'a', role: 'user', text: 'hel', isFinal: false, status: 'in_progress', ...over },
  isVoice: true,
});

describe('the heard part of an interrupted answer', () => {
  it('is an exact prefix', () => {
    expect(splitHeard('One two three.', 'One two')).toEqual({ heard: 'One two', unheard: ' three.' });
  });
  it('is counted in words when punctuation differs', () => {
    expect(splitHeard('One, two three.', 'One two')).toEqual({ heard: 'One, two', unheard: ' three.' });
  });
  it('may be nothing at all', () => {
    expect(splitHeard('One two.', '')).toEqual({ heard: '', unheard: 'One two.' });
  });
});

describe('rows of a thread', () => {
  it('shows a line once when it is both stored and live', () => {
    const rows = threadRows([item({})], [live({ text: 'hello', isFinal: true, status: 'completed' })], []);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ text: 'hello', isLive: false });
  });

  it('prefers the live text while the stored row is still open', () => {
    const rows = threadRows([item({ status: 'in_progress', text: '' })], [live({})], []);
    expect(rows[0]).toMatchObject({ text: 'hel', isLive: true, createdAt: '2026-01-01T10:00:00Z' });
  });

  it('appends live lines the snapshot does not know', () => {
    const rows = threadRows([item({})], [live({ itemId: 'b', text: '' })], []);
    expect(rows.map((row) => row.key)).toEqual(['a', 'b']);
  });

  it('shows a stretch of a call that was not recorded, in its place', () => {
    const gap = item({ item_id: 'g', role: 'system', kind: 'recording_gap', source: 'voice', text: 'Recording gap' });
    const rows = threadRows([item({}), gap, item({ item_id: 'b' })], [], []);
    expect(rows.map((row) => row.kind)).toEqual(['message', 'gap', 'message']);
    expect(rows[1]).toMatchObject({ text: 'Recording gap' });
  });

  it('greys what was not spoken', () => {
    const rows = threadRows(
      [item({ role: 'assistant', text: 'One two three.', heard_text: 'One two', status: 'incomplete' })],
      [],
      [],
    );
    expect(rows[0]).toMatchObject({ text: 'One two', unheard: ' three.' });
  });

  it('opens each voice call with a divider that knows its end', () => {
    const session = {
      session_id: 's1',
      started_at: '2026-01-01T09:59:00Z',
      ended_at: '2026-01-01T10:05:00Z',
      end_reason: 'user_hangup',
    } as VoiceSession;
    const rows = threadRows(
      [
        item({ source: 'voice', session_id: 's1' }),
        item({ item_id: 'b', source: 'voice', session_id: 's1' }),
        item({ item_id: 'c', source: 'text', session_id: 's2' }),
      ],
      [],
      [session],
    );
    expect(rows.map((row) => row.kind)).toEqual(['call', 'message', 'message', 'message']);
    expect(rows[0]).toMatchObject({ endReason: 'user_hangup', startedAt: '2026-01-01T09:59:00Z' });
  });

  it('does not open a second divider when text was typed during a call', () => {
    const rows = threadRows(
      [
        item({ source: 'voice', session_id: 's1' }),
        item({ item_id: 'b', source: 'text', session_id: 's1' }),
        item({ item_id: 'c', source: 'voice', session_id: 's1' }),
      ],
      [],
      [],
    );
    expect(rows.filter((row) => row.kind === 'call')).toHaveLength(1);
  });

  it('opens a call above what was typed into it before anybody spoke', () => {
    const rows = threadRows(
      [
        item({ item_id: 'a', session_id: 's0' }),
        item({ item_id: 'b', session_id: 's1' }),
        item({ item_id: 'c', session_id: 's1', role: 'assistant', source: 'voice' }),
      ],
      [],
      [],
    );
    expect(rows.map(({ key }) => key)).toEqual(['a', 'call:s1:b', 'b', 'c']);
  });

  it('joins a function call with its output', () => {
    const rows = threadRows(
      [
        item({ kind: 'function_call', role: 'tool', call_id: 'x', name: 'get_time', text: '{}' }),
        item({
          item_id: 'b',
          kind: 'function_call_output',
          role: 'tool',
          call_id: 'x',
          text: '10:00',
          created_at: '2026-01-01T10:00:00.250Z',
        }),
      ],
      [],
      [],
    );
    expect(rows).toEqual([
      { kind: 'tool', key: 'a', name: 'get_time', input: '{}', output: '10:00', durationMs: 250 },
    ]);
  });

  it('leaves out an answer that never said anything', () => {
    expect(threadRows([item({ role: 'assistant', text: '', status: 'incomplete' })], [], [])).toEqual([]);
  });
});
