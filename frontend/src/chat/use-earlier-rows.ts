import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

const ROWS_AT_ONCE = 200;

interface EarlierRows {
  /** How many of the oldest rows are not shown. */
  hidden: number;
  /** Where the newest part begins, which is shown from the start. */
  newest: number;
  /** From here on rows have been drawn once: the browser knows their heights, and need not draw them out of sight. */
  drawn: number;
  /** What the last request brought, for those who cannot see it appear; else empty. */
  told: string;
  showEarlier(): void;
}

/** hidden: null until earlier rows are asked for. */
export interface Shown {
  key: string;
  newest: number;
  hidden: number | null;
  told: string;
}

export const nothingShown = (key: string): Shown => ({ key, newest: 0, hidden: null, told: '' });

/** What is shown of a conversation that has so many rows now: the very same object where nothing changes. */
export function withRows(last: Shown, key: string, total: number): Shown {
  const shown = last.key === key ? last : nothingShown(key);
  const newest = Math.max(0, total - ROWS_AT_ONCE);
  return shown.hidden === null && newest > shown.newest ? { ...shown, newest } : shown;
}

/**
 * Shows a long thread from its newest part on, and earlier parts on request, while what was being read stays
 * where it is. `resetKey` begins with the newest part anew.
 *
 * The newest part never begins earlier than it did: a row that came back into it would be read out as news. Once
 * earlier rows were asked for it does not move at all, for a row that changes its list is drawn anew.
 */
export function useEarlierRows(
  resetKey: string,
  total: number,
  scrollerRef: RefObject<HTMLDivElement | null>,
): EarlierRows {
  const [last, setShown] = useState(() => nothingShown(resetKey));
  const shown = withRows(last, resetKey, total);
  if (shown !== last) setShown(shown);
  const newest = Math.min(shown.newest, total);
  const hidden = Math.min(shown.hidden ?? newest, newest);
  const first = useRef<{ row: Element; topPx: number } | null>(null);

  const showEarlier = useCallback(() => {
    const row = scrollerRef.current?.querySelector('li');
    if (row) first.current = { row, topPx: row.getBoundingClientRect().top };
    const left = Math.max(0, hidden - ROWS_AT_ONCE);
    setShown({ key: resetKey, newest, hidden: left, told: `Shown from line ${left + 1} on.` });
  }, [scrollerRef, resetKey, newest, hidden]);

  useLayoutEffect(() => {
    const scroller = scrollerRef.current;
    if (!scroller || !first.current) return;
    const { row, topPx } = first.current;
    first.current = null;
    scroller.scrollTop += row.getBoundingClientRect().top - topPx;
    // With the last of them the button has gone, and the focus it had.
    if (hidden === 0) scroller.focus({ preventScroll: true });
  }, [scrollerRef, hidden]);

  const [drawn, setDrawn] = useState({ key: resetKey, from: Infinity });
  useEffect(() => {
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => setDrawn({ key: resetKey, from: hidden }));
    });
    return () => cancelAnimationFrame(frame);
  }, [resetKey, hidden]);

  return { hidden, newest, drawn: drawn.key === resetKey ? drawn.from : Infinity, told: shown.told, showEarlier };
}
