import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import styles from './how-to.module.css';

/** The three steps of a voice call. */
export function HowToSteps() {
  return (
    <ol className={styles['steps']}>
      <li>
        <strong>Press</strong> the round voice button beside the message box.
      </li>
      <li>
        <strong>Allow</strong> the microphone when your browser asks.
      </li>
      <li>
        <strong>Speak</strong>, and hear the answer. You can interrupt at any time: just talk, or press Esc.
      </li>
    </ol>
  );
}

export function HowToDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="How voice works" onClose={onClose}>
      <HowToSteps />
      <p className={styles['note']}>
        Everything said is kept in the conversation as text. You can type at any time, during a call too.
      </p>
      <DialogActions>
        <Button look="primary" onClick={onClose}>
          Got it
        </Button>
      </DialogActions>
    </Dialog>
  );
}

const SEEN_KEY = 'voiceassist.how-to-seen';

export function isHowToSeen(): boolean {
  try {
    return localStorage.getItem(SEEN_KEY) === '1';
  } catch {
    return false;
  }
}

export function markHowToSeen(): void {
  try {
    localStorage.setItem(SEEN_KEY, '1');
  } catch {
    // Without storage the steps are simply shown again.
  }
}
