import { useEffect, useMemo, useRef } from 'react';
import { Link, useLocation } from 'react-router';

import type { Item, LineComment } from '../../api/types.ts';
import { clockTime, dateTime, duration } from '../../ui/format.ts';
import { HostileLine, HostileText } from '../hostile-text.tsx';
import { useStepKeys } from '../use-step-keys.ts';
import { LineComments } from './line-comments.tsx';
import { hashOf, lineAt, offsetMs, secondOf } from './spans.ts';
import styles from './transcript-tab.module.css';

interface TranscriptTabProps {
  sessionId: string;
  items: readonly Item[];
  comments: readonly LineComment[];
  startedAt: string;
  /** The reviewer's own user name. */
  myName: string;
  /** The moment to go to, as `#t=72.4`; anything else goes nowhere. */
  hash: string;
}

const SPEAKERS: Readonly<Record<string, string>> = {
  user: 'User',
  assistant: 'Assistant',
  system: 'System',
  tool: 'Tool',
};

/** Everything said in one call. Each line's time is a link to it; J and K go from line to line. */
export function TranscriptTab(props: TranscriptTabProps) {
  const { sessionId, items, comments, startedAt, myName, hash } = props;
  const { search } = useLocation();
  const lines = useRef<HTMLOListElement>(null);
  useStepKeys(lines);
  const offsets = useMemo(() => items.map((item) => offsetMs(item.created_at, startedAt)), [items, startedAt]);
  const second = secondOf(hash);
  const current = second === null || items.length === 0 ? null : lineAt(offsets, second);

  useEffect(() => {
    if (current === null) return;
    const line = lines.current?.children[current];
    line?.scrollIntoView({ block: 'center' });
    line?.querySelector('a')?.focus({ preventScroll: true });
  }, [current, hash]);

  if (items.length === 0) return <p className={styles['dim']}>Nothing was said.</p>;
  return (
    <ol ref={lines} className={styles['lines']} aria-label="Transcript">
      {items.map((item, index) => (
        <li
          key={item.item_id}
          className={styles['line']}
          data-role={item.role}
          data-kind={item.kind}
          data-step=""
          aria-current={index === current ? 'true' : undefined}
        >
          <p className={styles['meta']}>
            <strong>{SPEAKERS[item.role] ?? item.role}</strong>
            <Link
              to={`${search}${hashOf(offsets[index] ?? 0)}`}
              title={dateTime(item.created_at)}
              aria-label={`Link to ${duration(offsets[index] ?? 0)}`}
            >
              {duration(offsets[index] ?? 0)}
            </Link>
            <time dateTime={item.created_at}>{clockTime(item.created_at)}</time>
            {item.kind === 'message' && item.source !== 'voice' ? <span>{item.source}</span> : null}
            {item.status === 'completed' ? null : <span>{item.status.replaceAll('_', ' ')}</span>}
            {item.heard_text === null || item.heard_ms === null ? null : (
              <span>heard {(item.heard_ms / 1000).toFixed(1)} s, then interrupted</span>
            )}
          </p>
          <LineText item={item} />
          <LineComments
            sessionId={sessionId}
            itemId={item.item_id}
            at={duration(offsets[index] ?? 0)}
            comments={comments.filter((comment) => comment.item_id === item.item_id)}
            myName={myName}
          />
        </li>
      ))}
    </ol>
  );
}

function LineText({ item }: { item: Item }) {
  if (item.kind === 'function_call' || item.kind === 'function_call_output') {
    const word = item.kind === 'function_call' ? 'called' : 'answered';
    return (
      <details className={styles['tool']}>
        <summary>
          {word} <HostileLine text={item.name ?? item.call_id ?? 'a tool'} maxUnits={80} />
          {': '}
          <span className={styles['toolLine']}>
            <HostileLine text={item.text} maxUnits={80} />
          </span>
        </summary>
        <HostileText text={item.text} />
      </details>
    );
  }
  if (!item.text) return <p className={styles['dim']}>nothing recognised</p>;
  return <HostileText text={item.text} heardText={item.heard_text} />;
}
