import { expect, it } from 'vitest';

import { labelStep, niceMax, rulerMarks } from './scale.ts';

it('ends an axis on a round number that no value passes', () => {
  expect(niceMax([])).toBe(1);
  expect(niceMax([0, Number.NaN])).toBe(1);
  expect(niceMax([7])).toBe(10);
  expect(niceMax([3, 23])).toBe(25);
  expect(niceMax([100])).toBe(100);
  expect(niceMax([0.012])).toBeCloseTo(0.02);
});

it('labels as many as there is room for', () => {
  expect(labelStep(5, 8)).toBe(1);
  expect(labelStep(30, 8)).toBe(4);
});

it('marks a ruler at round times', () => {
  expect(rulerMarks(4200, 6)).toEqual([0, 1000, 2000, 3000, 4000]);
  expect(rulerMarks(90_000, 6)).toEqual([0, 15_000, 30_000, 45_000, 60_000, 75_000, 90_000]);
  expect(rulerMarks(0, 6)).toEqual([0]);
  expect(rulerMarks(10 * 3_600_000, 5)).toHaveLength(6);
});
