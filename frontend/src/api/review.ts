import { answer, api } from './client.ts';
import type { Page, ReviewConversation, VoiceSession } from './types.ts';

export type ReviewFilters = Record<string, string | number | undefined>;

export const fetchReviewConversations = (
  query: ReviewFilters,
  signal?: AbortSignal,
): Promise<Page<ReviewConversation>> =>
  answer(api.GET('/api/review/conversations/', { params: { query }, signal: signal ?? null }));

/** Reading writes one access-log row per visit; `reason` is stored with it. */
export const fetchReviewConversation = (id: string, reason: string): Promise<ReviewConversation> =>
  answer(
    api.GET('/api/review/conversations/{id}/', {
      params: { path: { id }, header: reason ? { 'X-Access-Reason': encodeURIComponent(reason) } : {} },
    }),
  );

export const endSession = (id: string, reason: string): Promise<VoiceSession> =>
  answer(api.POST('/api/review/sessions/{id}/end', { params: { path: { id } }, body: { reason } }));
