import { useState } from 'react';

import { chooseWhetherToKeepWords, keepsWords } from '../api/kept-words.ts';
import styles from './settings-page.module.css';

/** Whether calls of this browser leave words in the history. */
export function KeptWordsSection() {
  const [kept, setKept] = useState(keepsWords);
  return (
    <section className={styles['section']} aria-labelledby="kept-words">
      <h2 id="kept-words" className={styles['heading']}>
        What is said in calls
      </h2>
      <label className={styles['choice']}>
        <input
          type="checkbox"
          checked={kept}
          onChange={(event) => {
            chooseWhetherToKeepWords(event.target.checked);
            setKept(keepsWords());
          }}
        />
        Keep it in the history
      </label>
      <p>
        Otherwise only the cost and the times of a call are kept; the call says so while it runs. The choice holds
        for this browser, from the next call on.
      </p>
    </section>
  );
}
