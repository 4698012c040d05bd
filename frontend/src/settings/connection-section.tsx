import { useState } from 'react';

import { CONNECTION_KEY, type ConnectionChoice, connectionChoice } from '../api/connection-choice.ts';
import styles from './settings-page.module.css';

const CHOICES: ReadonlyArray<[choice: ConnectionChoice, label: string]> = [
  ['auto', 'Automatic'],
  ['webrtc', 'WebRTC'],
  ['websocket', 'WebSocket'],
];

/** How this browser's calls travel. */
export function ConnectionSection() {
  const [choice, setChoice] = useState(remembered);
  const choose = (wanted: ConnectionChoice): void => {
    setChoice(wanted);
    try {
      if (wanted === 'auto') localStorage.removeItem(CONNECTION_KEY);
      else localStorage.setItem(CONNECTION_KEY, wanted);
    } catch {
      // Without storage calls go on choosing by themselves.
    }
  };
  return (
    <section className={styles['section']}>
      <fieldset className={styles['choices']}>
        <legend>Connection of calls</legend>
        {CHOICES.map(([value, label]) => (
          <label key={value} className={styles['choice']}>
            <input
              type="radio"
              name="connection"
              value={value}
              checked={choice === value}
              onChange={() => choose(value)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <p>
        WebRTC has the shortest way; WebSocket gets through every network. A call that does not get through by
        WebRTC goes over WebSocket by itself. The choice holds for this browser, from the next call on.
      </p>
    </section>
  );
}

function remembered(): ConnectionChoice {
  try {
    return connectionChoice(localStorage.getItem(CONNECTION_KEY));
  } catch {
    return 'auto';
  }
}
