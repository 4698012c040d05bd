import { useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { type Findings, reportText } from './findings.ts';
import styles from './voice-test.module.css';

/** Everything found, as text for whoever helps. */
export function Report({ findings }: { findings: Findings }) {
  const [word, setWord] = useState('');
  const [openedAt] = useState(() => new Date());
  const text = reportText(findings, navigator.userAgent, openedAt);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setWord('Copied.');
    } catch {
      setWord('The browser did not allow copying: select the text and copy it.');
    }
  };
  return (
    <section className={styles['part']} aria-labelledby="report">
      <h2 id="report" className={styles['heading']}>
        Report
      </h2>
      <pre className={styles['report']} data-testid="voice-test-report">
        {text}
      </pre>
      <div className={styles['row']}>
        <Button onClick={() => void copy()}>Copy report</Button>
        <span role="status">{word}</span>
      </div>
    </section>
  );
}
