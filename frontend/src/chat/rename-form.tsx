import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

interface RenameFormProps {
  title: string;
  className: string | undefined;
  onRename(title: string): void;
  onClose(): void;
}

const TITLE_MAX_CHARS = 200;

/** The title as an input: Enter or leaving it saves, Esc does not. */
export function RenameForm({ title, className, onRename, onClose }: RenameFormProps) {
  const [text, setText] = useState(title);
  const inputRef = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);

  // A closing menu gives focus back to its button: ask for it after that.
  useEffect(() => {
    const frame = requestAnimationFrame(() => inputRef.current?.select());
    return () => cancelAnimationFrame(frame);
  }, []);

  const finish = (isSaved: boolean): void => {
    if (isDone.current) return;
    isDone.current = true;
    const next = text.trim();
    if (isSaved && next && next !== title) onRename(next);
    onClose();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      finish(true);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      finish(false);
    }
  };

  return (
    <input
      ref={inputRef}
      className={className}
      aria-label="Title of the conversation"
      dir="auto"
      maxLength={TITLE_MAX_CHARS}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => finish(true)}
    />
  );
}
