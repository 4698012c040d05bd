import { useEffect, useState, useSyncExternalStore } from 'react';

import type { CallView } from './session/call-view.ts';
import { openCall } from './session/open-call.ts';
import type { CallListeners, VoiceCall } from './session/voice-call.ts';

/** One call of this component and its current picture. The call ends with the component and with the page. */
export function useVoiceCall(conversationId: string | null, listeners: CallListeners): [VoiceCall, CallView] {
  const [call] = useState(() => openCall(conversationId));
  const view = useSyncExternalStore(call.subscribe, call.getView, call.getView);

  useEffect(() => {
    call.listeners = listeners;
    if (!view.connected && !view.connecting) call.conversationId = conversationId;
  });

  useEffect(() => {
    const leave = () => call.end('page-left');
    const online = () => call.retryNow();
    window.addEventListener('pagehide', leave);
    window.addEventListener('online', online);
    return () => {
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('online', online);
      leave();
    };
  }, [call]);

  return [call, view];
}
