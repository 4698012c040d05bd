import { Link } from 'react-router';

import type { CallAnswerTime, Item } from '../../api/types.ts';
import { duration } from '../../ui/format.ts';
import { ms } from '../numbers.ts';
import styles from './call.module.css';
import { percentile, TARGET_MS } from './latency.ts';
import { hashOf, offsetMs } from './spans.ts';

interface LatencyTabProps {
  answers: readonly CallAnswerTime[];
  items: readonly Item[];
  startedAt: string;
  /** The address of the transcript, without a hash. */
  transcriptSearch: string;
}

const BAR = 100;

/** How long the person waited for the first sound of each answer, against the target. */
export function LatencyTab({ answers, items, startedAt, transcriptSearch }: LatencyTabProps) {
  const measured = answers.flatMap(({ first_audio_ms: value }) => (typeof value === 'number' ? [value] : []));
  const longest = Math.max(TARGET_MS * 1.25, ...measured);
  const began = new Map(items.map((item) => [item.item_id, offsetMs(item.created_at, startedAt)]));
  if (answers.length === 0) return <p className={styles['dim']}>No answer was asked for in this call.</p>;
  return (
    <>
      <dl className={styles['facts']}>
        {[50, 90, 95].map((percent) => (
          <div key={percent}>
            <dt>P{percent}</dt>
            <dd>{ms(percentile(percent, measured))}</dd>
          </div>
        ))}
        <div>
          <dt>Over {TARGET_MS} ms</dt>
          <dd>
            {measured.filter((value) => value > TARGET_MS).length} of {measured.length}
          </dd>
        </div>
      </dl>
      <p className={styles['dim']}>
        From the request for an answer to its first audio at this server. The line marks {TARGET_MS} ms.
      </p>
      <div className={styles['scroller']}>
        <table className={styles['table']}>
          <thead>
            <tr>
              <th scope="col">Turn</th>
              <th scope="col">At</th>
              <th scope="col" className={styles['number']}>
                First audio
              </th>
              <th scope="col" className={styles['barCell']}>
                0 to {ms(longest)}
              </th>
              <th scope="col">Ended</th>
            </tr>
          </thead>
          <tbody>
            {answers.map((answer, index) => {
              const at = momentOf(answer, began, startedAt);
              return (
                <tr key={answer.response_id}>
                  <td>{index + 1}</td>
                  <td>
                    <Link to={`${transcriptSearch}${hashOf(at)}`}>{duration(at)}</Link>
                  </td>
                  <td className={styles['number']}>{ms(answer.first_audio_ms)}</td>
                  <td className={styles['barCell']}>
                    <LatencyBar value={answer.first_audio_ms ?? null} longest={longest} />
                  </td>
                  <td>
                    {answer.is_interrupted ? 'interrupted' : (answer.status || '–').replaceAll('_', ' ')}
                    {answer.error_code ? `, ${answer.error_code}` : ''}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Where its first line stands; for an answer without one, when it was asked for. */
function momentOf(answer: CallAnswerTime, began: ReadonlyMap<string, number>, startedAt: string): number {
  const ids: readonly unknown[] = Array.isArray(answer.item_ids) ? answer.item_ids : [];
  for (const id of ids) {
    const at = began.get(String(id));
    if (at !== undefined) return at;
  }
  return answer.created_at ? offsetMs(answer.created_at, startedAt) : 0;
}

function LatencyBar({ value, longest }: { value: number | null; longest: number }) {
  const target = (TARGET_MS / longest) * BAR;
  return (
    <svg className={styles['latencyBar']} viewBox={`0 0 ${BAR} 10`} preserveAspectRatio="none" aria-hidden="true">
      {value === null ? null : (
        <rect
          className={value > TARGET_MS ? styles['slow'] : styles['fast']}
          y="2"
          height="6"
          width={(value / longest) * BAR}
        />
      )}
      <line className={styles['target']} x1={target} x2={target} y1="0" y2="10" />
    </svg>
  );
}
