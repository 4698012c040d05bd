import { useEffect, useRef, type RefObject } from 'react';

const PANEL = '[data-testid="voice-panel"]';

/** Whether focus may be moved: nobody is using another part of the page, and nobody is typing. */
export function focusIsFree(): boolean {
  const active = document.activeElement;
  if (!active || active === document.body) return true;
  if (isTextField(active)) return false;
  return active.closest(PANEL) !== null;
}

export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Puts the focus on the button when it appears, unless that would take it from somebody. */
export function useFocusWhenFree(): RefObject<HTMLButtonElement | null> {
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (focusIsFree()) ref.current?.focus({ preventScroll: true });
  }, []);
  return ref;
}
