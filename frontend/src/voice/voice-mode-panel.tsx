import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { keepsWords } from '../api/kept-words.ts';
import type { VoiceModePanelProps } from '../api/live.ts';
import { queryKeys } from '../api/query-keys.ts';
import { fetchVoiceStatus } from '../api/realtime.ts';
import { Button } from '../ui/button.tsx';
import { whenIdle } from '../ui/when-idle.ts';
import { EndedCard, FaultCard, IdleCard, PrimingCard } from './panel/cards.tsx';
import { CollapsedBar } from './panel/collapsed-bar.tsx';
import { Controls, InterruptSlot, MuteButton } from './panel/controls.tsx';
import { Captions, DebugLog, fetchCallParts, TypeBox, Visualiser } from './panel/late-parts.tsx';
import { PanelHeader } from './panel/panel-header.tsx';
import { StateLine } from './panel/state-line.tsx';
import { focusIsFree } from './panel/use-focus.ts';
import { usePanelKeys } from './panel/use-panel-keys.ts';
import { useVoiceCall } from './use-voice-call.ts';
import styles from './voice-mode-panel.module.css';

const CAPTIONS_KEY = 'voiceassist.captions';

/**
 * A voice call beside the thread. Opened by a click it starts at once; opened by a link it waits for
 * «Start talking», because browsers give no sound to a page that nobody has touched.
 */
