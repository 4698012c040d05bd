import { memo } from 'react';

import { clockTime, endReason } from '../ui/format.ts';
import { ToolIcon, VoiceIcon } from '../ui/icons.tsx';
import { haveSameFields } from '../ui/same-fields.ts';
import { VisuallyHidden } from '../ui/visually-hidden.tsx';
import { AnswerText } from './answer-text.tsx';
import type { CallRow, MessageRow, ThreadRow, ToolRow } from './thread-rows.ts';
import styles from './thread-row.module.css';

const SPEAKER = { user: 'You', assistant: 'Assistant', system: 'System' } as const;

function Message({ row }: { row: MessageRow }) {
  const time = clockTime(row.createdAt);
  const isAnswer = row.role === 'assistant';
  const isWaiting = row.isLive && row.text === '';
  const isPlain = !isAnswer || row.unheard !== '';
  return (
    // A partial line is for the eye alone; its links must not take focus while hidden.
    <div
      className={styles[row.role]}
      aria-hidden={row.isLive || undefined}
      inert={row.isLive}
      data-role={row.role}
    >
      <VisuallyHidden>{SPEAKER[row.role]}: </VisuallyHidden>
      <div className={styles['bubble']} data-live={row.isLive || undefined}>
        {isWaiting ? (
          <span className={styles['waiting']} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        ) : null}
        {!isWaiting && isPlain ? (
          <p className={styles['plain']} dir="auto">
            {row.text}
            {row.unheard ? (
              <span className={styles['unheard']}>
                {row.unheard}
                <span className={styles['unheardNote']}> not spoken</span>
              </span>
            ) : null}
          </p>
        ) : null}
        {!isWaiting && !isPlain ? <AnswerText text={row.text} /> : null}
      </div>
      <p className={styles['meta']}>
        {row.isVoice ? (
          <span className={styles['glyph']} title="Spoken">
            <VoiceIcon />
            <VisuallyHidden>spoken </VisuallyHidden>
          </span>
        ) : null}
        {time}
        {row.isFailed ? <span className={styles['failed']}> not completed</span> : null}
      </p>
    </div>
  );
}

function Tool({ row }: { row: ToolRow }) {
  return (
    <details className={styles['tool']}>
      <summary className={styles['toolSummary']}>
        <ToolIcon />
        <span className={styles['toolName']}>{row.name}</span>
        <span className={styles['toolResult']}>{row.output ?? 'no result yet'}</span>
        {row.durationMs === null ? null : <span>{row.durationMs} ms</span>}
      </summary>
      <dl className={styles['toolDetails']}>
        <dt>Asked</dt>
        <dd>{row.input || 'nothing'}</dd>
        <dt>Result</dt>
        <dd>{row.output ?? 'none yet'}</dd>
      </dl>
    </details>
  );
}

function Call({ row }: { row: CallRow }) {
  const started = `Voice call started ${clockTime(row.startedAt)}`;
  const reason = row.endReason ? ` (${endReason(row.endReason)})` : '';
  const ended = row.endedAt ? ` · ended ${clockTime(row.endedAt)}${reason}` : '';
  return <p className={styles['call']}>{started + ended}</p>;
}

/** One row of the thread, of any kind. */
export const ThreadRowView = memo(function ThreadRowView({ row }: { row: ThreadRow }) {
  switch (row.kind) {
    case 'message':
      return <Message row={row} />;
    case 'tool':
      return <Tool row={row} />;
    case 'call':
      return <Call row={row} />;
    case 'gap':
      return <p className={styles['call']}>{row.text}</p>;
  }
  // Rows are made anew with each delta; only those that differ are drawn again.
}, (before, now) => haveSameFields(before.row, now.row));
