import { useQuery } from '@tanstack/react-query';

import { describeError } from '../api/api-error.ts';
import { fetchLimits } from '../api/account.ts';
import { queryKeys } from '../api/query-keys.ts';
import { Notice } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { limitLines } from './limit-names.ts';
import styles from './settings-page.module.css';

export function LimitsSection() {
  const limits = useQuery({ queryKey: queryKeys.limits, queryFn: fetchLimits });
  return (
    <section className={styles['section']} aria-labelledby="limits">
      <h2 id="limits" className={styles['heading']}>
        Limits of this server
      </h2>
      {limits.isPending ? <Spinner label="Loading the limits" /> : null}
      {limits.isError ? (
        <Notice urgency="alert" tone="danger">
          {describeError(limits.error)}
        </Notice>
      ) : null}
      {limits.data ? (
        <dl className={styles['facts']}>
          {limitLines(limits.data).map(({ name, label, value }) => (
            <div key={name} className={styles['fact']}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      ) : null}
    </section>
  );
}
