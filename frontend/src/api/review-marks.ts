import { answer, api } from './client.ts';
import type { BulkResult, BulkWish, CallReviewState, LineComment, ReviewTag, SavedView } from './types.ts';

export const fetchTags = (): Promise<readonly ReviewTag[]> => answer(api.GET('/api/review/tags/'));

export const createTag = (name: string): Promise<ReviewTag> =>
  answer(api.POST('/api/review/tags/', { body: { name } }));

/** Answers with all tags of the call. */
export const tagCall = (sessionId: string, tag: number): Promise<readonly ReviewTag[]> =>
  answer(
    api.POST('/api/review/calls/{session_id}/tags/', { params: { path: { session_id: sessionId } }, body: { tag } }),
  );

export const untagCall = (sessionId: string, tag: number): Promise<void> =>
  answer(
    api.DELETE('/api/review/calls/{session_id}/tags/{tag_id}/', {
      params: { path: { session_id: sessionId, tag_id: tag } },
    }),
  );

export interface ReviewChanges {
  status?: CallReviewState['status'];
  rating?: number | null;
  note?: string;
}

/** What is absent stays. */
export const changeReview = (sessionId: string, changes: ReviewChanges): Promise<CallReviewState> =>
  answer(
    api.PATCH('/api/review/calls/{session_id}/review/', {
      params: { path: { session_id: sessionId } },
      body: changes,
    }),
  );

export const commentOnLine = (sessionId: string, itemId: string, text: string): Promise<LineComment> =>
  answer(
    api.POST('/api/review/calls/{session_id}/comments/', {
      params: { path: { session_id: sessionId } },
      body: { item_id: itemId, text },
    }),
  );

export const deleteComment = (id: number): Promise<void> =>
  answer(api.DELETE('/api/review/comments/{comment_id}/', { params: { path: { comment_id: id } } }));

export const changeManyCalls = (wish: BulkWish): Promise<BulkResult> =>
  answer(api.POST('/api/review/calls/bulk/', { body: wish }));

export const fetchSavedViews = (): Promise<readonly SavedView[]> => answer(api.GET('/api/review/views/'));

export const createSavedView = (
  name: string,
  filter: Readonly<Record<string, string>>,
  isShared: boolean,
): Promise<SavedView> => answer(api.POST('/api/review/views/', { body: { name, filter, is_shared: isShared } }));

export const deleteSavedView = (id: number): Promise<void> =>
  answer(api.DELETE('/api/review/views/{view_id}/', { params: { path: { view_id: id } } }));
