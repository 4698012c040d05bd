import { expect, it } from 'vitest';

import { ms, percent, usd, whole } from './numbers.ts';

it('shows money so that a short call is not free', () => {
  expect(usd('0.00342100')).toBe('$0.0034');
  expect(usd('12.5')).toBe('$12.50');
  expect(usd(0)).toBe('$0.00');
  expect(usd(null)).toBe('–');
});

it('shows what was not measured as a dash, never as nothing', () => {
  expect([whole(undefined), ms(null), percent(''), ms(Number.NaN)]).toEqual(['–', '–', '–', '–']);
  expect(ms(812.4)).toBe('812 ms');
  expect(percent(0.031)).toBe('3.1 %');
  expect(percent(0.5)).toBe('50 %');
});
