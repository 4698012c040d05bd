import type { ReviewCall } from '../../api/types.ts';
import { dateTime, duration } from '../../ui/format.ts';
import { CallFlags } from '../calls/call-flags.tsx';
import { Tags } from '../calls/tags.tsx';
import { HostileLine } from '../hostile-text.tsx';
import { ms, usd, whole } from '../numbers.ts';
import { SessionState } from '../session-state.tsx';
import { transportName } from '../transports.ts';
import styles from './call.module.css';

/** The head of a call: who, when, how long, how it ended and what it cost. */
export function CallFacts({ call }: { call: ReviewCall }) {
  const facts = [
    { label: 'User', value: <HostileLine text={call.user.username} maxUnits={60} /> },
    { label: 'Started', value: dateTime(call.started_at) },
    { label: 'Duration', value: duration(call.duration_ms) },
    { label: 'Ended', value: <SessionState session={call} /> },
    { label: 'Model', value: <HostileLine text={call.model} maxUnits={60} /> },
    { label: 'Transport', value: transportName(call.transport) },
    { label: 'Turns', value: whole(call.turns) },
    { label: 'Interruptions', value: whole(call.interruptions) },
    { label: 'Voice to voice P50', value: ms(call.v2v_p50_ms) },
    { label: 'Voice to voice P95', value: ms(call.v2v_p95_ms) },
    { label: 'First audio P50', value: ms(call.first_audio_p50_ms) },
    { label: 'Cost', value: usd(call.cost_usd) },
    { label: 'Flags', value: <CallFlags flags={call.flags} /> },
    { label: 'Tags', value: <Tags tags={call.tags} /> },
  ];
  return (
    <dl className={styles['facts']}>
      {facts.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
