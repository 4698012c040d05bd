import { afterEach, expect, it, vi } from 'vitest';

import { accessReason, keepAccessReason } from './access-reason.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('keeps the reason while transcripts are read, and asks again half an hour after the last one', () => {
  vi.useFakeTimers();
  expect(accessReason()).toBe('');
  keepAccessReason('  complaint 17 ');
  vi.advanceTimersByTime(29 * 60_000);
  expect(accessReason()).toBe('complaint 17');
  vi.advanceTimersByTime(29 * 60_000);
  expect(accessReason()).toBe('complaint 17');
  vi.advanceTimersByTime(30 * 60_000);
  expect(accessReason()).toBe('');
});
