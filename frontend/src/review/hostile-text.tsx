import { useState } from 'react';

import { Button } from '../ui/button.tsx';
import { beginning, visibleText } from '../ui/visible-text.ts';
import styles from './hostile-text.module.css';

/** What is laid out at once: more in one line makes a browser slow. */
const SHOWN_UNITS = 4000;

interface HostileTextProps {
  text: string;
  /** The part of `text` that was heard before an interruption; null when there was none. */
  heardText?: string | null;
}

/** Somebody's words as text alone, whatever they hold; a very long text is shown in part at first. */
export function HostileText({ text, heardText = null }: HostileTextProps) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? text : beginning(text, SHOWN_UNITS);
  const hasUnheard = heardText !== null && text.startsWith(heardText);
  const heard = hasUnheard ? shown.slice(0, heardText.length) : shown;
  const unheard = hasUnheard ? shown.slice(heardText.length) : '';
  return (
    <>
      <p className={styles['text']} dir="auto">
        {visibleText(heard)}
        {unheard ? (
          <del className={styles['unheard']} title="Not heard: the answer was interrupted">
            {visibleText(unheard)}
          </del>
        ) : null}
        {shown.length < text.length ? '…' : null}
      </p>
      {shown.length < text.length ? (
        <Button look="quiet" onClick={() => setIsWhole(true)}>
          Show all {new Intl.NumberFormat().format(text.length)} characters
        </Button>
      ) : null}
    </>
  );
}

/** The same for one line of a list: never more than `maxUnits` of it. */
export function HostileLine({ text, maxUnits = 200 }: { text: string; maxUnits?: number }) {
  const shown = beginning(text, maxUnits);
  return (
    <bdi>
      {visibleText(shown).replaceAll(/\s+/g, ' ')}
      {shown.length < text.length ? '…' : ''}
    </bdi>
  );
}
