import type { Ref } from 'react';

import { Button } from '../../ui/button.tsx';
import { StopIcon } from '../../ui/icons.tsx';
import type { CallView } from '../session/call-view.ts';
import type { VoiceCall } from '../session/voice-call.ts';
import styles from './controls.module.css';
import { DeviceMenu } from './late-parts.tsx';
import { CaptionsIcon, ExpandIcon, HangUpIcon, KeyboardIcon, MicrophoneIcon, MicrophoneOffIcon } from './voice-icons.tsx';

interface ControlsProps {
  call: VoiceCall;
  view: CallView;
  captionsShown: boolean;
  typingShown: boolean;
  muteRef: Ref<HTMLButtonElement>;
  onToggleCaptions(): void;
  onToggleTyping(): void;
}

/** The controls of a running call; End stands apart from the rest. */
export function Controls(props: ControlsProps) {
  const { call, view, captionsShown, typingShown } = props;
  return (
    <div className={styles['controls']}>
      <div className={styles['split']}>
        <MuteButton call={call} view={view} muteRef={props.muteRef} />
        <DeviceMenu call={call} microphoneId={view.microphoneId} icon={<ExpandIcon />} />
      </div>
      <Button
        className={styles['control']}
        title="Captions (C)"
        aria-pressed={captionsShown}
        onClick={props.onToggleCaptions}
      >
        <CaptionsIcon />
        <span>Captions</span>
      </Button>
      <Button
        className={styles['control']}
        title="Type a message (T)"
        aria-expanded={typingShown}
        onClick={props.onToggleTyping}
      >
        <KeyboardIcon />
        <span>Keyboard</span>
      </Button>
      <EndButton call={call} />
    </div>
  );
}

export function MuteButton({ call, view, muteRef }: Pick<ControlsProps, 'call' | 'view' | 'muteRef'>) {
  return (
    <Button
      ref={muteRef}
      className={`${styles['control']} ${styles['mute']}`}
      data-muted={view.muted}
      title={view.muted ? 'Unmute (M)' : 'Mute (M)'}
      onClick={() => call.setMuted(!view.muted)}
    >
      {view.muted ? <MicrophoneOffIcon /> : <MicrophoneIcon />}
      <span>{view.muted ? 'Unmute' : 'Mute'}</span>
    </Button>
  );
}

export function EndButton({ call }: { call: VoiceCall }) {
  return (
    <Button
      look="danger"
      className={`${styles['control']} ${styles['end']}`}
      title="End call (Ctrl+Shift+E)"
      aria-label="End call"
      onClick={() => call.end()}
    >
      <HangUpIcon />
      <span>End</span>
    </Button>
  );
}

/** Keeps its place while there is nothing to interrupt, so that no other control moves. */
export function InterruptSlot({ call, view }: Pick<ControlsProps, 'call' | 'view'>) {
  return (
    <div className={styles['slot']}>
      {view.speaking ? (
        <Button title="Interrupt (Esc)" onClick={() => call.interrupt()}>
          <StopIcon />
          Interrupt
        </Button>
      ) : null}
    </div>
  );
}
