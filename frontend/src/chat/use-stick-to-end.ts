import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

const NEAR_END_PX = 48;

interface StickToEnd {
  scrollerRef: RefObject<HTMLDivElement | null>;
  contentRef: RefObject<HTMLDivElement | null>;
  isAtEnd: boolean;
  jumpToEnd(): void;
}

/** Keeps the end of growing content in view until the reader scrolls up; `resetKey` starts at the end anew. */
export function useStickToEnd(resetKey: string): StickToEnd {
  const scrollerRef = useRef<HTMLDivElement>(null);
  const contentRef = useRef<HTMLDivElement>(null);
  const isSticking = useRef(true);
  const [isAtEnd, setIsAtEnd] = useState(true);

  const jumpToEnd = useCallback(() => {
    isSticking.current = true;
    setIsAtEnd(true);
    const scroller = scrollerRef.current;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
  }, []);

  useEffect(() => {
    jumpToEnd();
  }, [resetKey, jumpToEnd]);

  useEffect(() => {
    const scroller = scrollerRef.current;
    const content = contentRef.current;
    if (!scroller || !content) return undefined;
    let lastTop = scroller.scrollTop;
    const onScroll = () => {
      const isNear = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
      // Only the reader scrolls upwards; growth and resizing never do.
      if (isNear) isSticking.current = true;
      else if (scroller.scrollTop < lastTop) isSticking.current = false;
      lastTop = scroller.scrollTop;
      setIsAtEnd(isNear || isSticking.current);
    };
    const observer = new ResizeObserver(() => {
      if (isSticking.current) scroller.scrollTop = scroller.scrollHeight;
    });
    observer.observe(content);
    observer.observe(scroller);
    scroller.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener('scroll', onScroll);
    };
  }, []);

  return { scrollerRef, contentRef, isAtEnd, jumpToEnd };
}
