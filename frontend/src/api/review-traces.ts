import { answer, api } from './client.ts';
import { download } from './download.ts';
import { reasonHeader } from './review.ts';
import type { CallEvents, CallWaterfall } from './types.ts';

export const EVENTS_PAGE_SIZE = 100;
export const DIRECTIONS = ['from_client', 'to_provider', 'from_provider', 'to_client', 'gateway'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What is shown of an event log; an empty list stands for everything. */
export interface EventFilter {
  directions: readonly Direction[];
  types: readonly string[];
  find: string;
  page: number;
}

/** The stages of each answer of a call. */
export const fetchWaterfall = (sessionId: string): Promise<CallWaterfall> =>
  answer(api.GET('/api/review/calls/{session_id}/latency/', { params: { path: { session_id: sessionId } } }));

/** One page of a call's events; reading them is reading the conversation. */
export const fetchEvents = (sessionId: string, filter: EventFilter, reason: string): Promise<CallEvents> =>
  answer(
    api.GET('/api/review/calls/{session_id}/events/', {
      params: {
        path: { session_id: sessionId },
        header: reasonHeader(reason),
        query: {
          direction: [...filter.directions],
          type: [...filter.types],
          page: filter.page,
          page_size: EVENTS_PAGE_SIZE,
          ...(filter.find ? { find: filter.find } : {}),
        },
      },
    }),
  );

/** The whole log as a file of JSON lines. */
export const downloadEvents = (sessionId: string, reason: string): Promise<void> =>
  download(
    `/api/review/calls/${encodeURIComponent(sessionId)}/events/export/`,
    'events.jsonl',
    reasonHeader(reason),
  );
