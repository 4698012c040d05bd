import { IconButton } from '../../ui/button.tsx';
import type { CallView } from '../session/call-view.ts';
import { copyFor } from '../session/faults.ts';
import type { VoiceCall } from '../session/voice-call.ts';
import { CallTimer } from './call-timer.tsx';
import styles from './collapsed-bar.module.css';
import { EndButton, MuteButton } from './controls.tsx';
import { ExpandIcon } from './voice-icons.tsx';
import { stateWords } from './words.ts';

interface CollapsedBarProps {
  call: VoiceCall;
  view: CallView;
  onExpand(): void;
}

/** The call as one bar: it goes on while the thread has the room. */
export function CollapsedBar({ call, view, onExpand }: CollapsedBarProps) {
  const running = view.connected || view.connecting;
  const notice = view.fault ? copyFor(view.fault).title : view.connected && view.limit;
  return (
    <div className={styles['bar']}>
      <p role="status" className={styles['state']} data-testid="voice-state" data-state={view.state}>
        {stateWords(view)}
      </p>
      <CallTimer startedAt={view.startedAt} endedAt={view.endedAt} />
      {view.connected ? <MuteButton call={call} view={view} muteRef={null} /> : null}
      {running ? <EndButton call={call} /> : null}
      <IconButton label="Expand call" onClick={onExpand}>
        <ExpandIcon />
      </IconButton>
      {notice ? (
        <p className={styles['notice']} aria-live="polite" data-testid="voice-limit">
          {notice}
        </p>
      ) : null}
    </div>
  );
}
