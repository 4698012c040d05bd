import { useState, type ReactNode } from 'react';

import { Button } from '../../ui/button.tsx';
import type { CallView } from '../session/call-view.ts';
import { END_WORDS } from '../session/fault-mapping.ts';
import { copyFor, detailsFor, type VoiceFault } from '../session/faults.ts';
import { clock } from './call-timer.tsx';
import styles from './cards.module.css';
import { useFocusWhenFree } from './use-focus.ts';

export function IdleCard({ obstacle, onStart, onType }: { obstacle: string | null; onStart(): void; onType(): void }) {
  const startRef = useFocusWhenFree();
  return (
    <Card>
      {obstacle === null ? null : <p>{obstacle}</p>}
      <div className={styles['actions']}>
        <Button ref={startRef} look="primary" onClick={onStart}>
          Start talking
        </Button>
        <Button look="quiet" onClick={onType}>
          Type instead
        </Button>
      </div>
    </Card>
  );
}

interface PrimingCardProps {
  asking: boolean;
  onContinue(): void;
  onCancel(): void;
  onType(): void;
}

export function PrimingCard({ asking, onContinue, onCancel, onType }: PrimingCardProps) {
  const continueRef = useFocusWhenFree();
  return (
    <Card>
      <p>
        {asking
          ? 'Choose “Allow” in the question that your browser shows now.'
          : 'The assistant has to hear you. Sound is sent only while a call runs, and you can mute at any time.'}
      </p>
      <div className={styles['actions']}>
        {asking ? null : (
          <Button ref={continueRef} look="primary" onClick={onContinue}>
            Continue
          </Button>
        )}
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="quiet" onClick={onType}>
          Type instead
        </Button>
      </div>
    </Card>
  );
}

interface FaultCardProps {
  fault: VoiceFault;
  onRetry(): void;
  onType(): void;
}

export function FaultCard({ fault, onRetry, onType }: FaultCardProps) {
  const focusRef = useFocusWhenFree();
  const { title, advice, canRetry } = copyFor(fault);
  return (
    <Card>
      <div role="alert" data-testid="voice-error" data-kind={fault.kind}>
        <p className={styles['title']}>{title}</p>
        <p>{advice}</p>
      </div>
      <div className={styles['actions']}>
        {canRetry ? (
          <Button ref={focusRef} look="primary" onClick={onRetry}>
            Retry
          </Button>
        ) : null}
        <Button ref={canRetry ? undefined : focusRef} onClick={onType}>
          Type instead
        </Button>
      </div>
      <Details text={detailsFor(fault)} />
    </Card>
  );
}

function Details({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <details className={styles['details']}>
      <summary>Details</summary>
      <pre>{text}</pre>
      <Button look="quiet" onClick={copy}>
        {copied ? 'Copied' : 'Copy details'}
      </Button>
    </details>
  );
}

interface EndedCardProps {
  view: CallView;
  onStart(): void;
  onClose(): void;
}

export function EndedCard({ view, onStart, onClose }: EndedCardProps) {
  const startRef = useFocusWhenFree();
  const lasted = view.startedAt === null ? 0 : (view.endedAt ?? view.startedAt) - view.startedAt;
  return (
    <Card>
      <p>{(view.endReason === 'ended-by-admin' && view.notice) || (view.endReason && END_WORDS[view.endReason])}</p>
      <dl className={styles['facts']}>
        <dt>Duration</dt>
        <dd>{clock(lasted)}</dd>
        <dt>Turns</dt>
        <dd>{view.turns}</dd>
      </dl>
      <div className={styles['actions']}>
        <Button ref={startRef} look="primary" onClick={onStart}>
          Start again
        </Button>
        <Button onClick={onClose}>Back to chat</Button>
      </div>
    </Card>
  );
}

function Card({ children }: { children: ReactNode }) {
  return <div className={styles['card']}>{children}</div>;
}
