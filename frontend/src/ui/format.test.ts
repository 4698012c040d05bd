import { expect, it } from 'vitest';

import { counted, dateTime, duration, endReason, shortMoment, theirEndReason } from './format.ts';

it('writes durations as people read them', () => {
  expect(duration(0)).toBe('0:00');
  expect(duration(65_400)).toBe('1:05');
  expect(duration(3_723_000)).toBe('1:02:03');
});

it('gives a time for today and a date for other days', () => {
  const now = new Date('2026-03-05T18:00:00');
  expect(shortMoment('2026-03-05T09:30:00', now)).toMatch(/9:30/);
  expect(shortMoment('2026-03-01T09:30:00', now)).not.toMatch(/9:30/);
});

it('shows nothing for a time that is none', () => {
  expect(dateTime(null)).toBe('');
  expect(dateTime('never')).toBe('');
});

it('keeps an unknown end reason readable', () => {
  expect(endReason('user_hangup')).toBe('you hung up');
  expect(theirEndReason('user_hangup')).toBe('the user hung up');
  expect(theirEndReason('idle_timeout')).toBe('nobody spoke');
  expect(counted(1, 'turn')).toBe('1 turn');
  expect(counted(0, 'turn')).toBe('0 turns');
  expect(endReason('quantum_flip')).toBe('quantum flip');
});
