import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Scene } from './conversation-script.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('tells the server how long an answer took to sound, and that it ran dry', async () => {
  const scene = await new Scene().connected();
  scene.plays({ type: 'started', item_id: 'a1', waited_ms: 30 }).plays({ type: 'starved', item_id: 'a1' });
  const told = scene.sent.filter(({ type }) => type === 'voiceassist.playout');
  expect(told).toMatchObject([
    { item_id: 'a1', playout_ms: expect.any(Number) },
    { item_id: 'a1', underruns: 1 },
  ]);
  expect(told[0]?.['playout_ms']).toBeGreaterThanOrEqual(30);
});

test('tells nothing of sound that the provider plays itself', async () => {
  const scene = await new Scene().connected();
  scene.plays({ type: 'started', item_id: 'a1' });
  expect(scene.sent.filter(({ type }) => type === 'voiceassist.playout')).toEqual([]);
});
