import { Suspense, useDeferredValue, useEffect, useSyncExternalStore } from 'react';

import { LateCode } from '../ui/late-code.ts';
import { latePart, MissingPart } from '../ui/late-part.tsx';
import { whenIdle } from '../ui/when-idle.ts';
import styles from './answer-text.module.css';

const code = new LateCode(() => import('./markdown.tsx'));
const Markdown = latePart(code, Plain);

/** What the assistant wrote; the words themselves until, or unless, Markdown is there. */
export function AnswerText({ text }: { text: string }) {
  const deferred = useDeferredValue(text);
  return (
    <Suspense fallback={<Plain text={deferred} />}>
      <Markdown text={deferred} />
    </Suspense>
  );
}

function Plain({ text }: { text: string }) {
  return (
    <p className={styles['plain']} dir="auto">
      {text}
    </p>
  );
}

/** Fetch Markdown while nothing else is to do, before the connection is lost or an answer comes. */
export function usePrefetchedMarkdown(): void {
  useEffect(() => whenIdle(() => void code.ask()), []);
}

/** Plain text reads well enough to say nothing, except where only loading the page again can help. */
export function FormattingNotice() {
  const { missing, isRetrying } = useSyncExternalStore(code.subscribe, code.get);
  return missing === 'renewed' ? (
    <MissingPart
      name="The formatting of answers"
      isMinor
      missing={missing}
      isRetrying={isRetrying}
      onRetry={code.ask}
    />
  ) : null;
}
