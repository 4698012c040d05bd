import { useEffect, useState } from 'react';

import type { CallView } from '../session/call-view.ts';
import styles from './state-line.module.css';
import { hintWords, stateWords } from './words.ts';

/** What the call is doing, in words; announced when it changes. Seconds that count down are not. */
export function StateLine({ view }: { view: CallView }) {
  const hint = hintWords(view);
  return (
    <div className={styles['box']}>
      <p role="status" className={styles['state']} data-testid="voice-state" data-state={view.state}>
        {stateWords(view)}
      </p>
      <p className={styles['hint']}>{view.retryAt === null ? hint : <Countdown until={view.retryAt} />}</p>
    </div>
  );
}

/** @param until epoch ms. */
function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return <span aria-hidden="true">{Math.max(1, Math.ceil((until - now) / 1000))} s</span>;
}
