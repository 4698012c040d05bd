import type { QueryClient } from '@tanstack/react-query';

/**
 * Fetches anew what is shown under this key. A first load that is under way may have been answered before
 * something changed, and is not asked again while it runs: so once more when it is done.
 */
export async function refetch(client: QueryClient, queryKey: readonly unknown[]): Promise<void> {
  const isFirst = client.isFetching({ queryKey, predicate: ({ state }) => state.data === undefined }) > 0;
  await client.invalidateQueries({ queryKey });
  if (isFirst) await client.invalidateQueries({ queryKey });
}
