import { answer, api } from './client.ts';
import type { ExportFormat } from './conversations.ts';
import { download } from './download.ts';
import type { Page, ReviewConversation, ReviewSession, ReviewTranscript } from './types.ts';

/** Empty ones are left out of the address. */
export interface ReviewFilters {
  search?: string;
  user?: string;
  date_from?: string;
  date_to?: string;
  model?: string;
  end_reason?: string;
  status?: string;
}

export const fetchReviewConversations = (
  filters: ReviewFilters,
  page: number,
  signal?: AbortSignal,
): Promise<Page<ReviewConversation>> => {
  const set = Object.fromEntries(Object.entries(filters).filter(([, value]) => value));
  return answer(
    api.GET('/api/review/conversations/', {
      params: { query: { ...set, page } },
      signal: signal ?? null,
    }),
  );
};

/** Header values are ASCII; the server decodes. */
export const reasonHeader = (reason: string): { 'X-Access-Reason'?: string } =>
  reason ? { 'X-Access-Reason': encodeURIComponent(reason) } : {};

/** Reading somebody else's writes one access-log row per visit; `reason` is stored with it. */
export const fetchReviewConversation = (id: string, reason: string): Promise<ReviewTranscript> =>
  answer(
    api.GET('/api/review/conversations/{conversation_id}/', {
      params: { path: { conversation_id: id }, header: reasonHeader(reason) },
    }),
  );

/** Saves somebody's conversation as a file; logged like reading it. */
export const exportReviewConversation = (
  id: string,
  format: ExportFormat,
  reason: string,
): Promise<void> =>
  download(
    `/api/review/conversations/${id}/export/?format=${format}`,
    `conversation.${format}`,
    reasonHeader(reason),
  );

export const endSession = (id: string, reason: string): Promise<ReviewSession> =>
  answer(api.POST('/api/review/sessions/{session_id}/end', { params: { path: { session_id: id } }, body: { reason } }));
