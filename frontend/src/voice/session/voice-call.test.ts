import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Scene, settle } from './conversation-script.ts';

const NOTHING = { contexts: 0, tracks: 0, sockets: 0, workers: 0 };
const ALL = { contexts: 1, tracks: 1, sockets: 1, workers: 1 };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('starting', () => {
  test('a known permission leads through pre-buffer to listening', async () => {
    const scene = new Scene();
    expect(scene.state).toBe('idle');
    await scene.call.start();
    await settle();
    expect(scene.state).toBe('pre-buffer');
    scene.hears({ type: 'session.created', session: {} });
    expect(scene.state).toBe('listening');
    expect(scene.held).toEqual(ALL);
    expect(scene.minted).toEqual([{ conversation_id: 'c1' }]);
  });

  test('the first time, the question of the browser is explained before it comes', async () => {
    const scene = new Scene();
    scene.permission = 'prompt';
    await scene.call.start();
    await settle();
    expect(scene.state).toBe('priming');
    expect([scene.minted.length, scene.held.tracks]).toEqual([0, 0]);
    scene.call.proceed();
    await settle();
    expect(scene.state).toBe('pre-buffer');
    expect(scene.memory.has('voiceassist.voice-explained')).toBe(true);
  });

  test('the second time it is not explained again', async () => {
    const scene = new Scene();
    scene.permission = 'prompt';
    scene.memory.set('voiceassist.voice-explained', 'yes');
    await scene.call.start();
    await settle();
    expect(scene.state).toBe('pre-buffer');
  });

  test('a refused microphone costs no session and is named', async () => {
    const scene = new Scene();
    scene.permission = 'prompt';
    scene.microphoneError = 'NotAllowedError';
    await scene.call.start();
    scene.call.proceed();
    await settle();
    expect(scene.call.getView().fault?.kind).toBe('mic-denied');
    expect(scene.minted).toEqual([]);
    expect(scene.held).toEqual(NOTHING);
  });

  test.each([
    ['NotFoundError', 'mic-missing'],
    ['NotReadableError', 'mic-busy'],
    ['InvalidStateError', 'audio-engine'],
  ])('%s of the device is %s', async (name, kind) => {
    const scene = new Scene();
    scene.microphoneError = name;
    await scene.call.start();
    await settle();
    expect(scene.call.getView().fault?.kind).toBe(kind);
    expect(scene.held).toEqual(NOTHING);
  });

  test.each([
    ['insecure', 'insecure-origin'],
    ['unsupported', 'unsupported-browser'],
  ] as const)('a browser that is %s is told so', async (support, kind) => {
    const scene = new Scene();
    scene.support = support;
    await scene.call.start();
    expect(scene.call.getView().fault?.kind).toBe(kind);
    expect(scene.held).toEqual(NOTHING);
  });

  test.each([
    [{ status: 503, code: 'realtime_disabled', retryAfterS: null }, 'voice-disabled'],
    [{ status: 503, code: 'upstream_unavailable', retryAfterS: 5 }, 'upstream-down'],
    [{ status: 429, code: 'too_many_sessions', retryAfterS: 5 }, 'too-many-calls'],
    [{ status: 429, code: 'quota_exhausted', retryAfterS: 3600 }, 'quota'],
    [{ status: 403, code: 'forbidden', retryAfterS: null }, 'not-allowed'],
    [{ status: 404, code: 'conversation_not_found', retryAfterS: null }, 'conversation-gone'],
    [{ status: 500, code: 'internal_error', retryAfterS: null }, 'server-fault'],
    [{ status: 0, code: 'offline', retryAfterS: null }, 'offline'],
    [{ status: 0, code: 'unreachable', retryAfterS: null }, 'server-unreachable'],
    [{ status: -1, code: 'TypeError', retryAfterS: null }, 'server-fault'],
  ])('a mint that fails with %j is shown as %s and holds nothing', async (problem, kind) => {
    const scene = new Scene();
    scene.mintProblem = problem;
    await scene.call.start();
    await settle();
    expect(scene.call.getView().fault).toMatchObject({ kind, retryAfterS: problem.retryAfterS });
    expect(scene.held).toEqual(NOTHING);
  });

  test('offline, then online: Retry connects', async () => {
    const scene = new Scene();
    scene.mintProblem = { status: 0, code: 'offline', retryAfterS: null };
    await scene.call.start();
    await settle();
    expect(scene.state).toBe('error');
    scene.mintProblem = null;
    await scene.connected();
    expect(scene.state).toBe('listening');
  });

  test('a session that does not come within 15 seconds is given up', async () => {
    const scene = new Scene();
    await scene.call.start();
    await settle();
    vi.advanceTimersByTime(4000);
    expect(scene.call.getView().slow).toBe(true);
    vi.advanceTimersByTime(11_000);
    await settle();
    expect(scene.call.getView().fault?.kind).toBe('connect-timeout');
    expect(scene.held).toEqual(NOTHING);
  });

  test('a conversation made by the server is told once the call is ready', async () => {
    const scene = new Scene(null);
    const created = vi.fn<(conversationId: string) => void>();
    scene.call.listeners = { conversationCreated: created };
    await scene.connected();
    expect(created).toHaveBeenCalledExactlyOnceWith('made');
    expect(scene.call.getView().sessionConfig).toMatchObject({ api_key: 'redacted', session_id: 'rtc_1_1' });
  });

  test('a secret that expired is replaced silently, once', async () => {
    const scene = new Scene();
    await scene.call.start();
    await settle();
    scene.closes(4401, 'client_secret_expired');
    await settle();
    expect([scene.state, scene.minted.length]).toEqual(['pre-buffer', 2]);
    scene.closes(4401, 'client_secret_expired');
    await settle();
    expect(scene.call.getView().fault?.kind).toBe('secret-expired');
  });

  test.each(['client_secret_used', 'invalid_client_secret', 'invalid_api_key'])(
    'a secret refused as %s is replaced silently too',
    async (reason) => {
      const scene = new Scene();
      await scene.call.start();
      await settle();
      scene.closes(4401, reason);
      await settle();
      expect([scene.state, scene.minted.length]).toEqual(['pre-buffer', 2]);
    },
  );

  test('pressing Start twice opens one call', async () => {
    const scene = new Scene();
    await Promise.all([scene.call.start(), scene.call.start()]);
    await settle();
    await scene.call.start();
    expect(scene.minted).toHaveLength(1);
  });
});

