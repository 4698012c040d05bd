import { useState } from 'react';

import type { CallEvent } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { beginning, visibleText } from '../../ui/visible-text.ts';
import { HostileLine } from '../hostile-text.tsx';
import { whole } from '../numbers.ts';
import styles from './call.module.css';
import { DIRECTION_WORDS, summaryOf } from './events.ts';
import eventStyles from './events.module.css';

const SHOWN_UNITS = 8000;
const TYPE_MAX_UNITS = 80;

interface EventTableProps {
  entries: readonly CallEvent[];
  /** They are those of another page, until the right ones have come. */
  isStale: boolean;
}

export function EventTable({ entries, isStale }: EventTableProps) {
  if (entries.length === 0) return <p className={styles['dim']}>No event is like that.</p>;
  return (
    <div className={styles['scroller']}>
      <table className={`${styles['table']} ${eventStyles['events']}`} aria-busy={isStale}>
        <caption className={eventStyles['caption']}>Events</caption>
        <thead>
          <tr>
            <th scope="col" className={styles['number']}>
              ms
            </th>
            <th scope="col">Direction</th>
            <th scope="col">Event</th>
            <th scope="col" className={styles['number']}>
              Characters
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.n}>
              <td className={styles['number']}>{entry.at_ms.toFixed(1)}</td>
              <td className={eventStyles['nowrap']}>{DIRECTION_WORDS[entry.direction]}</td>
              <td>
                <EventCell entry={entry} />
              </td>
              <td className={styles['number']}>{whole(entry.size)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The type; opened, the event itself. */
function EventCell({ entry }: { entry: CallEvent }) {
  const [isOpen, setIsOpen] = useState(false);
  const summary = summaryOf(entry);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className={eventStyles['summary']}>
        <HostileLine text={entry.type || '(no type)'} maxUnits={TYPE_MAX_UNITS} />
        {summary ? <span className={styles['dim']}> {summary}</span> : null}
      </summary>
      {isOpen ? <EventText entry={entry} /> : null}
    </details>
  );
}

function EventText({ entry }: { entry: CallEvent }) {
  const [word, setWord] = useState('Copy');
  const text = JSON.stringify(entry.event ?? entry, null, 2);
  const shown = beginning(text, SHOWN_UNITS);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setWord('Copied');
    } catch {
      setWord('The browser did not allow copying');
    }
  };
  return (
    <>
      <pre className={eventStyles['text']}>
        {visibleText(shown)}
        {shown.length < text.length ? '…' : ''}
      </pre>
      <Button look="quiet" onClick={() => void copy()}>
        {word}
      </Button>
    </>
  );
}
