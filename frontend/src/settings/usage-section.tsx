import { useQuery } from '@tanstack/react-query';

import { describeError } from '../api/api-error.ts';
import { fetchOwnUsage } from '../api/account.ts';
import { queryKeys } from '../api/query-keys.ts';
import { dateTime, duration } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import styles from './settings-page.module.css';
import sections from './usage-section.module.css';

const usd = (amount: string): string => `$${Number(amount).toFixed(2)}`;

/** What one has used, and what is left. */
export function UsageSection() {
  const usage = useQuery({ queryKey: queryKeys.ownUsage, queryFn: fetchOwnUsage });
  const { data } = usage;
  return (
    <section className={styles['section']} aria-labelledby="usage">
      <h2 id="usage" className={styles['heading']}>
        Your usage
      </h2>
      {usage.isPending ? <Spinner label="Loading your usage" /> : null}
      {usage.isError ? (
        <Notice urgency="alert" tone="danger">
          {describeError(usage.error)}
        </Notice>
      ) : null}
      {data ? (
        <>
          <Quota
            label="Talking today"
            used={data.voice_s}
            limit={data.voice_limit_s > 0 ? data.voice_limit_s : null}
            words={`${duration(data.voice_s * 1000)} used`}
            left={
              data.voice_limit_s > 0
                ? `${duration(data.voice_left_s * 1000)} left until ${dateTime(data.day_resets_at)}`
                : 'no limit'
            }
          />
          <Quota
            label="Cost this month"
            used={Number(data.cost_usd)}
            limit={data.cost_limit_usd === null ? null : Number(data.cost_limit_usd)}
            words={`${usd(data.cost_usd)} used`}
            left={
              data.cost_left_usd === null
                ? 'no limit'
                : `${usd(data.cost_left_usd)} left until ${dateTime(data.month_resets_at)}`
            }
          />
          <p className={sections['dim']}>
            {data.calls_this_month} {data.calls_this_month === 1 ? 'call' : 'calls'} this month
          </p>
        </>
      ) : null}
    </section>
  );
}

interface QuotaProps {
  label: string;
  used: number;
  /** Null: nothing limits it. */
  limit: number | null;
  words: string;
  left: string;
}

function Quota({ label, used, limit, words, left }: QuotaProps) {
  return (
    <div className={sections['quota']}>
      <div className={sections['line']}>
        <strong>{label}</strong>
        <span>{words}</span>
      </div>
      {limit === null ? null : <meter className={sections['meter']} min={0} max={limit} value={used} aria-label={label} />}
      <span className={sections['dim']}>{left}</span>
    </div>
  );
}