describe('turns', () => {
  test('listening, user-speaking, thinking, speaking, listening', async () => {
    const scene = await new Scene().connected();
    scene.hears({ type: 'input_audio_buffer.speech_started', item_id: 'u1' });
    expect(scene.state).toBe('user-speaking');
    scene.hears({ type: 'input_audio_buffer.speech_stopped', item_id: 'u1' });
    expect(scene.state).toBe('thinking');
    scene.bot('a1', 'Hello how are you');
    expect(scene.state).toBe('thinking');
    scene.plays({ type: 'started', item_id: 'a1' });
    expect(scene.state).toBe('speaking');
    scene.plays({ type: 'finished', item_id: 'a1', played_ms: 1000 });
    expect(scene.state).toBe('listening');
  });

  test('a burst that was generated before it sounds never falls back to listening', async () => {
    const scene = (await new Scene().connected()).user('u1', 'hello').bot('a1', 'Hello');
    vi.advanceTimersByTime(5000);
    expect(scene.state).toBe('thinking');
  });

  test('late audio of a cut answer does not leave the panel thinking', async () => {
    const scene = (await new Scene().connected()).bot('a1', 'One two three');
    scene.plays({ type: 'started', item_id: 'a1' }).interruptAfter('a1', 300);
    scene.hears({ type: 'response.output_audio.delta', item_id: 'a9', response_id: 'r-a1', audio_ms: 50, unplayed: true });
    vi.advanceTimersByTime(700);
    expect(scene.state).toBe('listening');
  });

  test('an interruption shows «stopped» for 0.7 s, then who is speaking', async () => {
    const scene = (await new Scene().connected()).bot('a1', 'Hello how are you');
    scene.plays({ type: 'started', item_id: 'a1' });
    scene.hears({ type: 'input_audio_buffer.speech_started', item_id: 'u2' }).interruptAfter('a1', 500);
    expect(scene.state).toBe('interrupted');
    vi.advanceTimersByTime(700);
    expect(scene.state).toBe('user-speaking');
    expect(scene.call.getView().items[0]).toMatchObject({ status: 'interrupted', heardText: 'Hello how' });
  });

  test('a cough does not leave the panel thinking for ever', async () => {
    const scene = (await new Scene().connected()).user('u1', '');
    expect(scene.state).toBe('thinking');
    vi.advanceTimersByTime(10_000);
    expect(scene.state).toBe('listening');
    expect(scene.call.getView().items).toEqual([]);
  });

  test('typed words stop the assistant and are answered after the cancelled response is done', async () => {
    const scene = await new Scene().connected();
    scene.hears({ type: 'response.created', response: { id: 'r1' } });
    scene.call.sendMessage('  What time is it? ');
    expect(scene.interrupts).toBe(1);
    expect(scene.sent.map((event) => event.type)).toEqual(['conversation.item.create']);
    scene.hears({ type: 'response.done', response: { id: 'r1', status: 'cancelled' } });
    expect(scene.sent.map((event) => event.type)).toEqual(['conversation.item.create', 'response.create']);
    expect(scene.state).toBe('thinking');
  });

  test('a response asked for too early is asked for again when the running one is done', async () => {
    const scene = await new Scene().connected();
    scene.call.sendMessage('hello');
    scene.hears({ type: 'error', error: { code: 'conversation_already_has_active_response', message: 'busy' } });
    expect(scene.sent).toHaveLength(2);
    scene.hears({ type: 'response.done', response: { id: 'other' } });
    expect(scene.sent.map((event) => event.type).slice(1)).toEqual(['response.create', 'response.create']);
    expect(scene.call.getView().notice).toBeNull();
  });

  test('trouble with the provider is shown and taken back', async () => {
    const scene = await new Scene().connected();
    scene.hears({ type: 'error', error: { code: 'provider_reconnecting', message: 'One moment, please.' } });
    expect(scene.call.getView().notice).toBe('One moment, please.');
    scene.hears({ type: 'error', error: { code: 'provider_reconnected', message: 'Back.' } });
    expect(scene.call.getView().notice).toBe('');
  });

  test('a failed response is said in the server’s words', async () => {
    const scene = await new Scene().connected();
    scene.hears({
      type: 'response.done',
      response: { id: 'r', status: 'failed', status_details: { error: { code: 'x', message: 'The voice is busy.' } } },
    });
    expect(scene.call.getView().notice).toBe('The voice is busy.');
  });
});

