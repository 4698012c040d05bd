import { answer, api } from './client.ts';
import { download } from './download.ts';
import type { CallQuery } from './review-calls.ts';
import type { UsageBoard } from './types.ts';

/** The filter is that of the call list; without days, the last 30. */
export const fetchReviewUsage = (query: CallQuery, signal?: AbortSignal): Promise<UsageBoard> =>
  answer(
    // The schema offers CSV as well, which is answered only to who asks for it.
    api.GET('/api/review/usage/', { params: { query }, signal: signal ?? null }) as Promise<{
      data?: UsageBoard;
      response: Response;
    }>,
  );

/** Saves the same numbers as a spreadsheet. */
export const downloadReviewUsage = (query: CallQuery): Promise<void> =>
  download(`/api/review/usage/?${new URLSearchParams({ ...query, format: 'csv' }).toString()}`, 'usage.csv');
