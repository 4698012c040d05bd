import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { NO_WAY } from '../audio/messages.ts';
import { Scene, settle } from './conversation-script.ts';
import { FELL_BACK } from './route.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const scene = (choice: string | null, preferred: 'webrtc' | 'websocket', webrtc = true): Scene => {
  const made = new Scene();
  made.offer = { webrtc, preferred };
  if (choice !== null) made.memory.set('voiceassist.connection', choice);
  return made;
};

describe('the way of a call', () => {
  test.each([
    [null, 'webrtc', true, true, 'webrtc'],
    [null, 'websocket', true, true, 'websocket'],
    ['auto', 'webrtc', true, true, 'webrtc'],
    ['webrtc', 'websocket', true, true, 'webrtc'],
    ['websocket', 'webrtc', true, true, 'websocket'],
    ['webrtc', 'webrtc', false, true, 'websocket'],
    ['webrtc', 'webrtc', true, false, 'websocket'],
  ] as const)('chosen %s, preferred %s, offered %s, able %s: %s', async (choice, preferred, offered, able, expected) => {
    const call = scene(choice, preferred, offered);
    call.hasWebRtc = able;
    await call.connected();
    expect(call.dialled.map(({ kind }) => kind)).toEqual([expected]);
    expect(call.call.getView().line).toBe(expected);
    expect(call.minted[0]?.transport).toBe(expected === 'webrtc' ? 'webrtc' : undefined);
  });

  test('that does not get through is left for WebSocket, with a word, and stays left', async () => {
    const call = scene('webrtc', 'webrtc');
    await call.call.start();
    await settle();
    // Nothing keeps what is said by then, so nobody is told to go ahead.
    expect(call.state).toBe('connecting');
    call.closes(0, NO_WAY);
    await settle();
    call.hears({ type: 'session.created', session: {} });
    expect(call.state).toBe('listening');
    expect(call.dialled.map(({ kind }) => kind)).toEqual(['webrtc', 'websocket']);
    expect(call.call.getView()).toMatchObject({ fellBack: true, notice: FELL_BACK });
    expect(call.held.workers).toBe(1);
    call.call.end();
    await call.call.settled();
    await call.connected();
    expect(call.dialled.at(-1)?.kind).toBe('websocket');
  });

  test('a WebRTC call that is lost is made anew for the same conversation', async () => {
    const call = await scene('webrtc', 'webrtc').connected();
    call.closes(1006);
    await vi.advanceTimersByTimeAsync(700);
    expect(call.dialled.map(({ kind, resuming }) => [kind, resuming])).toEqual([
      ['webrtc', false],
      ['webrtc', false],
    ]);
    expect(call.minted.map(({ conversation_id }) => conversation_id)).toEqual(['c1', 'c1']);
  });

  test('a refusal is not a way that fails: it is told', async () => {
    const call = scene('webrtc', 'webrtc');
    await call.call.start();
    await settle();
    call.closes(4402, 'quota_exhausted');
    expect(call.call.getView().fault?.kind).toBe('quota');
    expect(call.dialled).toHaveLength(1);
  });
});