describe('microphone', () => {
  test('three seconds of nothing but zeros are reported, and taken back with the first sound', async () => {
    const scene = (await new Scene().connected()).microphone(0, true);
    vi.advanceTimersByTime(2999);
    expect(scene.state).toBe('listening');
    vi.advanceTimersByTime(1);
    expect(scene.state).toBe('no-mic-signal');
    scene.microphone(0.01, false);
    expect(scene.state).toBe('listening');
  });

  test('a muted microphone is not reported as dead, and speech into it is noticed', async () => {
    const scene = await new Scene().connected();
    scene.call.setMuted(true);
    scene.microphone(0, true);
    vi.advanceTimersByTime(5000);
    expect([scene.state, scene.muted]).toEqual(['muted', true]);
    scene.microphone(0.2, false);
    expect(scene.call.getView().speakingWhileMuted).toBe(true);
    scene.call.setMuted(false);
    expect([scene.state, scene.muted]).toEqual(['listening', false]);
  });

  test('an unplugged microphone is reported', async () => {
    const scene = (await new Scene().connected()).unplugged();
    vi.advanceTimersByTime(3000);
    expect(scene.state).toBe('no-mic-signal');
  });
});

describe('a lost line', () => {
  test('is re-dialled with a new secret for the same conversation', async () => {
    const scene = await new Scene(null).connected();
    scene.closes(1006);
    expect(scene.state).toBe('reconnecting');
    expect(scene.held).toMatchObject({ contexts: 1, tracks: 1 });
    await vi.advanceTimersByTimeAsync(700);
    expect(scene.minted).toEqual([{}, { conversation_id: 'made' }]);
    scene.hears({ type: 'session.created', session: {} });
    expect(scene.state).toBe('listening');
  });

  test('is given up after five attempts of growing distance', async () => {
    const scene = await new Scene().connected();
    scene.mintProblem = { status: 0, code: 'unreachable', retryAfterS: null };
    scene.closes(1012, 'server_draining');
    const lasted = async () => {
      const from = Date.now();
      while (scene.state === 'reconnecting') await vi.advanceTimersByTimeAsync(50);
      return Date.now() - from;
    };
    const waited = await lasted();
    expect(scene.minted).toHaveLength(6);
    expect(waited).toBeGreaterThan(15_500 * 0.8);
    expect(waited).toBeLessThan(15_500 * 1.2 + 500);
    expect(scene.call.getView()).toMatchObject({ state: 'ended', endReason: 'lost' });
    expect(scene.held).toEqual(NOTHING);
  });

  test('can be retried at once, and a fatal answer ends the attempts', async () => {
    const scene = await new Scene().connected();
    scene.closes(1013);
    scene.mintProblem = { status: 503, code: 'realtime_disabled', retryAfterS: null };
    scene.call.retryNow();
    await settle();
    expect(scene.call.getView().fault?.kind).toBe('voice-disabled');
  });
});

