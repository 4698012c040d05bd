import { Suspense, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';

import type { VoiceModePanelProps } from '../api/live.ts';
import { Button } from '../ui/button.tsx';
import { LateCode } from '../ui/late-code.ts';
import { latePart, MissingPart, type MissingProps } from '../ui/late-part.tsx';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import styles from './voice-host.module.css';

const VoiceModePanel = latePart(
  new LateCode(() => import('../voice/voice-mode-panel.tsx')),
  ({ onClose, missing, isRetrying, onRetry }: VoiceModePanelProps & MissingProps) => (
    <div className={styles['missing']}>
      <MissingPart
        name="Voice"
        missing={missing}
        isRetrying={isRetrying}
        onRetry={onRetry}
        action={
          <Button look="quiet" onClick={onClose}>
            Type instead
          </Button>
        }
      />
    </div>
  ),
);

/** `side` beside the thread, `full` over the page, `bar` above the composer. */
export type VoicePlace = 'side' | 'full' | 'bar';

interface VoiceHostProps extends VoiceModePanelProps {
  host: HTMLElement;
}

/**
 * The voice panel, drawn into one element that lives as long as the call. Slots move that element about;
 * React never sees it move, so a resized window does not end a call. Its code is loaded on first use.
 */
export function VoiceHost({ host, ...panel }: VoiceHostProps) {
  return createPortal(
    <ErrorBoundary
      fallback={(retry) => (
        <div className={styles['missing']}>
          <Notice
            urgency="alert"
            tone="danger"
            action={
              <>
                <Button look="quiet" onClick={retry}>
                  Retry
                </Button>
                <Button look="quiet" onClick={panel.onClose}>
                  Type instead
                </Button>
              </>
            }
          >
            Voice stopped working. Retry, or go on by typing.
          </Notice>
        </div>
      )}
    >
      <Suspense
        fallback={
          <div className={styles['wait']}>
            <Spinner label="Loading voice" />
          </div>
        }
      >
        <VoiceModePanel {...panel} />
      </Suspense>
    </ErrorBoundary>,
    host,
  );
}

export function createVoiceHost(): HTMLElement {
  const host = document.createElement('div');
  host.className = styles['host'] ?? '';
  return host;
}

interface VoiceSlotProps {
  place: VoicePlace;
  host: HTMLElement;
  onShowChat(): void;
}

/** Where the host element stands now. Mount exactly one at a time. */
export function VoiceSlot({ place, host, onShowChat }: VoiceSlotProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    ref.current?.append(host);
  }, [host]);
  return (
    <div ref={ref} className={styles[place]} data-place={place}>
      {place === 'full' ? (
        <Button look="quiet" className={styles['handle']} onClick={onShowChat}>
          Show chat
        </Button>
      ) : null}
    </div>
  );
}
