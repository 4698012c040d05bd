import { answer, api } from './client.ts';
import { download } from './download.ts';
import { followed, type Transcript } from './transcript.ts';
import type { Conversation, Page } from './types.ts';

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

/** Everything said in it, in order. Of what is known already only the changes are asked for. */
export const fetchTranscript = async (
  id: string,
  known: Transcript | undefined,
  signal?: AbortSignal,
): Promise<Transcript> =>
  followed(
    known,
    await answer(
      api.GET('/api/conversations/{conversation_id}/items/', {
        params: { path: { conversation_id: id }, query: known ? { since: known.seq } : {} },
        signal: signal ?? null,
      }),
    ),
  );

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
