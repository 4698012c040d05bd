import type { ReviewFilters } from '../api/review.ts';

export const FILTER_NAMES = [
  'search',
  'user',
  'date_from',
  'date_to',
  'model',
  'end_reason',
  'status',
] as const satisfies ReadonlyArray<keyof ReviewFilters>;

/** The filters live in the address, so that a list can be shared and comes back with the Back button. */
export function filtersOf(params: URLSearchParams): Required<ReviewFilters> {
  const value = (name: string): string => params.get(name) ?? '';
  return {
    search: value('search'),
    user: value('user'),
    date_from: value('date_from'),
    date_to: value('date_to'),
    model: value('model'),
    end_reason: value('end_reason'),
    status: value('status'),
  };
}

export function paramsOf(filters: ReviewFilters): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of FILTER_NAMES) {
    const value = filters[name]?.trim();
    if (value) params.set(name, value);
  }
  return params;
}
