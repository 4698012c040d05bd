import { answer, api } from './client.ts';
import { download } from './download.ts';
import type { Conversation, Item, Page } from './types.ts';

export type ExportFormat = 'md' | 'txt' | 'json' | 'vtt';

/** No conversation holds more pages than this; a server that keeps naming a next page is not believed. */
const MAX_ITEM_PAGES = 200;

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
  answer(api.GET('/api/conversations/{id}/', { params: { path: { id } } }));

/** All items in order, however many pages they fill. */
export async function fetchItems(id: string, signal?: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  for (let page = 1; page <= MAX_ITEM_PAGES; page += 1) {
    // Pages are asked for one after another: the server says whether there is a next one.
    // oxlint-disable-next-line no-await-in-loop
    const body = await answer(
      api.GET('/api/conversations/{id}/items/', {
        params: { path: { id }, query: page === 1 ? {} : { page } },
        signal: signal ?? null,
      }),
    );
    items.push(...body.results);
    if (!body.next) break;
  }
  return items;
}

export const createConversation = (title = ''): Promise<Conversation> =>
  answer(api.POST('/api/conversations/', { body: title ? { title } : {} }));

export const updateConversation = (
  id: string,
  changes: { title?: string; archived?: boolean },
): Promise<Conversation> =>
  answer(api.PATCH('/api/conversations/{id}/', { params: { path: { id } }, body: changes }));

export const deleteConversation = (id: string): Promise<void> =>
  answer(api.DELETE('/api/conversations/{id}/', { params: { path: { id } } }));

/** Saves the conversation as a file; the server names it where it can. */
export const exportConversation = (id: string, format: ExportFormat): Promise<void> =>
  download(`/api/conversations/${id}/export/?format=${format}`, `conversation.${format}`);
