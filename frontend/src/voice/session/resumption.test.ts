import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Scene, settle } from './conversation-script.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A call whose line broke while the assistant was speaking, and that dials again. */
const lost = async () => {
  const scene = await new Scene().connected();
  scene.user('u1', 'hello').bot('a1', 'Hi there');
  scene.plays({ type: 'started', item_id: 'a1' }).hears({ type: 'x', event_id: 'event_9' }).closes(1006);
  await vi.advanceTimersByTimeAsync(700);
  return scene;
};
const resumed = (recovered: boolean) => ({ type: 'voiceassist.session.resumed', event_id: 'event_r', recovered });

describe('a line that comes back', () => {
  test('asks for the same session with the same secret, behind the last event', async () => {
    const scene = await lost();
    expect(scene.minted).toHaveLength(1);
    expect(scene.dialled).toMatchObject([
      { url: 'ws://host/v1/realtime', resuming: false },
      { url: 'ws://host/v1/realtime?after=event_9', resuming: true },
    ]);
    expect(scene.state).toBe('reconnecting');
  });

  test('goes on as if nothing had happened when everything missed comes after', async () => {
    const scene = await lost();
    const missed = vi.fn<() => void>();
    scene.call.listeners = { missed };
    const before = scene.call.getView().items;
    scene.hears(resumed(true));
    expect(scene.state).toBe('speaking');
    expect(scene.call.getView().items).toEqual(before);
    scene.plays({ type: 'finished', item_id: 'a1', played_ms: 1000 });
    expect(scene.state).toBe('listening');
    expect(scene.call.getView().items).toHaveLength(2);
    expect(missed).not.toHaveBeenCalled();
  });

  test('has the history read again when something was missed for good', async () => {
    const scene = await lost();
    const missed = vi.fn<() => void>();
    scene.call.listeners = { missed };
    scene.hears(resumed(false));
    expect(missed).toHaveBeenCalledOnce();
    expect(scene.call.getView()).toMatchObject({ connected: true, attempt: 0 });
    expect(scene.call.getView().items.every((item) => item.isFinal)).toBe(true);
    scene.call.sendMessage('are you there');
    expect(scene.sent.map((event) => event.type)).toEqual(['conversation.item.create', 'response.create']);
  });

  test.each([
    [4401, 'client_secret_used'],
    [4401, 'invalid_client_secret'],
  ])('mints anew at once when the session refuses with %i %s', async (code, reason) => {
    const scene = await lost();
    scene.closes(code, reason);
    await settle();
    expect(scene.minted).toEqual([{ conversation_id: 'c1' }, { conversation_id: 'c1' }]);
    expect(scene.dialled.at(-1)).toMatchObject({ url: 'ws://host/v1/realtime', resuming: false });
    scene.hears({ type: 'session.created', session: {} });
    expect(scene.call.getView().connected).toBe(true);
  });

  test.each([
    [1006, ''],
    [1013, 'overloaded'],
    [4429, 'too_many_sessions'],
  ])('tries the same session again when the attempt ends with %i %s', async (code, reason) => {
    const scene = await lost();
    scene.closes(code, reason);
    expect(scene.state).toBe('reconnecting');
    await vi.advanceTimersByTimeAsync(1500);
    expect(scene.dialled.at(-1)).toMatchObject({ url: 'ws://host/v1/realtime?after=event_9', resuming: true });
    scene.hears(resumed(true));
    expect(scene.call.getView().connected).toBe(true);
  });

  test('signed out meanwhile, it ends', async () => {
    const scene = await lost();
    scene.closes(4401, 'not_authenticated');
    expect(scene.call.getView().fault?.kind).toBe('signed-out');
  });

  test('the next call is a new session', async () => {
    const scene = await lost();
    scene.call.end();
    await settle();
    await scene.connected();
    expect(scene.dialled.at(-1)?.resuming).toBe(false);
  });
});
