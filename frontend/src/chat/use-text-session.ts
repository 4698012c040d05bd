import { useCallback, useEffect, useRef, useState } from 'react';

import { createRealtimeSession } from '../api/realtime.ts';
import { TextSession, type TextSessionState } from './text-session.ts';

const NOTHING: TextSessionState = { items: [], isAnswering: false, answerError: null };

export interface TextChat extends TextSessionState {
  /** Resolves when the server has the message; throws ApiError. */
  send(text: string): Promise<void>;
  retryAnswer(): void;
  stopAnswer(): void;
  /** Gives the connection back, as a voice call in the same conversation needs. Lines stay shown. */
  disconnect(): void;
}

/** Typing outside a call, for the conversation shown. `onConversation` is told when the first message made one. */
export function useTextSession(
  conversationId: string | null,
  onConversation: (conversationId: string) => void,
): TextChat {
  const [state, setState] = useState<TextSessionState>(NOTHING);
  const session = useRef<TextSession | null>(null);
  /** The conversation of the session: known before the page's address is. */
  const sessionOf = useRef<string | null>(null);

  const disconnect = useCallback(() => {
    session.current?.close();
    session.current = null;
  }, []);

  useEffect(() => {
    if (sessionOf.current === conversationId) return;
    disconnect();
    sessionOf.current = conversationId;
    setState(NOTHING);
  }, [conversationId, disconnect]);

  useEffect(() => {
    globalThis.addEventListener('pagehide', disconnect);
    return () => {
      globalThis.removeEventListener('pagehide', disconnect);
      disconnect();
    };
  }, [disconnect]);

  const current = useCallback((): TextSession => {
    session.current ??= new TextSession({
      conversationId: sessionOf.current,
      mint: (id) =>
        createRealtimeSession({ modalities: ['text'], ...(id === null ? {} : { conversation_id: id }) }),
      onConversation: (id) => {
        sessionOf.current = id;
      },
      onState: setState,
    });
    return session.current;
  }, []);

  const send = useCallback(
    async (text: string) => {
      await current().send(text);
      // Only now is the new conversation more than an empty, hidden one.
      if (sessionOf.current !== null && sessionOf.current !== conversationId) {
        onConversation(sessionOf.current);
      }
    },
    [current, conversationId, onConversation],
  );

  return {
    ...state,
    send,
    retryAnswer: useCallback(() => {
      current()
        .retryAnswer()
        .catch((error) => setState((shown) => ({ ...shown, answerError: error })));
    }, [current]),
    stopAnswer: useCallback(() => session.current?.stopAnswer(), []),
    disconnect,
  };
}
