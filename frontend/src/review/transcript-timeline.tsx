import type { Item, ReviewSession } from '../api/types.ts';
import { clockTime, dateTime, duration } from '../ui/format.ts';
import { HostileLine, HostileText } from './hostile-text.tsx';
import styles from './review.module.css';

interface TranscriptTimelineProps {
  items: readonly Item[];
  sessions: readonly ReviewSession[];
}

const SPEAKERS: Readonly<Record<string, string>> = {
  user: 'User',
  assistant: 'Assistant',
  system: 'System',
  tool: 'Tool',
};

function offsetOf(item: Item, sessions: ReadonlyMap<string, ReviewSession>): string {
  const startedAt = sessions.get(item.session_id)?.started_at;
  if (!startedAt) return '';
  const ms = Date.parse(item.created_at) - Date.parse(startedAt);
  return ms >= 0 ? `+${duration(ms)}` : '';
}

/** Everything said, in order, by clock and by time since its session began. */
export function TranscriptTimeline({ items, sessions }: TranscriptTimelineProps) {
  if (items.length === 0) return <p className={styles['dim']}>Nothing was said.</p>;
  const byId = new Map(sessions.map((session) => [session.session_id, session]));
  return (
    <ol className={styles['timeline']}>
      {items.map((item) => (
        <li key={`${item.session_id} ${item.item_id}`} className={styles['line']} data-role={item.role}>
          <p className={styles['lineMeta']}>
            <strong>{item.name ? <HostileLine text={item.name} /> : (SPEAKERS[item.role] ?? item.role)}</strong>
            <time dateTime={item.created_at} title={dateTime(item.created_at)}>
              {clockTime(item.created_at)}
            </time>
            <span>{offsetOf(item, byId)}</span>
            <span>{item.kind === 'message' ? item.source : item.kind.replaceAll('_', ' ')}</span>
            {item.status === 'completed' ? null : <span>{item.status.replaceAll('_', ' ')}</span>}
          </p>
          <ItemText item={item} />
        </li>
      ))}
    </ol>
  );
}

function ItemText({ item }: { item: Item }) {
  if (item.kind !== 'message') {
    return (
      <div className={styles['code']}>
        <HostileText text={item.text} />
      </div>
    );
  }
  if (!item.text) return <p className={styles['dim']}>nothing recognised</p>;
  return (
    <>
      <HostileText text={item.text} heardText={item.heard_text} />
      {item.heard_text === null ? null : (
        <p className={styles['dim']}>
          interrupted{item.heard_ms === null ? '' : ` after ${(item.heard_ms / 1000).toFixed(1)} s`}
        </p>
      )}
    </>
  );
}
