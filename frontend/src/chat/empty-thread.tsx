import styles from './empty-thread.module.css';
import { HowToSteps } from './how-to.tsx';

interface EmptyThreadProps {
  /** First use: the three steps are shown here, later behind "?". */
  showSteps: boolean;
  canSpeak: boolean;
  /** Why the server answers nobody, typed or spoken; null while it does. */
  offReason: string | null;
}

export function EmptyThread({ showSteps, canSpeak, offReason }: EmptyThreadProps) {
  if (offReason !== null) {
    return (
      <div className={styles['empty']}>
        <h2 className={styles['title']}>The assistant is off</h2>
        <p className={styles['text']}>{offReason} You can read your earlier conversations meanwhile.</p>
      </div>
    );
  }
  return (
    <div className={styles['empty']}>
      <h2 className={styles['title']}>{canSpeak ? 'Say or type something' : 'Type something'}</h2>
      <p className={styles['text']}>
        {canSpeak
          ? 'Press the voice button to talk, or write below. The conversation appears here and stays in your list.'
          : 'Write below. The conversation appears here and stays in your list.'}
      </p>
      {showSteps && canSpeak ? <HowToSteps /> : null}
    </div>
  );
}
