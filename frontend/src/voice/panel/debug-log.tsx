import { useSyncExternalStore } from 'react';

import type { VoiceCall } from '../session/voice-call.ts';
import styles from './debug-log.module.css';

/** The call's own protocol events (`?debug=1`). Audio is replaced by its length; secrets never get here. */
export default function DebugLog({ call, since }: { call: VoiceCall; since: number | null }) {
  const log = useSyncExternalStore(call.log.subscribe, call.log.get, call.log.get);
  return (
    <details className={styles['log']} open>
      <summary>Events of this call ({log.length})</summary>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ol tabIndex={0} aria-label="Events">
        {log.map((entry, index) => (
          // The list only grows at its end and loses at its start: position is identity enough.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={`${entry.atMs}-${index}`}>
            <code>
              {((entry.atMs - (since ?? entry.atMs)) / 1000).toFixed(2)} {entry.direction === 'sent' ? '→' : '←'}{' '}
              {JSON.stringify(entry.event)}
            </code>
          </li>
        ))}
      </ol>
    </details>
  );
}
