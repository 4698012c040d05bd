import { expect, it } from 'vitest';

import { callFiltersOf, filterWords, withCallFilters } from './call-filters.ts';

it('keeps filters in the address, leaves empty ones out and ignores what it does not know', () => {
  const params = new URLSearchParams('search=refund&preset=last_week&interrupted=true&user=&x=1&page=3');
  expect(callFiltersOf(params)).toEqual({ search: 'refund', preset: 'last_week', interrupted: 'true' });
});

it('keeps the order of the rows and begins on the first page when the filter changes', () => {
  const next = withCallFilters(new URLSearchParams('page=3&sort=-cost&user=bob'), { search: ' hi ', user: '' });
  expect(next.toString()).toBe('search=hi&sort=-cost');
});

it('says a filter in words', () => {
  expect(filterWords('interrupted', 'true')).toBe('Interrupted: yes');
  expect(filterWords('end_reason', 'user_hangup')).toBe('How it ended: the user hung up');
  expect(filterWords('duration_min_s', '30')).toBe('At least long: 30 s');
  expect(filterWords('model', 'gpt-x')).toBe('Model: gpt-x');
});
