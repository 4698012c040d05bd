import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';

import { describeError } from '../../api/api-error.ts';
import { fetchLiveCall } from '../../api/live-floor.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { LiveCall, LiveLine } from '../../api/types.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { theirEndReason } from '../../ui/format.ts';
import { CloseIcon } from '../../ui/icons.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { accessReason } from '../access-reason.ts';
import type { FloorLine } from './floor-store.ts';
import { Activity, elapsedOf } from './live-columns.tsx';
import { LiveLines } from './live-lines.tsx';
import styles from './live.module.css';
import { POLL_MS } from './use-live-floor.ts';

interface LiveDrawerProps {
  sessionId: string;
  /** Undefined once it has left the floor. */
  call: LiveCall | undefined;
  lines: readonly LiveLine[] | undefined;
  /** Why the server does not let it be read along; empty when it does. */
  refusal: string;
  floorLine: FloorLine;
  nowMs: number;
  onRead(lines: readonly LiveLine[]): void;
  onEnd?: (() => void) | undefined;
  onClose(): void;
}

/** One call beside the list: what is said in it, and the way to end it. */
export function LiveDrawer(props: LiveDrawerProps) {
  const { sessionId, call, lines, refusal, floorLine, nowMs, onRead, onEnd, onClose } = props;
  const isRunning = call !== undefined;
  const heading = useRef<HTMLHeadingElement>(null);
  const drawer = useRef<HTMLElement>(null);
  const [who, setWho] = useState('');
  if (call && call.user.username !== who) setWho(call.user.username);
  const reading = useQuery({
    // Read once more when it has left the floor: how it ended stands there.
    queryKey: [...queryKeys.liveCall(sessionId), isRunning],
    queryFn: () => fetchLiveCall(sessionId, accessReason()),
    refetchInterval: isRunning && floorLine === 'polling' ? POLL_MS : false,
    staleTime: 0,
    gcTime: 0,
  });
  const { data } = reading;
  useEffect(() => {
    if (data) onRead(data.lines);
  }, [data, onRead]);
  useEffect(() => heading.current?.focus(), [sessionId]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && drawer.current?.contains(document.activeElement)) onClose();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [onClose]);
  return (
    <aside ref={drawer} className={styles['drawer']} aria-labelledby="live-call">
      <header className={styles['drawerHead']}>
        <h2 id="live-call" ref={heading} tabIndex={-1}>
          {who ? `${visibleText(who)}’s call` : 'The call'}
        </h2>
        <IconButton label="Close the call" onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </header>
      {call ? (
        <p className={styles['facts']}>
          <Activity call={call} />
          <span>{elapsedOf(call, nowMs)}</span>
        </p>
      ) : (
        <End state={data?.state} reason={data?.end_reason ?? ''} note={data?.end_note ?? ''} sessionId={sessionId} />
      )}
      <Words call={call} reading={reading} lines={lines} refusal={refusal} />
      {call && onEnd ? (
        <Button look="danger" onClick={onEnd}>
          End the call…
        </Button>
      ) : null}
    </aside>
  );
}

interface EndProps {
  state: string | undefined;
  reason: string;
  note: string;
  sessionId: string;
}

function End({ state, reason, note, sessionId }: EndProps) {
  if (state !== 'ended') return null;
  return (
    <Notice urgency="status">
      The call has ended: {theirEndReason(reason)}
      {note ? ` (${visibleText(note)})` : ''}. <Link to={`/review/calls/${sessionId}`}>See the whole call</Link>
    </Notice>
  );
}

interface WordsProps {
  call: LiveCall | undefined;
  reading: { isPending: boolean; error: Error | null; refetch(): unknown };
  lines: readonly LiveLine[] | undefined;
  refusal: string;
}

function Words({ call, reading, lines, refusal }: WordsProps): ReactNode {
  if (call && !call.keeps_words) {
    return <Notice>Nothing of what is said in this call is kept, so nothing of it is shown.</Notice>;
  }
  if (reading.error || refusal) {
    return (
      <Notice
        urgency="alert"
        tone="danger"
        action={
          <Button look="quiet" onClick={() => void reading.refetch()}>
            Retry
          </Button>
        }
      >
        {reading.error ? describeError(reading.error) : refusal}
      </Notice>
    );
  }
  if (reading.isPending && !lines) return <Spinner label="Loading what was said" />;
  return <LiveLines lines={lines ?? []} />;
}
