import { useEffect, useState, type FormEvent, type RefObject } from 'react';

import { IconButton } from '../../ui/button.tsx';
import { SendIcon } from '../../ui/icons.tsx';
import styles from './type-box.module.css';

interface TypeBoxProps {
  inputRef: RefObject<HTMLInputElement | null>;
  onSend(text: string): void;
}

/** One line to type into the call; the answer is spoken. It has the focus when it appears. */
export default function TypeBox({ inputRef, onSend }: TypeBoxProps) {
  const [text, setText] = useState('');
  useEffect(() => inputRef.current?.focus(), [inputRef]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    onSend(text);
    setText('');
  };
  return (
    <form className={styles['box']} onSubmit={submit}>
      <input
        ref={inputRef}
        className={styles['input']}
        aria-label="Type to the assistant"
        placeholder="Type; the answer is spoken"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <IconButton label="Send to the call" type="submit" look="primary" round disabled={text.trim() === ''}>
        <SendIcon />
      </IconButton>
    </form>
  );
}
