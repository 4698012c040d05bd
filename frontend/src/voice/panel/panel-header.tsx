import { IconButton } from '../../ui/button.tsx';
import { CloseIcon } from '../../ui/icons.tsx';
import type { CallView } from '../session/call-view.ts';
import { CallTimer } from './call-timer.tsx';
import styles from './panel-header.module.css';
import { CollapseIcon } from './voice-icons.tsx';
import { connectionWord } from './words.ts';

interface PanelHeaderProps {
  view: CallView;
  /** Absent where the panel cannot be made smaller. */
  onCollapse?: (() => void) | undefined;
  onClose(): void;
}

export function PanelHeader({ view, onCollapse, onClose }: PanelHeaderProps) {
  const running = view.connected || view.connecting;
  return (
    <header className={styles['header']}>
      <h2 className={styles['name']}>Assistant</h2>
      <CallTimer startedAt={view.startedAt} endedAt={view.endedAt} />
      <span className={styles['connection']} data-connected={view.connected}>
        <span className={styles['dot']} aria-hidden="true" />
        {connectionWord(view)}
      </span>
      {running && onCollapse ? (
        <IconButton label="Collapse call" onClick={onCollapse}>
          <CollapseIcon />
        </IconButton>
      ) : null}
      {running ? null : (
        <IconButton label="Close voice" onClick={onClose}>
          <CloseIcon />
        </IconButton>
      )}
    </header>
  );
}
