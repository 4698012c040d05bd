import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Scene } from './conversation-script.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('what is left of a quota is said in minutes or money, and stays', async () => {
  const scene = await new Scene().connected();
  scene.hears({ type: 'voiceassist.quota.notice', quota: 'minutes', used_percent: 83, left_s: 230 });
  scene.hears({ type: 'response.created', response: { id: 'r' } });
  expect(scene.call.getView().limit).toBe('4 min left today');
  scene.hears({ type: 'voiceassist.quota.notice', quota: 'minutes', used_percent: 100, left_s: 0 });
  expect(scene.call.getView().limit).toBe('Less than 1 min left today');
  scene.hears({ type: 'voiceassist.quota.notice', quota: 'money', used_percent: 90, left_usd: '1.20' });
  expect(scene.call.getView().limit).toBe('$1.20 left this month');
});
