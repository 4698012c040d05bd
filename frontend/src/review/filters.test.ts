import { expect, it } from 'vitest';

import { filtersOf, paramsOf } from './filters.ts';

it('keeps filters in the address and leaves empty ones out', () => {
  const params = paramsOf({ search: ' refund ', user: '', status: 'live' });
  expect(params.toString()).toBe('search=refund&status=live');
  expect(filtersOf(params)).toMatchObject({ search: 'refund', status: 'live', user: '' });
});
