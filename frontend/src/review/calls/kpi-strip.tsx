import type { CallSummary } from '../../api/types.ts';
import { ms, percent, usd, whole } from '../numbers.ts';
import styles from './calls.module.css';

/** The numbers of all calls of the filter; dashes while they are counted, so that nothing jumps. */
export function KpiStrip({ summary }: { summary: CallSummary | undefined }) {
  const numbers = [
    { label: 'Calls', value: whole(summary?.calls) },
    { label: 'Minutes', value: whole(summary?.minutes) },
    { label: 'Users', value: whole(summary?.users) },
    { label: 'Cost', value: usd(summary?.cost_usd) },
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