describe('ending', () => {
  test.each([
    [1000, '', 'server-ended'],
    [1000, 'idle_timeout', 'idle'],
    [1001, 'session_expired', 'time-limit'],
    [4409, 'superseded', 'moved'],
    [4410, 'ended', 'ended-by-admin'],
  ])('close %i is the end «%s»', async (code, reason, endReason) => {
    const scene = (await new Scene().connected()).closes(code, reason);
    expect(scene.call.getView()).toMatchObject({ state: 'ended', endReason });
  });

  test.each([
    [4401, 'not_authenticated', 'signed-out'],
    [4402, 'quota_exhausted', 'quota'],
    [4403, 'forbidden', 'not-allowed'],
    [4404, 'not_found', 'conversation-gone'],
    [4429, 'too_many_sessions', 'too-many-calls'],
    [4502, 'upstream_failed', 'upstream-down'],
    [4502, 'upstream_auth', 'upstream-auth'],
    [4502, 'upstream_model', 'model-retired'],
    [4502, 'upstream_quota', 'upstream-limit'],
    [4429, 'uplink_full', 'rate-limited'],
    [4504, 'upstream_timed_out', 'upstream-down'],
    [1009, 'frame_too_big', 'server-fault'],
  ])('close %i %s is the fault %s, with its session to report', async (code, reason, kind) => {
    const scene = (await new Scene().connected()).closes(code, reason);
    expect(scene.call.getView().fault).toMatchObject({ kind, code: `${code} ${reason}`, sessionId: 'rtc_1_1' });
  });

  test('hanging up releases the microphone before it returns and everything soon after', async () => {
    const scene = await new Scene().connected();
    scene.nowMs += 65_000;
    scene.call.end();
    expect(scene.held.tracks).toBe(0);
    await settle();
    expect(scene.held).toEqual(NOTHING);
    const view = scene.call.getView();
    expect(view).toMatchObject({ state: 'ended', endReason: 'you-hung-up' });
    expect((view.endedAt ?? 0) - (view.startedAt ?? 0)).toBe(65_000);
  });

  test('twenty calls one after another leave nothing behind', async () => {
    const scene = new Scene();
    for (let turn = 0; turn < 20; turn++) {
      await scene.connected();
      expect(scene.held).toEqual(ALL);
      scene.user('u', 'hello').bot('a', 'Hi');
      scene.call.end();
      await settle();
      expect(scene.held).toEqual(NOTHING);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ending in any state before the call is live releases too', async () => {
    const scene = new Scene();
    scene.permission = 'prompt';
    await scene.call.start();
    scene.call.end();
    await settle();
    expect([scene.state, scene.held]).toEqual(['idle', NOTHING]);
    scene.permission = 'granted';
    const starting = scene.call.start();
    await starting;
    scene.call.cancel();
    await settle();
    expect([scene.state, scene.held]).toEqual(['idle', NOTHING]);
  });
});
