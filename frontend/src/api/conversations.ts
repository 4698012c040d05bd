import { answer, api } from './client.ts';
import { download } from './download.ts';
import type { Conversation, Item, Page } from './types.ts';

export type ExportFormat = 'md' | 'txt' | 'json' | 'vtt';

export const fetchConversations = (
  search: string,
  archived: boolean,
  page: number,
  signal?: AbortSignal,
): Promise<Page<Conversation>> =>
  answer(
    api.GET('/api/conversations/', {
      params: { query: { ...(search ? { search } : {}), ...(archived ? { archived } : {}), page } },
      signal: signal ?? null,
    }),
  );

export const fetchConversation = (id: string): Promise<Conversation> =>
  answer(api.GET('/api/conversations/{conversation_id}/', { params: { path: { conversation_id: id } } }));

/** Everything said in it, in order. */
export const fetchItems = async (id: string, signal?: AbortSignal): Promise<Item[]> => {
  const { results } = await answer(
    api.GET('/api/conversations/{conversation_id}/items/', { params: { path: { conversation_id: id } }, signal: signal ?? null }),
  );
  return results;
};

export const createConversation = (title = ''): Promise<Conversation> =>
  answer(api.POST('/api/conversations/', { body: { title } }));

export const updateConversation = (
  id: string,
  changes: { title?: string; archived?: boolean; private?: boolean },
): Promise<Conversation> =>
  answer(api.PATCH('/api/conversations/{conversation_id}/', { params: { path: { conversation_id: id } }, body: changes }));

export const deleteConversation = (id: string): Promise<void> =>
  answer(api.DELETE('/api/conversations/{conversation_id}/', { params: { path: { conversation_id: id } } }));

/** Saves the conversation as a file; the server names it where it can. */
export const exportConversation = (id: string, format: ExportFormat): Promise<void> =>
  download(`/api/conversations/${id}/export/?format=${format}`, `conversation.${format}`);
