import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';

import { validAccessToken } from '../api/auth.ts';
import { type Notice, startFeed } from '../api/feed.ts';
import { refetch } from '../api/refetch.ts';
import { staleKeys } from './stale-keys.ts';

const GATHER_MS = 120;

/** Fetches once for a burst of notices: a finished answer alone causes several. */
function gatherer(client: QueryClient): { add(notice: Notice): void; stop(): void } {
  const gathered = new Map<string, readonly unknown[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    add(notice) {
      for (const key of staleKeys(notice)) gathered.set(key.join(' '), key);
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const queryKey of gathered.values()) void refetch(client, queryKey);
        gathered.clear();
      }, GATHER_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Keeps what is shown fresh while somebody is signed in. */
export function FeedProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  useEffect(() => {
    const notices = gatherer(client);
    let isFirst = true;
    const stop = startFeed({
      url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws/feed`,
      token: validAccessToken,
      onNotice: notices.add,
      onConnected() {
        // The first connection follows a fresh load; after any later one something may have been missed.
        if (!isFirst) void client.invalidateQueries();
        isFirst = false;
      },
    });
    return () => {
      stop();
      notices.stop();
    };
  }, [client]);
  return children;
}
