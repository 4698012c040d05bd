import { useEffect, useRef, useState } from 'react';

import type { LiveLine } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { HostileLine, HostileText } from '../hostile-text.tsx';
import styles from './live.module.css';

const SPEAKERS: Readonly<Record<string, string>> = {
  user: 'User',
  assistant: 'Assistant',
  system: 'System',
  tool: 'Tool',
};
/** So near to the end counts as being there. */
const AT_END_PX = 48;

/**
 * What is said, as it is said. Only finished lines are announced; those in the air change every second.
 * It follows the last line until the reader scrolls up.
 */
export function LiveLines({ lines }: { lines: readonly LiveLine[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [isFollowing, setIsFollowing] = useState(true);
  useEffect(() => {
    if (isFollowing && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, isFollowing]);
  const follow = (): void => {
    const at = box.current;
    if (at) setIsFollowing(at.scrollHeight - at.scrollTop - at.clientHeight < AT_END_PX);
  };
  return (
    <div className={styles['reading']}>
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={box} className={styles['scroller']} role="region" aria-label="Live transcript" tabIndex={0} onScroll={follow}>
        {lines.length === 0 ? <p className={styles['dim']}>Nothing has been said yet.</p> : null}
        <div className={styles['lines']} role="log" aria-label="What is said">
          {lines.map((line) => (
            <Line key={line.item_id} line={line} />
          ))}
        </div>
      </div>
      {isFollowing ? null : (
        <Button className={styles['jump']} onClick={() => setIsFollowing(true)}>
          Jump to live
        </Button>
      )}
    </div>
  );
}

function Line({ line }: { line: LiveLine }) {
  const isOpen = line.status === 'in_progress';
  return (
    <div className={styles['line']} data-role={line.role} data-open={isOpen || undefined} aria-hidden={isOpen || undefined}>
      <p className={styles['speaker']}>
        <strong>{SPEAKERS[line.role] ?? line.role}</strong>
        {line.heard_text === null ? null : <span>interrupted</span>}
        {isOpen || line.status === 'completed' ? null : <span>{line.status}</span>}
      </p>
      <Words line={line} isOpen={isOpen} />
    </div>
  );
}

function Words({ line, isOpen }: { line: LiveLine; isOpen: boolean }) {
  if (line.kind === 'recording_gap') return <p className={styles['dim']}>This stretch was not recorded.</p>;
  if (line.kind !== 'message') {
    return (
      <p className={styles['tool']}>
        {line.kind === 'function_call' ? 'called' : 'answered'} <HostileLine text={line.name ?? 'a tool'} maxUnits={80} />
        {': '}
        <HostileLine text={line.text} maxUnits={160} />
      </p>
    );
  }
  if (line.text === '') return <p className={styles['dim']}>{isOpen ? '…' : 'nothing recognised'}</p>;
  return <HostileText text={line.is_cut ? `${line.text}…` : line.text} heardText={line.heard_text} />;
}
