import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Link, useMatch, useNavigate, useSearchParams } from 'react-router';

import { fetchConversation } from '../api/conversations.ts';
import type { LiveItem } from '../api/live.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ChatView } from '../chat/chat-view.tsx';
import { IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { MenuIcon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import { isVoiceShortcut } from '../voice/voice-shortcut.ts';
import styles from './chat-page.module.css';
import { Sidebar } from './sidebar.tsx';
import { useCall } from './use-call.ts';
import { useMedia } from '../ui/use-media.ts';
import { useOnline } from './use-online.ts';
import { createVoiceHost, VoiceHost, type VoicePlace, VoiceSlot } from './voice-host.tsx';

const NO_ITEMS: readonly LiveItem[] = [];

function placeOf(isWide: boolean, isNarrow: boolean, isCollapsed: boolean): VoicePlace {
  if (isCollapsed) return 'bar';
  if (isWide) return 'side';
  return isNarrow ? 'full' : 'bar';
}

/** List, thread and call side by side; it stays mounted while conversations change, so that a call does too. */
export function ChatPage() {
  const conversationId = useMatch('/c/:id')?.params.id ?? null;
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const control = useCall();
  const { call, open, close, setConversation } = control;
  const isWide = useMedia('(min-width: 1024px)');
  const isNarrow = useMedia('(max-width: 639px)');
  const hasSidebar = useMedia('(min-width: 768px)');
  const isOnline = useOnline();
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const [host] = useState(createVoiceHost);
  const voiceButtonRef = useRef<HTMLButtonElement>(null);
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const wantsVoice = params.get('voice') === '1';
  const isCallHere = call !== null && call.conversationId === conversationId;

  const conversation = useQuery({
    queryKey: queryKeys.conversation(conversationId ?? ''),
    queryFn: () => fetchConversation(conversationId ?? ''),
    enabled: conversationId !== null,
  });
  const title = conversation.data?.title;
  useEffect(() => {
    document.title = title ? `${title} · VoiceAssist` : 'VoiceAssist';
  }, [title]);

  const startVoice = useCallback(
    // Between phone and desktop there is room for a bar only: the thread stays in view.
    () => open(conversationId, !isWide && !isNarrow),
    [open, conversationId, isWide, isNarrow],
  );

  // The deep link opens the panel; the address then forgets it, so that a reload after the call does not call again.
  useEffect(() => {
    if (!wantsVoice) return;
    startVoice();
    setParams(
      (current) => {
        current.delete('voice');
        return current;
      },
      { replace: true },
    );
  }, [wantsVoice, startVoice, setParams]);

  const closeVoice = useCallback(() => {
    close();
    requestAnimationFrame(() => voiceButtonRef.current?.focus());
  }, [close]);

  const showConversation = useCallback(
    // What else the address asks for, such as the debug view, stays.
    (id: string) => void navigate({ pathname: `/c/${id}`, search: location.search }, { replace: true }),
    [navigate],
  );

  const callConversationId = call?.conversationId;
  const callMadeConversation = useCallback(
    (id: string) => {
      setConversation(id);
      // Somebody who reads another conversation meanwhile is not pulled away from it.
      if (conversationId === null && callConversationId === null) showConversation(id);
    },
    [setConversation, conversationId, callConversationId, showConversation],
  );

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!isVoiceShortcut(event)) return;
      event.preventDefault();
      if (call) host.querySelector<HTMLElement>('button, [tabindex]')?.focus();
      else voiceButtonRef.current?.click();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [call, host]);

  const focusComposer = useCallback(() => inputRef.current?.focus(), []);
  const goHome = useCallback(() => void navigate('/', { replace: true }), [navigate]);
  const closeDrawer = useCallback(() => setIsDrawerOpen(false), []);
  const sidebar = (
    <Sidebar
      selectedId={conversationId}
      callConversationId={call?.session ? call.conversationId : null}
      onNavigate={closeDrawer}
      onSelectedGone={goHome}
    />
  );
  const place = call ? placeOf(isWide, isNarrow, call.isCollapsed) : null;
  const slot =
    place === null ? null : (
      <VoiceSlot key={place} place={place} host={host} onShowChat={() => control.setCollapsed(true)} />
    );

  return (
    <div className={styles['page']}>
      {hasSidebar ? <aside className={styles['sidebar']}>{sidebar}</aside> : null}
      {!hasSidebar && isDrawerOpen ? (
        <Dialog title="Conversations" shape="drawer" onClose={closeDrawer}>
          {sidebar}
        </Dialog>
      ) : null}
      <ChatView
        conversationId={conversationId}
        onConversationCreated={showConversation}
        onConversationGone={goHome}
        onStartVoice={startVoice}
        voiceButtonRef={voiceButtonRef}
        inputRef={inputRef}
        isInCall={isCallHere}
        liveSession={isCallHere ? call.session : null}
        liveItems={isCallHere ? call.items : NO_ITEMS}
        leading={
          hasSidebar ? null : (
            <IconButton label="Conversations" onClick={() => setIsDrawerOpen(true)}>
              <MenuIcon />
            </IconButton>
          )
        }
        dock={
          <>
            {isOnline ? null : (
              <Notice urgency="status" tone="warning">
                You are offline. What you type stays here until you are back.
              </Notice>
            )}
            {call && !isCallHere ? (
              <Notice urgency="status">
                Your call goes on in{' '}
                <Link to={call.conversationId === null ? '/' : `/c/${call.conversationId}`}>
                  another conversation
                </Link>
                .
              </Notice>
            ) : null}
            {place === 'bar' ? slot : null}
          </>
        }
      />
      {place === 'side' || place === 'full' ? slot : null}
      {call ? (
        <VoiceHost
          host={host}
          conversationId={call.conversationId}
          onClose={closeVoice}
          onSessionChange={control.setSession}
          onLiveItems={control.setItems}
          onConversationCreated={callMadeConversation}
          // Over the whole screen the panel hides the composer and brings its own box.
          onType={place === 'full' ? undefined : focusComposer}
          collapsed={call.isCollapsed}
          onCollapsedChange={control.setCollapsed}
        />
      ) : null}
    </div>
  );
}
