import type { ReactNode } from 'react';

import { type Finding, type Part, PARTS, wordFor } from './findings.ts';
import styles from './voice-test.module.css';

interface TestPartProps {
  part: Part;
  /** What this part is for, in one sentence. */
  about: string;
  finding: Finding | undefined;
  children?: ReactNode;
}

/** One line of the test: what it is, what was found (announced when it changes), and its controls. */
export function TestPart({ part, about, finding, children }: TestPartProps) {
  const verdict = finding?.verdict ?? 'untested';
  return (
    <section className={styles['part']} aria-labelledby={`part-${part}`} data-testid={`part-${part}`} data-verdict={verdict}>
      <div className={styles['heading']}>
        <h2 id={`part-${part}`}>{PARTS[part]}</h2>
        <span className={styles['verdict']} data-verdict={verdict}>
          {wordFor(verdict)}
        </span>
      </div>
      <p className={styles['about']}>{about}</p>
      {children}
      <p role="status" className={styles['sentence']}>
        {finding?.sentence ?? ''}
      </p>
    </section>
  );
}
