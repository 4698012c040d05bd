import { expect, it } from 'vitest';

import { percentile } from './latency.ts';

it('takes a value that was measured, by nearest rank', () => {
  expect(percentile(50, [])).toBeNull();
  expect(percentile(50, [400, 100, 300, 200])).toBe(200);
  expect(percentile(95, [400, 100, 300, 200])).toBe(400);
  expect(percentile(90, [7])).toBe(7);
});
