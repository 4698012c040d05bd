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

/**
 * Shows a long thread from its newest part on, and earlier parts on request, while what was being read stays
 * where it is. `resetKey` begins with the newest part anew.
 */
export function useEarlierRows(
  resetKey: string,
  total: number,
  scrollerRef: RefObject<HTMLDivElement | null>,
): EarlierRows {
  const [asked, setAsked] = useState({ key: resetKey, hidden: Infinity, told: '' });
  const newest = Math.max(0, total - ROWS_AT_ONCE);
  const { hidden: most, told } = asked.key === resetKey ? asked : { hidden: Infinity, told: '' };
  const hidden = Math.min(most, newest);
  const first = useRef<{ row: Element; topPx: number } | null>(null);

  const showEarlier = useCallback(() => {
    const row = scrollerRef.current?.querySelector('li');
    if (row) first.current = { row, topPx: row.getBoundingClientRect().top };
    const left = Math.max(0, hidden - ROWS_AT_ONCE);
    setAsked({ key: resetKey, hidden: left, told: `${total - left} of ${total} lines are shown.` });
  }, [scrollerRef, resetKey, total, hidden]);

  useLayoutEffect(() => {
    const scroller = scrollerRef.current;
    if (!scroller || !first.current) return;
    const { row, topPx } = first.current;
    first.current = null;
    scroller.scrollTop += row.getBoundingClientRect().top - topPx;
    // With the last of them the button has gone, and the focus it had.
    if (hidden === 0) scroller.focus({ preventScroll: true });
  }, [scrollerRef, hidden]);

  const [drawn, setDrawn] = useState(hidden);
  useEffect(() => {
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => setDrawn(hidden));
    });
    return () => cancelAnimationFrame(frame);
  }, [hidden]);

  return { hidden, newest, drawn, told, showEarlier };
}
