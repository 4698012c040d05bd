import { memo, type ReactNode } from 'react';

import { Button } from '../ui/button.tsx';
import { DownIcon } from '../ui/icons.tsx';
import { haveSameFields } from '../ui/same-fields.ts';
import { VisuallyHidden } from '../ui/visually-hidden.tsx';
import type { ThreadRow } from './thread-rows.ts';
import { ThreadRowView } from './thread-row.tsx';
import styles from './thread.module.css';
import { useEarlierRows } from './use-earlier-rows.ts';
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

const rowKey = (row: ThreadRow): string =>
  row.kind === 'message' && row.isLive ? `${row.key}:live` : row.key;

interface ThreadRowsProps {
  rows: readonly ThreadRow[];
  /** The rows from this one on need not be drawn out of sight. */
  drawn?: number;
}

const ThreadRows = ({ rows, drawn = rows.length }: ThreadRowsProps) =>
  rows.map((row, place) => (
    // A line that becomes final is a new node, so that the log announces it.
    <li key={rowKey(row)} className={styles[place < drawn ? 'row' : 'drawnRow']}>
      <ThreadRowView row={row} />
    </li>
  ));

/** What was said long ago is gone through with every word that is spoken, and nearly never differs. */
const PastRows = memo(ThreadRows, (before, now) => {
  const isAsLong = before.rows.length === now.rows.length && before.drawn === now.drawn;
  return isAsLong && before.rows.every((row, place) => haveSameFields(row, now.rows[place] ?? row));
});

/**
 * The conversation. Plain document flow rather than a virtual list: rows that appear by scrolling would be
 * read out by the live region as if they had just been said. Long threads open with their newest part; what is
 * shown of earlier ones stands in front of the live region.
 */
export function Thread({ conversationKey, rows, isLoading, empty, children }: ThreadProps) {
  const { scrollerRef, contentRef, isAtEnd, jumpToEnd } = useStickToEnd(conversationKey);
  const { hidden, newest, drawn, told, showEarlier } = useEarlierRows(conversationKey, rows.length, scrollerRef);
  const isLive = rows.some((row) => row.kind === 'message' && row.isLive);

  return (
    <div className={styles['frame']}>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scrollerRef} className={styles['scroller']} tabIndex={0} role="region" aria-label="Thread">
        <div ref={contentRef} className={styles['content']}>
          {hidden > 0 ? (
            <Button className={styles['earlier']} onClick={showEarlier}>
              Show earlier ({hidden})
            </Button>
          ) : null}
          <VisuallyHidden>
            <span role="status">{told}</span>
          </VisuallyHidden>
          {newest > hidden ? (
            <ol className={styles['past']} aria-label="Earlier in this conversation">
              <PastRows rows={rows.slice(hidden, newest)} drawn={drawn - hidden} />
            </ol>
          ) : null}
          {rows.length === 0 && !isLoading ? empty : null}
          <div role="log" aria-live="polite" aria-label="Conversation" aria-busy={isLoading}>
            <ol className={styles['rows']}>
              <ThreadRows rows={rows.slice(newest)} />
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
