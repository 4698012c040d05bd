import { Link } from 'react-router';

import type { CallTurn, CallWaterfall, Item } from '../../api/types.ts';
import { duration } from '../../ui/format.ts';
import { ms } from '../numbers.ts';
import styles from './call.module.css';
import latencyStyles from './latency.module.css';
import { partsOf, STAGES, stageOf, waitedMs } from './latency.ts';
import { hashOf, offsetMs } from './spans.ts';

interface TurnTableProps {
  waterfall: CallWaterfall;
  items: readonly Item[];
  startedAt: string;
  transcriptSearch: string;
}

const BAR = 100;

/** One row an answer: the bar of its stages, and their numbers in the cells beside it. */
export function TurnTable({ waterfall, items, startedAt, transcriptSearch }: TurnTableProps) {
  const { turns, target_ms: target } = waterfall;
  const stages = STAGES.filter(({ name }) => turns.some((turn) => stageOf(turn, name) !== null));
  const began = new Map(items.map((item) => [item.item_id, offsetMs(item.created_at, startedAt)]));
  const longest = Math.max(target * 1.25, ...turns.map((turn) => waitedMs(turn) ?? 0));
  return (
    <div className={styles['scroller']}>
      <table className={`${styles['table']} ${latencyStyles['turns']}`}>
        <caption className={latencyStyles['caption']}>Answer by answer, in ms</caption>
        <thead>
          <tr>
            <th scope="col">Turn</th>
            <th scope="col">At</th>
            <th scope="col" className={latencyStyles['barCell']}>
              0 to {ms(longest)}
            </th>
            <th scope="col" className={styles['number']}>
              Waited
            </th>
            {stages.map(({ name, label }) => (
              <th key={name} scope="col" className={styles['number']}>
                {label}
              </th>
            ))}
            <th scope="col">Ended</th>
            <th scope="col">View</th>
          </tr>
        </thead>
        <tbody>
          {turns.map((turn, index) => {
            const at = momentOf(turn, began, startedAt);
            return (
              <tr key={turn.response_id}>
                <td>{index + 1}</td>
                <td>
                  <Link to={`${transcriptSearch}${hashOf(at)}`}>{duration(at)}</Link>
                </td>
                <td className={latencyStyles['barCell']}>
                  <WaterfallBar turn={turn} longest={longest} target={target} />
                </td>
                <td className={styles['number']}>
                  <Waited turn={turn} target={target} />
                </td>
                {stages.map(({ name }) => (
                  <td key={name} className={styles['number']}>
                    {shown(stageOf(turn, name))}
                  </td>
                ))}
                <td>{endOf(turn)}</td>
                <td>{turn.view === 'client' ? 'client' : 'gateway view'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Waited({ turn, target }: { turn: CallTurn; target: number }) {
  const waited = waitedMs(turn);
  if (waited === null) return '–';
  return waited > target ? <strong title="over the target">{shown(waited)} ▲</strong> : shown(waited);
}

function endOf(turn: CallTurn): string {
  const end = turn.is_interrupted ? 'interrupted' : (turn.status || '–').replaceAll('_', ' ');
  const dry = turn.underruns > 0 ? `, ran dry ${turn.underruns}×` : '';
  return `${end}${turn.error_code ? `, ${turn.error_code}` : ''}${dry}`;
}

/** Tenths where a whole millisecond would say nothing. */
const shown = (value: number | null): string =>
  value === null ? '–' : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString();

/** Where its first line stands; for an answer without one, when it was over. */
function momentOf(turn: CallTurn, began: ReadonlyMap<string, number>, startedAt: string): number {
  for (const id of turn.item_ids ?? []) {
    const at = began.get(id);
    if (at !== undefined) return at;
  }
  return turn.created_at ? offsetMs(turn.created_at, startedAt) : (turn.at_ms ?? 0);
}

function WaterfallBar({ turn, longest, target }: { turn: CallTurn; longest: number; target: number }) {
  const xOf = (value: number): number => (value / longest) * BAR;
  return (
    <svg className={latencyStyles['bar']} viewBox={`0 0 ${BAR} 10`} preserveAspectRatio="none" aria-hidden="true">
      {partsOf(turn).map(({ stage, fromMs, ms: length }) => (
        <rect key={stage} data-stage={stage} x={xOf(fromMs)} width={xOf(length)} y="1" height="8" />
      ))}
      <line className={latencyStyles['target']} x1={xOf(target)} x2={xOf(target)} y1="0" y2="10" />
    </svg>
  );
}
