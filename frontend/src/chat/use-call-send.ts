import { useCallback, useEffect, useRef } from 'react';

import { ApiError } from '../api/api-error.ts';
import type { LiveItem, LiveSession } from '../api/live.ts';
import type { Item } from '../api/types.ts';

const TAKEN_WITHIN_MS = 10_000;

interface Waiting {
  text: string;
  /** Ids of lines with the same words that were there before. */
  known: ReadonlySet<string>;
  resolve(): void;
  reject(error: ApiError): void;
}

/** Ids of the user's lines with exactly these words, stored or live. */
export function linesSaying(
  text: string,
  items: readonly Pick<Item, 'item_id' | 'role' | 'text'>[],
  live: readonly Pick<LiveItem, 'itemId' | 'role' | 'text'>[],
): Set<string> {
  const ids = new Set<string>();
  for (const item of items) if (item.role === 'user' && item.text === text) ids.add(item.item_id);
  for (const item of live) if (item.role === 'user' && item.text === text) ids.add(item.itemId);
  return ids;
}

/**
 * Sends typed words into a running call. Resolves when they have come back as a line of the conversation;
 * throws ApiError when the call broke off or stayed silent, and the text is the caller's to keep.
 */
export function useCallSend(
  session: LiveSession | null,
  items: readonly Item[],
  live: readonly LiveItem[],
): (text: string) => Promise<void> {
  const waiting = useRef<Waiting | null>(null);
  const isConnected = session?.isConnected ?? false;

  useEffect(() => {
    const one = waiting.current;
    if (!one) return;
    const isTaken = [...linesSaying(one.text, items, live)].some((id) => !one.known.has(id));
    if (isTaken) one.resolve();
    else if (!isConnected) one.reject(new ApiError(0, 'call_lost', 'The call broke off before it was taken.'));
  }, [items, live, isConnected]);

  return useCallback(
    (text: string) =>
      new Promise<void>((resolve, reject) => {
        if (!session?.isConnected) {
          reject(new ApiError(0, 'call_lost', 'The call is not connected.'));
          return;
        }
        const settle = (): void => {
          clearTimeout(timer);
          waiting.current = null;
        };
        const timer = setTimeout(
          () => waiting.current?.reject(new ApiError(0, 'timeout', 'The call did not take it in time.')),
          TAKEN_WITHIN_MS,
        );
        waiting.current = {
          text,
          known: linesSaying(text, items, live),
          resolve: () => (settle(), resolve()),
          reject: (error) => (settle(), reject(error)),
        };
        session.sendMessage(text);
      }),
    [session, items, live],
  );
}