export default function VoiceModePanel(props: VoiceModePanelProps) {
  const { conversationId, onClose, onSessionChange, onLiveItems, collapsed = false, onCollapsedChange } = props;
  const client = useQueryClient();
  const [call, view] = useVoiceCall(conversationId, {
    transcript: ({ text, is_final }) => props.onTranscriptReceived?.(text, is_final),
    conversationCreated: (id) => props.onConversationCreated?.(id),
    missed: () => void client.invalidateQueries(),
  });
  const status = useQuery({ queryKey: queryKeys.voiceStatus, queryFn: fetchVoiceStatus });
  const [captionsShown, setCaptionsShown] = useState(readCaptionsShown);
  const [typingShown, setTypingShown] = useState(false);
  const muteRef = useRef<HTMLButtonElement>(null);
  const typeRef = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (navigator.userActivation?.isActive) void call.start();
    return whenIdle(fetchCallParts);
  }, [call]);

  useEffect(() => {
    onLiveItems?.(view.items);
    // The parent's callback may be new on every render; only new lines are news.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [view.items]);

  useEffect(() => {
    const open = view.connected || view.state === 'reconnecting';
    onSessionChange?.(open ? { sendMessage: (text) => call.sendMessage(text), isConnected: view.connected } : null);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [call, view.connected, view.state === 'reconnecting']);

  useEffect(() => {
    if (view.connected && focusIsFree()) muteRef.current?.focus({ preventScroll: true });
  }, [view.connected]);

  const limitReached = view.fault?.kind === 'quota';
  useEffect(() => {
    // After the card's own focus: the way on is to type.
    if (limitReached) props.onType?.();
    // oxlint-disable-next-line react/exhaustive-deps
  }, [limitReached]);

  const toggleCaptions = () => {
    rememberCaptionsShown(!captionsShown);
    setCaptionsShown(!captionsShown);
  };
  const showTyping = () => {
    if (props.onType) {
      props.onType();
      return;
    }
    if (collapsed) onCollapsedChange?.(false);
    setTypingShown(true);
    typeRef.current?.focus();
  };
  usePanelKeys(view.connected || view.connecting, {
    mute: () => call.setMuted(!view.muted),
    interrupt: () => call.interrupt(),
    end: () => call.end(),
    captions: toggleCaptions,
    type: showTyping,
  });

  const start = () => void call.start();
  const typeInstead = () => {
    call.end();
    onClose();
  };
  const obstacle = status.data && !status.data.enabled ? (status.data.reason ?? 'Voice is switched off.') : null;

  if (collapsed) {
    return (
      <section
        className={styles['collapsed']}
        aria-label="Voice call"
        data-testid="voice-panel"
        data-state={view.state}
        data-muted={view.muted}
        data-line={view.line}
      >
        <CollapsedBar call={call} view={view} onExpand={() => onCollapsedChange?.(false)} />
      </section>
    );
  }

  return (
    <section
      className={styles['panel']}
      aria-label="Voice call"
      data-testid="voice-panel"
      data-state={view.state}
      data-muted={view.muted}
      data-line={view.line}
    >
      <PanelHeader view={view} onCollapse={onCollapsedChange && (() => onCollapsedChange(true))} onClose={onClose} />
      <div className={styles['body']}>
        <div className={styles['stage']}>
          {/* A tap on the picture stops the assistant; the same is on Esc and on a button of its own. */}
          {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
          <div className={styles['tap']} onClick={() => call.interrupt()}>
            <Visualiser call={call} state={view.state} />
          </div>
          <StateLine view={view} />
          {view.soundBlocked ? (
            <Button look="primary" onClick={() => call.allowSound()}>
              Tap to hear the assistant
            </Button>
          ) : null}
          {view.connected ? <InterruptSlot call={call} view={view} /> : null}
        </div>
        {view.state === 'idle' ? <IdleCard obstacle={obstacle} onStart={start} onType={typeInstead} /> : null}
        {view.state === 'priming' ? (
          <PrimingCard
            asking={view.asking}
            onContinue={() => call.proceed()}
            onCancel={() => call.cancel()}
            onType={typeInstead}
          />
        ) : null}
        {view.fault ? <FaultCard fault={view.fault} onRetry={start} onType={typeInstead} /> : null}
        {view.state === 'ended' ? <EndedCard view={view} onStart={start} onClose={onClose} /> : null}
        {view.state === 'connecting' || view.state === 'pre-buffer' ? (
          <div className={styles['row']}>
            {view.state === 'pre-buffer' ? <MuteButton call={call} view={view} muteRef={muteRef} /> : null}
            <Button onClick={() => call.cancel()}>Cancel</Button>
          </div>
        ) : null}
        {view.state === 'reconnecting' ? (
          <div className={styles['row']}>
            <Button look="primary" onClick={() => call.retryNow()}>
              Retry now
            </Button>
            <Button look="quiet" onClick={typeInstead}>
              Switch to text
            </Button>
          </div>
        ) : null}
      </div>
      <div className={styles['foot']}>
        {captionsShown && (view.connected || view.state === 'reconnecting') ? <Captions items={view.items} /> : null}
        {view.limit && view.connected ? (
          <p className={styles['notice']} aria-live="polite" data-testid="voice-limit">
            {view.limit}
          </p>
        ) : null}
        {view.notice && view.connected ? (
          <p className={styles['notice']} role="alert">
            {view.notice}
          </p>
        ) : null}
        {typingShown && view.connected && !props.onType ? (
          <TypeBox inputRef={typeRef} onSend={(text) => call.sendMessage(text)} />
        ) : null}
        {view.connected || view.state === 'reconnecting' ? (
          <Controls
            call={call}
            view={view}
            captionsShown={captionsShown}
            typingShown={typingShown && !props.onType}
            muteRef={muteRef}
            onToggleCaptions={toggleCaptions}
            onToggleTyping={() => (props.onType ? props.onType() : setTypingShown(!typingShown))}
          />
        ) : null}
        {keepsWords() ? null : <p className={styles['demo']}>What is said here is not kept.</p>}
        {status.data?.provider === 'embedded' ? (
          <p className={styles['demo']}>Demo voice: English, rules, not AI</p>
        ) : null}
        {isDebugging() ? <DebugLog call={call} since={view.startedAt} /> : null}
      </div>
    </section>
  );
}

const isDebugging = (): boolean => new URLSearchParams(location.search).get('debug') === '1';

function readCaptionsShown(): boolean {
  try {
    return localStorage.getItem(CAPTIONS_KEY) !== 'off';
  } catch {
    return true;
  }
}

function rememberCaptionsShown(shown: boolean): void {
  try {
    localStorage.setItem(CAPTIONS_KEY, shown ? 'on' : 'off');
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
