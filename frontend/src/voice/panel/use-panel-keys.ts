import { useEffect } from 'react';

import { isTextField } from './use-focus.ts';

export interface PanelKeys {
  mute(): void;
  interrupt(): void;
  end(): void;
  captions(): void;
  type(): void;
}

/** The panel's keys. None fires inside a text field except Esc, which interrupts and never ends the call. */
export function usePanelKeys(enabled: boolean, keys: PanelKeys): void {
  useEffect(() => {
    if (!enabled) return undefined;
    const onKey = (event: KeyboardEvent) => {
      const run = actionFor(event, keys);
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
}

function actionFor(event: KeyboardEvent, keys: PanelKeys): (() => void) | null {
  if (event.defaultPrevented || event.altKey) return null;
  const chord = event.ctrlKey || event.metaKey;
  if (event.key === 'Escape' && !chord) return keys.interrupt;
  if (isTextField(event.target)) return null;
  if (chord) return event.shiftKey && event.code === 'KeyE' ? keys.end : null;
  if (event.repeat) return null;
  if (event.key === 'm' || event.key === 'M') return keys.mute;
  if (event.key === 'c' || event.key === 'C') return keys.captions;
  if (event.key === 't' || event.key === 'T' || event.key === '/') return keys.type;
  return null;
}
