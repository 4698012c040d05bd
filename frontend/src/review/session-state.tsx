import { theirEndReason } from '../ui/format.ts';
import styles from './review.module.css';

interface SessionStateProps {
  session: { state: string; end_reason: string };
}

/** Whether a session runs, or how it ended, as a word in a chip. */
export function SessionState({ session }: SessionStateProps) {
  if (session.state !== 'ended') {
    return (
      <span className={`${styles['chip']} ${session.state === 'live' ? styles['live'] : ''}`}>
        {session.state}
      </span>
    );
  }
  return (
    <span className={styles['chip']}>{session.end_reason ? theirEndReason(session.end_reason) : 'ended'}</span>
  );
}
