import type { ReactNode } from 'react';

import type { ReviewCall } from '../../api/types.ts';
import { dateTime, duration } from '../../ui/format.ts';
import { HostileLine } from '../hostile-text.tsx';
import { ms, usd, whole } from '../numbers.ts';
import { SessionState } from '../session-state.tsx';
import { transportName } from '../transports.ts';
import { REVIEW_STATUSES } from './call-filters.ts';
import { CallFlags } from './call-flags.tsx';
import { SnippetLine } from './snippet-line.tsx';
import { Tags } from './tags.tsx';

export interface Column {
  name: string;
  label: string;
  /** The server's word for sorting by it, where it can. */
  sort?: string;
  isNumber?: boolean;
  cell(call: ReviewCall): ReactNode;
}

/** Local time; in UTC for who points at it. */
function Moment({ iso }: { iso: string | null }) {
  if (!iso) return '–';
  return (
    <time dateTime={iso} title={new Date(iso).toUTCString()}>
      {dateTime(iso)}
    </time>
  );
}


/** Every column of the call list, in the order in which they stand. `started` is the link to the call. */
export const COLUMNS: readonly Column[] = [
  { name: 'started', label: 'Started', sort: 'started', cell: (call) => <Moment iso={call.started_at} /> },
  { name: 'user', label: 'User', sort: 'user', cell: (call) => <HostileLine text={call.user.username} maxUnits={40} /> },
  { name: 'words', label: 'Words', cell: (call) => <SnippetLine snippet={call.snippet} /> },
  {
    name: 'transport',
    label: 'Transport',
    sort: 'transport',
    cell: (call) => transportName(call.transport),
  },
  { name: 'model', label: 'Model', sort: 'model', cell: (call) => <HostileLine text={call.model} maxUnits={60} /> },
  {
    name: 'duration',
    label: 'Duration',
    sort: 'duration',
    isNumber: true,
    cell: (call) => (call.duration_ms === null ? '–' : duration(call.duration_ms)),
  },
  { name: 'turns', label: 'Turns', sort: 'turns', isNumber: true, cell: (call) => whole(call.turns) },
  {
    name: 'interruptions',
    label: 'Interruptions',
    sort: 'interruptions',
    isNumber: true,
    cell: (call) => whole(call.interruptions),
  },
  {
    name: 'first_audio_p50',
    label: 'First audio P50',
    sort: 'first_audio_p50',
    isNumber: true,
    cell: (call) => ms(call.first_audio_p50_ms),
  },
  {
    name: 'first_audio_p95',
    label: 'First audio P95',
    sort: 'first_audio_p95',
    isNumber: true,
    cell: (call) => ms(call.first_audio_p95_ms),
  },
  {
    name: 'v2v_p50',
    label: 'Voice to voice P50',
    sort: 'v2v_p50',
    isNumber: true,
    cell: (call) => ms(call.v2v_p50_ms),
  },
  {
    name: 'v2v_p95',
    label: 'Voice to voice P95',
    sort: 'v2v_p95',
    isNumber: true,
    cell: (call) => ms(call.v2v_p95_ms),
  },
  { name: 'cost', label: 'Cost', sort: 'cost', isNumber: true, cell: (call) => usd(call.cost_usd) },
  { name: 'end_reason', label: 'Ended', sort: 'end_reason', cell: (call) => <SessionState session={call} /> },
  { name: 'flags', label: 'Flags', cell: (call) => <CallFlags flags={call.flags} /> },
  { name: 'tags', label: 'Tags', cell: (call) => <Tags tags={call.tags} /> },
  {
    name: 'review',
    label: 'Review',
    cell: (call) => REVIEW_STATUSES.find(({ value }) => value === call.review_status)?.label ?? call.review_status,
  },
  {
    name: 'rating',
    label: 'Rating',
    sort: 'rating',
    isNumber: true,
    cell: (call) => (call.rating === null ? '–' : `${call.rating}/5`),
  },
];

export const COLUMN_NAMES: readonly string[] = COLUMNS.map(({ name }) => name);
/** Those that fit a common screen. */
export const USUAL_COLUMNS: readonly string[] = [
  'started',
  'user',
  'words',
  'model',
  'duration',
  'turns',
  'interruptions',
  'v2v_p50',
  'cost',
  'end_reason',
  'flags',
  'tags',
];
