import { type FormEvent, type KeyboardEvent, type Ref, type RefObject, useEffect, useId, useRef, useState } from 'react';

import { describeError } from '../api/api-error.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { HelpIcon, SendIcon, StopIcon, VoiceIcon } from '../ui/icons.tsx';
import { Notice } from '../ui/notice.tsx';
import styles from './composer.module.css';
import { readDraft, writeDraft } from './drafts.ts';

interface ComposerProps {
  conversationId: string | null;
  /** Resolves when the server has the message; until then, and when it throws, the text stays here. */
  onSend(text: string): Promise<void>;
  isAnswering: boolean;
  onStopAnswer(): void;
  onStartVoice(): void;
  onShowHelp(): void;
  /** The voice panel is open: its button is not offered again. */
  isInCall: boolean;
  /** A call is running: what is typed goes into it. */
  isLive: boolean;
  /** Why voice is off, or null. */
  voiceObstacle: string | null;
  /** Voice of a demonstration, said so. */
  isDemoVoice: boolean;
  voiceButtonRef: Ref<HTMLButtonElement>;
  /** The text box, for whoever sends the focus here. */
  inputRef: RefObject<HTMLTextAreaElement | null>;
}

const MAX_CHARS = 32_000;

/** The text box with Send, which becomes Voice while the box is empty. Enter sends, Shift+Enter breaks the line. */
export function Composer(props: ComposerProps) {
  const { conversationId, onSend, isAnswering, isInCall, voiceObstacle } = props;
  const [text, setText] = useState(() => readDraft(conversationId));
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const textareaRef = props.inputRef;
  const draftOf = useRef(conversationId);
  const inputId = useId();
  const reasonId = useId();

  // A message on its way keeps its text here even when sending it opens a new conversation.
  useEffect(() => {
    if (draftOf.current === conversationId || isSending) return;
    draftOf.current = conversationId;
    setText(readDraft(conversationId));
    setError(null);
  }, [conversationId, isSending]);

  useEffect(() => {
    const box = textareaRef.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight + 2}px`;
  }, [text, textareaRef]);

  const change = (next: string): void => {
    setText(next);
    writeDraft(draftOf.current, next);
  };

  const send = async (): Promise<void> => {
    const message = text.trim();
    if (!message || isSending) return;
    setIsSending(true);
    setError(null);
    const writtenIn = draftOf.current;
    try {
      await onSend(message);
      writeDraft(writtenIn, '');
      setText('');
    } catch (failure) {
      setError(describeError(failure));
    } finally {
      setIsSending(false);
      textareaRef.current?.focus();
    }
  };

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    void send();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  const isEmpty = text.trim() === '';
  const offersVoice = isEmpty && !isInCall && !isAnswering && !isSending;

  return (
    <form className={styles['composer']} onSubmit={onSubmit} aria-label="Write a message">
      {error ? (
        <Notice
          urgency="alert"
          tone="danger"
          action={
            <Button look="quiet" onClick={() => void send()} disabled={isEmpty}>
              Retry
            </Button>
          }
        >
          Not sent. {error}
        </Notice>
      ) : null}
      <div className={styles['box']}>
        <label className={styles['label']} htmlFor={inputId}>
          Message
        </label>
        <textarea
          ref={textareaRef}
          id={inputId}
          className={styles['input']}
          rows={1}
          dir="auto"
          maxLength={MAX_CHARS}
          placeholder={props.isLive ? 'Type into the call' : 'Type a message'}
          value={text}
          readOnly={isSending}
          aria-busy={isSending}
          enterKeyHint="send"
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <IconButton label="Help" onClick={props.onShowHelp} round>
          <HelpIcon />
        </IconButton>
        {isAnswering && isEmpty ? (
          <IconButton label="Stop the answer" look="plain" round onClick={props.onStopAnswer}>
            <StopIcon />
          </IconButton>
        ) : null}
        {offersVoice ? (
          <IconButton
            ref={props.voiceButtonRef}
            label="Start voice"
            title={voiceObstacle ?? 'Start voice (Ctrl+Shift+V)'}
            look="primary"
            round
            aria-disabled={voiceObstacle !== null}
            aria-describedby={voiceObstacle === null ? undefined : reasonId}
            onClick={() => {
              if (voiceObstacle === null) props.onStartVoice();
            }}
          >
            <VoiceIcon />
          </IconButton>
        ) : null}
        {!offersVoice && !(isAnswering && isEmpty) ? (
          <IconButton
            type="submit"
            label={isSending ? 'Sending' : 'Send'}
            look="primary"
            round
            disabled={isEmpty || isSending}
          >
            <SendIcon />
          </IconButton>
        ) : null}
      </div>
      <p id={reasonId} className={styles['foot']}>
        {voiceObstacle ?? (props.isDemoVoice ? 'Demo voice: English, rules, not AI' : '')}
      </p>
    </form>
  );
}
