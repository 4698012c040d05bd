import { answer, api } from './client.ts';
import { download } from './download.ts';
import type { OwnAccess, Page } from './types.ts';

/** Who has read one's conversations, when and why, the newest first. */
export const fetchOwnAccessLog = (page: number): Promise<Page<OwnAccess>> =>
  answer(api.GET('/api/me/access-log/', { params: { query: { page } } }));

/** Saves everything that is kept about one as a file. */
export const downloadOwnData = (): Promise<void> => download('/api/me/export/', 'voiceassist-data.json');

/** All of them, for good. */
export const deleteOwnConversations = async (): Promise<void> => {
  await answer(api.DELETE('/api/me/conversations/'));
};
