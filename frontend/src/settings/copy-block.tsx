import { useEffect, useId, useRef, useState } from 'react';

import { Button } from '../ui/button.tsx';
import styles from './copy-block.module.css';

const COPIED_MS = 4000;

interface CopyBlockProps {
  label: string;
  text: string;
  onCopied?(): void;
}

type Outcome = 'none' | 'copied' | 'selected';

const SAID: Readonly<Record<Outcome, string>> = {
  none: '',
  copied: 'Copied.',
  // Browsers give pages the clipboard on https and on this machine only.
  selected: 'Selected. Press Ctrl+C (⌘C) to copy.',
};

/** Text to be pasted elsewhere, and the button that copies it. */
export function CopyBlock({ label, text, onCopied }: CopyBlockProps) {
  const labelId = useId();
  const code = useRef<HTMLElement>(null);
  const [outcome, setOutcome] = useState<Outcome>('none');

  useEffect(() => {
    if (outcome !== 'copied') return undefined;
    const timer = setTimeout(() => setOutcome('none'), COPIED_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      if (code.current) getSelection()?.selectAllChildren(code.current);
      setOutcome('selected');
    }
    onCopied?.();
  };

  return (
    <div className={styles['block']} role="group" aria-labelledby={labelId}>
      <p id={labelId} className={styles['label']}>
        {label}
      </p>
      <code ref={code} className={styles['text']} translate="no">
        {text}
      </code>
      <div className={styles['action']}>
        <Button onClick={() => void copy()} aria-label={`Copy ${label}`}>
          Copy
        </Button>
        <span role="status" className={styles['outcome']}>
          {SAID[outcome]}
        </span>
      </div>
    </div>
  );
}
