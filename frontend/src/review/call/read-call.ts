import { ApiError } from '../../api/api-error.ts';
import { fetchReviewConversation } from '../../api/review.ts';
import { fetchCalls } from '../../api/review-calls.ts';
import type { Item, ReviewCall } from '../../api/types.ts';

export interface ReadCall {
  call: ReviewCall;
  /** What was said in this call, in its order; other calls of the conversation left out. */
  items: readonly Item[];
  startedAt: string;
}

/** Reads a call's transcript: the look is logged with the reason. Throws ApiError. */
export async function readCall(sessionId: string, reason: string): Promise<ReadCall> {
  const found = await fetchCalls({ search: sessionId });
  const call = found.results.find((each) => each.session_id === sessionId);
  if (!call) throw new ApiError(404, 'not_found', 'There is no such call, or its owner keeps it private.');
  const transcript = call.conversation_id === null ? null : await fetchReviewConversation(call.conversation_id, reason);
  const items = transcript?.items.filter((item) => item.session_id === sessionId) ?? [];
  return { call, items, startedAt: call.started_at };
}
