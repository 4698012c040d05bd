import { expect, it } from 'vitest';

import { summaryOf } from './events.ts';

const entry = { n: 1, run: 1, at_ms: 100, direction: 'from_client', type: 'x', size: 9 } as const;

it('says how many a run was, and how much sound', () => {
  expect(summaryOf({ ...entry, event: {} })).toBe('');
  expect(summaryOf({ ...entry, last_ms: 350, count: 4 })).toBe('4 in 250 ms');
  expect(summaryOf({ ...entry, last_ms: 100, count: 2, audio_ms: 1540, audio_bytes: 960 })).toBe(
    '2 in 0 ms, 1.5 s of sound, 960 bytes',
  );
});
