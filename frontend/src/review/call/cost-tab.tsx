import { useState } from 'react';

import type { CallUsage } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { clockTime } from '../../ui/format.ts';
import { HostileLine } from '../hostile-text.tsx';
import { usd, whole } from '../numbers.ts';
import styles from './call.module.css';

const TOKENS = [
  { field: 'input_text_tokens', label: 'Text in' },
  { field: 'cached_text_tokens', label: 'cached' },
  { field: 'input_audio_tokens', label: 'Audio in' },
  { field: 'cached_audio_tokens', label: 'cached' },
  { field: 'output_text_tokens', label: 'Text out' },
  { field: 'output_audio_tokens', label: 'Audio out' },
] as const;

const SOUND = [
  { label: 'Sound in', bytes: 'audio_in_bytes', ms: 'audio_in_ms' },
  { label: 'Sound out', bytes: 'audio_out_bytes', ms: 'audio_out_ms' },
] as const;

/** Of decoded sound: `12.3 s, 590 kB`. */
const amount = (ms: number, bytes: number): string =>
  `${(ms / 1000).toFixed(1)} s, ${whole(Math.round(bytes / 1000))} kB`;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What each response and transcription cost, or the tokens behind it, with the prices they were reckoned by. */
export function CostTab({ usage, totalUsd }: { usage: readonly CallUsage[]; totalUsd: string }) {
  const [unit, setUnit] = useState<'money' | 'tokens'>('money');
  if (usage.length === 0) return <p className={styles['dim']}>Nothing was charged for in this call.</p>;
  const numbersOf = (row: CallUsage): string[] =>
    unit === 'money'
      ? [usd(row.cost_usd)]
      : [
          ...TOKENS.map(({ field }) => whole(row[field] ?? 0)),
          ...SOUND.map(({ ms, bytes }) => amount(row[ms] ?? 0, row[bytes] ?? 0)),
        ];
  return (
    <>
      <div className={styles['tools']}>
        <p>
          <strong>{usd(totalUsd)}</strong> for the call
        </p>
        <Button onClick={() => setUnit(unit === 'money' ? 'tokens' : 'money')}>
          Show {unit === 'money' ? 'tokens' : 'money'}
        </Button>
      </div>
      <div className={styles['scroller']}>
        <table className={styles['table']}>
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">At</th>
              {unit === 'money' ? (
                <th scope="col" className={styles['number']}>
                  Cost
                </th>
              ) : (
                [...TOKENS.map(({ label }) => label), ...SOUND.map(({ label }) => label)].map((label, index) => (
                  // oxlint-disable-next-line react/no-array-index-key
                  <th key={index} scope="col" className={styles['number']}>
                    {label}
                  </th>
                ))
              )}
              <th scope="col">Prices</th>
            </tr>
          </thead>
          <tbody>
            {usage.map((row) => (
              <tr key={`${row.kind} ${row.reference}`}>
                <td>{row.kind}</td>
                <td>{clockTime(row.created_at ?? null)}</td>
                {numbersOf(row).map((number, index) => (
                  // oxlint-disable-next-line react/no-array-index-key
                  <td key={index} className={styles['number']}>
                    {number}
                  </td>
                ))}
                <td>{row.price_version ? <HostileLine text={row.price_version} maxUnits={80} /> : 'no price known'}</td>
              </tr>
            ))}
          </tbody>
          {unit === 'tokens' ? (
            <tfoot>
              <tr>
                <th scope="row" colSpan={2}>
                  All
                </th>
                {TOKENS.map(({ field }) => (
                  <td key={field} className={styles['number']}>
                    {whole(sum(usage.map((row) => row[field] ?? 0)))}
                  </td>
                ))}
                {SOUND.map(({ label, ms, bytes }) => (
                  <td key={label} className={styles['number']}>
                    {amount(sum(usage.map((row) => row[ms] ?? 0)), sum(usage.map((row) => row[bytes] ?? 0)))}
                  </td>
                ))}
                <td>{usd(totalUsd)}</td>
              </tr>
            </tfoot>
          ) : null}
        </table>
      </div>
    </>
  );
}
