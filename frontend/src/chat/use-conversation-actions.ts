import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';

import { describeError } from '../api/api-error.ts';
import { deleteConversation, exportConversation, type ExportFormat, updateConversation } from '../api/conversations.ts';
import { queryKeys } from '../api/query-keys.ts';
import type { Conversation } from '../api/types.ts';
import { useToast } from '../ui/toast.tsx';
import { titleOf } from './conversation-title.ts';

export interface ConversationActions {
  rename(title: string): void;
  /** With an Undo in the toast that follows. */
  archive(isArchived: boolean): void;
  /** Keeps it from reviewers, or lets them read it again; with an Undo. */
  keepPrivate(isPrivate: boolean): void;
  /** Throws ApiError; asking first is the caller's part. */
  remove(): Promise<void>;
  export(format: ExportFormat): void;
}

/** What can be done to a conversation. Failures become toasts, except where the caller waits for the answer. */
export function useConversationActions(conversation: Conversation | undefined): ConversationActions {
  const client = useQueryClient();
  const toast = useToast();
  return useMemo(() => {
    const id = conversation?.id ?? '';
    const refresh = (): Promise<unknown> =>
      Promise.all([
        client.invalidateQueries({ queryKey: queryKeys.conversationLists }),
        client.invalidateQueries({ queryKey: queryKeys.conversation(id), exact: true }),
      ]);
    const complain = (error: unknown): void => toast({ text: describeError(error), isError: true });
    const setArchived = (isArchived: boolean): Promise<unknown> =>
      updateConversation(id, { archived: isArchived }).then(refresh);
    const setPrivate = (isPrivate: boolean): Promise<unknown> =>
      updateConversation(id, { private: isPrivate }).then(refresh);

    return {
      rename(title) {
        updateConversation(id, { title }).then(refresh).catch(complain);
      },
      archive(isArchived) {
        setArchived(isArchived)
          .then(() =>
            toast({
              text: `${conversation ? titleOf(conversation) : 'Conversation'} ${isArchived ? 'archived' : 'moved back'}.`,
              action: { label: 'Undo', run: () => void setArchived(!isArchived).catch(complain) },
            }),
          )
          .catch(complain);
      },
      keepPrivate(isPrivate) {
        setPrivate(isPrivate)
          .then(() =>
            toast({
              text: isPrivate ? 'Private: reviewers cannot read it.' : 'No longer private: reviewers may read it.',
              action: { label: 'Undo', run: () => void setPrivate(!isPrivate).catch(complain) },
            }),
          )
          .catch(complain);
      },
      async remove() {
        await deleteConversation(id);
        client.removeQueries({ queryKey: queryKeys.conversation(id) });
        await client.invalidateQueries({ queryKey: queryKeys.conversationLists });
      },
      export(format) {
        exportConversation(id, format).catch(complain);
      },
    };
  }, [client, toast, conversation]);
}
