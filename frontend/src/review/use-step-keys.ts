import { type RefObject, useEffect } from 'react';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type)));

/** Whether a key belongs to the page: not typed into a field, not meant for a menu or a dialog. */
function isForPage(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  if (isTyping(event.target)) return false;
  return document.querySelector('dialog[open], [role="menu"]') === null;
}

/**
 * J and K move focus to the next and the previous element with `data-step` inside `container`, from the
 * one that holds the focus, or from the first. Scrolling follows the focus.
 */
export function useStepKeys(container: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const forward = event.key === 'j' || event.key === 'J';
      if ((!forward && event.key !== 'k' && event.key !== 'K') || !isForPage(event)) return;
      // What stands there is about to be replaced.
      if (container.current?.getAttribute('aria-busy') === 'true') return;
      const steps = [...(container.current?.querySelectorAll<HTMLElement>('[data-step]') ?? [])];
      const at = steps.findIndex((step) => step.contains(document.activeElement));
      const next = steps[at === -1 ? 0 : at + (forward ? 1 : -1)];
      if (next === undefined) return;
      event.preventDefault();
      const target = next.matches('a, button, [tabindex]') ? next : next.querySelector<HTMLElement>('a, button');
      target?.focus();
      next.scrollIntoView({ block: 'nearest' });
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [container]);
}
