import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { OwnUsage } from '../../api/types.ts';
import type { WireEvent } from '../audio/messages.ts';
import { QuotaWatch } from './quota-watch.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const began = { type: 'events' as const, events: [{ type: 'session.created' }], sent: [] };
const minutes = (voice_s: number, voice_limit_s: number): Partial<OwnUsage> => ({
  voice_s,
  voice_limit_s,
  voice_left_s: voice_limit_s - voice_s,
  cost_limit_usd: null,
});

/** A call whose server says what is used; `asked` counts how often. */
function watched(usage: () => Partial<OwnUsage> | null) {
  const told: WireEvent[] = [];
  const seen = { asked: 0, told };
  const watch = new QuotaWatch(
    () => {
      seen.asked += 1;
      const used = usage();
      return used ? Promise.resolve(used as OwnUsage) : Promise.reject(new Error('away'));
    },
    (notice) => told.push(notice),
  );
  watch.follow(began);
  return { watch, seen };
}

test('voice time is asked for when four fifths of it will be gone, and told of once', async () => {
  let used = 20;
  const { seen } = watched(() => minutes(used, 100));
  await vi.advanceTimersByTimeAsync(59_000);
  expect([seen.asked, seen.told]).toEqual([1, []]);
  used = 82;
  await vi.advanceTimersByTimeAsync(4_000);
  expect(seen.told).toEqual([{ type: 'voiceassist.quota.notice', quota: 'minutes', used_percent: 82, left_s: 18 }]);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(seen.told).toHaveLength(1);
});

test('money that is nearly spent is told of in dollars and cents', async () => {
  const money = { cost_usd: '8.80000000', cost_limit_usd: '10.00000000', cost_left_usd: '1.20000000' };
  const { seen } = watched(() => ({ ...minutes(0, 100), ...money }));
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.told).toEqual([{ type: 'voiceassist.quota.notice', quota: 'money', used_percent: 88, left_usd: '1.20' }]);
});

test('a server that is away is asked again; the end of the line ends the asking', async () => {
  const { watch, seen } = watched(() => null);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seen.asked).toBe(2);
  watch.follow({ type: 'closed', code: 1006, reason: '', opened: true });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(seen.asked).toBe(2);
  watch.follow(began);
  expect(seen.asked).toBe(3);
  watch.stop();
});
