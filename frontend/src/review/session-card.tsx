import { useState } from 'react';

import type { ReviewSession } from '../api/types.ts';
import { Button } from '../ui/button.tsx';
import { clockTime, counted, dateTime, duration } from '../ui/format.ts';
import { EndSessionDialog } from './end-session-dialog.tsx';
import styles from './review.module.css';
import { SessionState } from './session-state.tsx';

interface SessionCardProps {
  session: ReviewSession;
  mayEnd: boolean;
}

const cost = (value: string | number | null | undefined): string => {
  const amount = Number(value ?? Number.NaN);
  return Number.isFinite(amount) ? `$${amount.toFixed(4)}` : '–';
};

export function SessionCard({ session, mayEnd }: SessionCardProps) {
  const [isAsking, setIsAsking] = useState(false);
  const isRunning = session.state === 'live' || session.state === 'detached';
  return (
    <li className={styles['card']}>
      <p className={styles['rowFacts']}>
        <strong>{dateTime(session.started_at ?? session.created_at)}</strong>
        <SessionState session={session} />
        {session.ended_at ? <span>until {clockTime(session.ended_at)}</span> : null}
      </p>
      <p className={styles['rowFacts']}>
        <span>{session.model}</span>
        <span>{session.transport}</span>
        {session.duration_ms === null ? null : <span>{duration(session.duration_ms)}</span>}
        <span>{counted(session.turns, 'turn')}</span>
        <span>{counted(session.interruptions, 'interruption')}</span>
        <span>{cost(session.cost_usd)}</span>
      </p>
      {session.end_note ? (
        <p className={styles['dim']}>
          {session.ended_by ? `${session.ended_by.username}: ` : ''}
          {session.end_note}
        </p>
      ) : null}
      {mayEnd && isRunning ? (
        <div>
          <Button look="danger" onClick={() => setIsAsking(true)}>
            End session…
          </Button>
        </div>
      ) : null}
      {isAsking ? (
        <EndSessionDialog
          sessionId={session.session_id}
          username={session.user.username}
          onClose={() => setIsAsking(false)}
        />
      ) : null}
    </li>
  );
}
