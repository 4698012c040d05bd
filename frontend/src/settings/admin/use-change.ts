import { useMutation, useQueryClient } from '@tanstack/react-query';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { useToast } from '../../ui/toast.tsx';

/** A change of the server's settings: said when done, everything on the page read anew. */
export function useChange<A>(change: (asked: A) => Promise<unknown>, done: string) {
  const queries = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: change,
    onSuccess: () => toast({ text: done }),
    onError: (error) => toast({ text: describeError(error), isError: true }),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: queryKeys.administration }),
        queries.invalidateQueries({ queryKey: queryKeys.voiceStatus }),
        queries.invalidateQueries({ queryKey: queryKeys.limits }),
      ]),
  });
}
