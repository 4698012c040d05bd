import { type ReactNode, useState } from 'react';

import { Button } from '../ui/button.tsx';
import { DownIcon } from '../ui/icons.tsx';
import type { ThreadRow } from './thread-rows.ts';
import { ThreadRowView } from './thread-row.tsx';
import styles from './thread.module.css';
import { useStickToEnd } from './use-stick-to-end.ts';

interface ThreadProps {
  /** Changes when another conversation is shown. */
  conversationKey: string;
  rows: readonly ThreadRow[];
  isLoading: boolean;
  /** Shown while there is nothing to show. */
  empty: ReactNode;
  /** Shown after the last row: errors about the last answer. */
  children?: ReactNode;
}

const ROWS_AT_ONCE = 200;

const rowKey = (row: ThreadRow): string =>
  row.kind === 'message' && row.isLive ? `${row.key}:live` : row.key;

/**
 * The conversation. Plain document flow rather than a virtual list: rows that appear by scrolling would be
 * read out by the live region as if they had just been said. Long threads open with their newest part.
 */
export function Thread({ conversationKey, rows, isLoading, empty, children }: ThreadProps) {
  const { scrollerRef, contentRef, isAtEnd, jumpToEnd } = useStickToEnd(conversationKey);
  const [limits, setLimits] = useState({ key: conversationKey, count: ROWS_AT_ONCE });
  const count = limits.key === conversationKey ? limits.count : ROWS_AT_ONCE;
  const hidden = Math.max(0, rows.length - count);
  const isLive = rows.some((row) => row.kind === 'message' && row.isLive);

  return (
    <div className={styles['frame']}>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scrollerRef} className={styles['scroller']} tabIndex={0} role="region" aria-label="Thread">
        <div ref={contentRef} className={styles['content']}>
          {hidden > 0 ? (
            <Button
              className={styles['earlier']}
              onClick={() => setLimits({ key: conversationKey, count: count + ROWS_AT_ONCE })}
            >
              Show earlier ({hidden})
            </Button>
          ) : null}
          {rows.length === 0 && !isLoading ? empty : null}
          <div role="log" aria-live="polite" aria-label="Conversation" aria-busy={isLoading}>
            <ol className={styles['rows']}>
              {rows.slice(hidden).map((row) => (
                // A line that becomes final is a new node, so that the log announces it.
                <li key={rowKey(row)} className={styles['row']}>
                  <ThreadRowView row={row} />
                </li>
              ))}
            </ol>
          </div>
          {children}
        </div>
      </div>
      {isAtEnd ? null : (
        <Button className={styles['jump']} onClick={jumpToEnd}>
          <DownIcon />
          {isLive ? 'Jump to live' : 'Jump to latest'}
        </Button>
      )}
    </div>
  );
}
