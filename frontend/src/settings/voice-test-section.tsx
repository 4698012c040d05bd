import { Link } from 'react-router';

import { buttonClass } from '../ui/button.tsx';
import styles from './settings-page.module.css';

/** The way to the page that finds out why a call is silent. */
export function VoiceTestSection() {
  return (
    <section className={styles['section']} aria-labelledby="voice-test">
      <h2 id="voice-test" className={styles['heading']}>
        Microphone and connection
      </h2>
      <p>Not heard, or nothing to hear? Test microphone, speaker, browser and network one by one.</p>
      <div>
        <Link to="/voice-test" className={buttonClass()}>
          Test my voice set-up
        </Link>
      </div>
    </section>
  );
}
