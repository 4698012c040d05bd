import { answer, api } from './client.ts';
import { reasonHeader } from './review.ts';
import type { CallChoices, CallNeighbours, CallSummary, OneCall, Page, ReviewCall } from './types.ts';

/** The filter of the call list as the server takes it: empty values are left out. */
export type CallQuery = Readonly<Record<string, string>>;

export const fetchCalls = (query: CallQuery, signal?: AbortSignal): Promise<Page<ReviewCall>> =>
  answer(api.GET('/api/review/calls/', { params: { query }, signal: signal ?? null }));

/** The numbers of all calls that the filter lets through. */
export const fetchCallSummary = (query: CallQuery, signal?: AbortSignal): Promise<CallSummary> =>
  answer(api.GET('/api/review/calls/summary/', { params: { query }, signal: signal ?? null }));

/** What the filters can be set to. */
export const fetchCallChoices = (): Promise<CallChoices> => answer(api.GET('/api/review/calls/choices/'));

/** The calls beside one within the filter. */
export const fetchCallNeighbours = (sessionId: string, query: CallQuery): Promise<CallNeighbours> =>
  answer(
    api.GET('/api/review/calls/{session_id}/neighbours/', {
      params: { path: { session_id: sessionId }, query },
    }),
  );

/** Reading somebody else's writes one access-log row per visit; `reason` is stored with it. */
export const fetchCall = (sessionId: string, reason: string): Promise<OneCall> =>
  answer(
    api.GET('/api/review/calls/{session_id}/', {
      params: { path: { session_id: sessionId }, header: reasonHeader(reason) },
    }),
  );

/** What the event log says of these kinds, the earliest first; nothing where there is no log. */
export async function fetchLineEvents(
  sessionId: string,
  types: readonly string[],
  reason: string,
): Promise<ReadonlyArray<{ type: string; at_ms: number }>> {
  const page = await answer(
    api.GET('/api/review/calls/{session_id}/events/', {
      params: {
        path: { session_id: sessionId },
        query: { type: [...types], page_size: 200 },
        header: reasonHeader(reason),
      },
    }),
  );
  return page.results;
}
