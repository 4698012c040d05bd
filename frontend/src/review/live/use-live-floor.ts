import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { KeptSocket } from '../../api/feed.ts';
import { fetchLiveFloor, startFloorFeed } from '../../api/live-floor.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { LiveLine } from '../../api/types.ts';
import { BLANK, type FloorView, withFrame, withLines, withPolled } from './floor-store.ts';

export const POLL_MS = 5000;

export interface LiveFloorHandle {
  view: FloorView;
  /** Why polling fails, where it does. */
  error: Error | null;
  /** Read along from now on; also after the connection was made anew. */
  open(sessionId: string, reason: string): void;
  /** What was read of a call elsewhere. */
  learn(sessionId: string, lines: readonly LiveLine[]): void;
}

/** The floor, over the feed, and every five seconds by asking while there is none. */
export function useLiveFloor(): LiveFloorHandle {
  const [view, setView] = useState(BLANK);
  const socket = useRef<KeptSocket | null>(null);
  const opened = useRef(new Map<string, string>());

  const ask = useCallback((sessionId: string, reason: string) => {
    socket.current?.send(JSON.stringify({ type: 'open', session_id: sessionId, reason }));
  }, []);

  useEffect(() => {
    socket.current = startFloorFeed({
      onFrame: (frame) => {
        for (const sessionId of frame.gone) opened.current.delete(sessionId);
        setView((known) => withFrame(known, frame, Date.now()));
      },
      onConnected: () => {
        for (const [sessionId, reason] of opened.current) ask(sessionId, reason);
      },
      onLost: () => setView((known) => ({ ...known, line: 'polling' })),
    });
    return () => socket.current?.stop();
  }, [ask]);

  const polled = useQuery({
    queryKey: queryKeys.liveFloor,
    queryFn: ({ signal }) => fetchLiveFloor(signal),
    enabled: view.line === 'polling',
    refetchInterval: POLL_MS,
    staleTime: 0,
    gcTime: 0,
  });
  const { data } = polled;
  useEffect(() => {
    if (data) setView((known) => (known.line === 'polling' ? withPolled(known, data, Date.now()) : known));
  }, [data]);

  return {
    view,
    error: view.line === 'polling' ? polled.error : null,
    open: useCallback(
      (sessionId, reason) => {
        opened.current.delete(sessionId);
        opened.current.set(sessionId, reason);
        setView((known) => ({ ...known, refused: { ...known.refused, [sessionId]: '' } }));
        ask(sessionId, reason);
      },
      [ask],
    ),
    learn: useCallback((sessionId, lines) => setView((known) => withLines(known, sessionId, lines)), []),
  };
}
