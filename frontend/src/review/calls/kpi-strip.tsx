import type { CallSummary } from '../../api/types.ts';
import { ms, percent, usd, whole } from '../numbers.ts';
import styles from './calls.module.css';

type VoiceToVoice = 'v2v_p50_ms' | 'v2v_p95_ms';

interface KpiStripProps {
  /** Without the times from voice to voice where those are not counted. */
  summary: (Omit<CallSummary, VoiceToVoice> & Partial<Pick<CallSummary, VoiceToVoice>>) | undefined;
}

/** The numbers of all calls of the filter; dashes while they are counted, so that nothing jumps. */
export function KpiStrip({ summary }: KpiStripProps) {
  const v2v = { label: 'Voice to voice, median', value: ms(summary?.v2v_p50_ms) };
  const numbers = [
    { label: 'Calls', value: whole(summary?.calls) },
    { label: 'Minutes', value: whole(summary?.minutes) },
    { label: 'Users', value: whole(summary?.users) },
    { label: 'Cost', value: usd(summary?.cost_usd) },
    ...(summary && !('v2v_p50_ms' in summary) ? [] : [v2v]),
    { label: 'First audio, median', value: ms(summary?.first_audio_p50_ms) },
    { label: 'First audio, P95', value: ms(summary?.first_audio_p95_ms) },
    { label: 'Interruptions', value: whole(summary?.interruptions) },
    { label: 'Failed', value: percent(summary?.error_rate) },
  ];
  return (
    <dl className={styles['kpis']} aria-label="All calls of this filter">
      {numbers.map(({ label, value }) => (
        <div key={label} className={styles['kpi']}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
