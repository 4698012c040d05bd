import { useCallback, useRef, useState } from 'react';

import type { LiveItem, LiveSession } from '../api/live.ts';

export interface Call {
  /** The conversation the call was opened in; null until the server has made one. */
  conversationId: string | null;
  session: LiveSession | null;
  items: readonly LiveItem[];
  isCollapsed: boolean;
}

export interface CallControl {
  /** Null while no voice panel is open. */
  call: Call | null;
  open(conversationId: string | null, isCollapsed: boolean): void;
  close(): void;
  setSession(session: LiveSession | null): void;
  setItems(items: readonly LiveItem[]): void;
  setConversation(conversationId: string): void;
  setCollapsed(isCollapsed: boolean): void;
}

const NO_ITEMS: readonly LiveItem[] = [];

/** The one voice panel of this page. It stays with its conversation while others are read. */
export function useCall(): CallControl {
  const [call, setCall] = useState<Call | null>(null);
  const change = useCallback((part: Partial<Call>) => {
    setCall((open) => (open === null ? null : { ...open, ...part }));
  }, []);
  const control = useRef<Omit<CallControl, 'call'> | null>(null);
  control.current ??= {
    open: (conversationId, isCollapsed) =>
      setCall((open) => open ?? { conversationId, session: null, items: NO_ITEMS, isCollapsed }),
    close: () => setCall(null),
    setSession: (session) => change({ session }),
    setItems: (items) => change({ items }),
    setConversation: (conversationId) => change({ conversationId }),
    setCollapsed: (isCollapsed) => change({ isCollapsed }),
  };
  return { call, ...control.current };
}
