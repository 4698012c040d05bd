import type { ReactNode } from 'react';

import type { LiveCall, LiveLine } from '../../api/types.ts';
import { duration } from '../../ui/format.ts';
import { HostileLine } from '../hostile-text.tsx';
import { ms, usd } from '../numbers.ts';
import { lastLine } from './floor-store.ts';
import styles from './live.module.css';

export interface LiveColumn {
  name: string;
  label: string;
  isNumber?: boolean;
  /** Left out of the table while a call stands beside it. */
  isAside?: boolean;
  cell(call: LiveCall, shown: Shown): ReactNode;
}

/** What a cell needs besides its call. */
export interface Shown {
  /** The server's clock. */
  nowMs: number;
  lines: readonly LiveLine[] | undefined;
}

const ACTIVITY_WORDS: Readonly<Record<LiveCall['activity'], string>> = {
  '': 'Live',
  connecting: 'Connecting',
  listening: 'Listening',
  user_speaking: 'User speaks',
  thinking: 'Thinking',
  speaking: 'Assistant speaks',
  reconnecting: 'Reconnecting',
};
const TRANSPORTS: Readonly<Record<string, string>> = { websocket: 'WebSocket', webrtc: 'WebRTC', rest: 'REST' };
const LAST_LINE_UNITS = 120;

export function Activity({ call }: { call: LiveCall }) {
  return (
    <span className={styles['activity']} data-activity={call.activity}>
      {call.is_silent ? 'No sign of life' : ACTIVITY_WORDS[call.activity]}
    </span>
  );
}

export function elapsedOf(call: LiveCall, nowMs: number): string {
  return duration(nowMs - new Date(call.started_at).getTime());
}

function LastLine({ call, lines }: { call: LiveCall; lines: readonly LiveLine[] | undefined }) {
  const last = lastLine(lines);
  if (!call.keeps_words) return <span className={styles['dim']}>not kept</span>;
  if (lines === undefined) return <span className={styles['dim']}>open it to read along</span>;
  if (!last) return <span className={styles['dim']}>–</span>;
  return (
    <span className={styles['last']}>
      <HostileLine text={last.text} maxUnits={LAST_LINE_UNITS} />
    </span>
  );
}

function Cost({ call }: { call: LiveCall }) {
  const { month_usd: spent, month_limit_usd: limit } = call;
  if (spent === null || limit === null) return usd(call.cost_usd);
  const words = `${usd(spent)} of ${usd(limit)} spent this month`;
  return (
    <span className={styles['cost']}>
      {usd(call.cost_usd)}
      <meter min={0} max={Number(limit)} high={Number(limit) * 0.8} value={Number(spent)} aria-label={words} title={words} />
    </span>
  );
}

/** Every column of the floor, in order. `user` opens the call. */
export const LIVE_COLUMNS: readonly LiveColumn[] = [
  { name: 'user', label: 'User', cell: (call) => <HostileLine text={call.user.username} maxUnits={40} /> },
  { name: 'elapsed', label: 'Elapsed', isNumber: true, cell: (call, { nowMs }) => elapsedOf(call, nowMs) },
  { name: 'state', label: 'State', cell: (call) => <Activity call={call} /> },
  { name: 'words', label: 'Last line', cell: (call, { lines }) => <LastLine call={call} lines={lines} /> },
  { name: 'turns', label: 'Turns', isNumber: true, cell: (call) => call.turns },
  { name: 'cost', label: 'Cost', isNumber: true, cell: (call) => <Cost call={call} /> },
  { name: 'v2v', label: 'V2V', isNumber: true, cell: (call) => ms(call.v2v_ms) },
  {
    name: 'first_audio',
    label: 'First audio',
    isNumber: true,
    isAside: true,
    cell: (call) => ms(call.first_audio_ms),
  },
  {
    name: 'transport',
    label: 'Transport',
    cell: (call) => `${TRANSPORTS[call.transport] ?? call.transport}${call.is_text_only ? ', text' : ''}`,
  },
  { name: 'model', label: 'Model', isAside: true, cell: (call) => <HostileLine text={call.model} maxUnits={60} /> },
];
