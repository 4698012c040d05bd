import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { fetchVoiceSession } from '../../api/realtime.ts';
import { endOfSession } from './end-of-session.ts';

vi.mock('../../api/realtime.ts', () => ({ fetchVoiceSession: vi.fn<typeof fetchVoiceSession>() }));
const server = vi.mocked(fetchVoiceSession);

/** What the server says of the session, from now on. */
const says = (state: string, end_reason = '', end_note = '') =>
  server.mockResolvedValue({ state, end_reason, end_note } as Awaited<ReturnType<typeof fetchVoiceSession>>);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a session that used up its answers ends with that word', async () => {
  says('ended', 'budget_exhausted');
  await expect(endOfSession('rtc_1_x')).resolves.toEqual({ code: 4402, reason: 'budget_exhausted' });
});

test('an end that is written a moment later is waited for', async () => {
  says('live');
  const end = endOfSession('rtc_1_x');
  await vi.advanceTimersByTimeAsync(50);
  says('ended', 'admin_ended');
  await vi.advanceTimersByTimeAsync(100);
  await expect(end).resolves.toMatchObject({ code: 4410 });
});

test('an administrator’s reason is told as a socket would tell it', async () => {
  says('ended', 'admin_ended', 'shift is over');
  const told: string[] = [];
  await endOfSession('rtc_1_x', (message) => told.push(message));
  expect(told).toEqual(['The session was ended by an administrator: shift is over']);
});

test.each([
  ['a session that goes on', () => says('live')],
  ['a network that swallows everything', () => server.mockReturnValue(new Promise(() => {}))],
])('%s means a lost line, soon', async (_, happens) => {
  happens();
  const end = endOfSession('rtc_1_x');
  await vi.advanceTimersByTimeAsync(3000);
  await expect(end).resolves.toEqual({ code: 1006, reason: '' });
});
