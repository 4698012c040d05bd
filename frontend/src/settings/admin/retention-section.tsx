import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';

import { describeError } from '../../api/api-error.ts';
import { changeRetention, fetchRetention, previewRetention } from '../../api/administration.ts';
import { queryKeys } from '../../api/query-keys.ts';
import type { RetentionClass } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import styles from './admin.module.css';
import { Section } from './section.tsx';
import { useChange } from './use-change.ts';

/** How long each class of data is kept. */
export function RetentionSection() {
  const retention = useQuery({ queryKey: queryKeys.retention, queryFn: fetchRetention });
  return (
    <Section
      title="Retention"
      about="In days; 0 keeps for ever. The daily run of “manage.py retention” deletes what is older."
      query={retention}
    >
      {(rows) => <Retention key={JSON.stringify(rows)} rows={rows} />}
    </Section>
  );
}

function Retention({ rows }: { rows: readonly RetentionClass[] }) {
  const titleId = useId();
  const [days, setDays] = useState<Record<string, string>>(() =>
    Object.fromEntries(rows.map((one) => [one.name, String(one.days)])),
  );
  const save = useChange(changeRetention, 'Saved. The next run goes by it.');
  const preview = useMutation({ mutationFn: previewRetention });
  const changed = Object.fromEntries(
    rows
      .filter((one) => days[one.name] !== '' && Number(days[one.name]) !== one.days)
      .map((one) => [one.name, Number(days[one.name])]),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(changed);
  };
  return (
    <form className={styles['form']} onSubmit={submit}>
      <div className={styles['grid']}>
        {rows.map((one) => (
          <TextField
            key={one.name}
            label={one.holds}
            hint={one.least_days > 0 ? `At least ${one.least_days}: quotas count the month.` : undefined}
            type="number"
            min={0}
            max={36500}
            required
            value={days[one.name] ?? ''}
            onChange={(event) => setDays({ ...days, [one.name]: event.target.value })}
          />
        ))}
      </div>
      <div className={styles['actions']}>
        <Button type="submit" look="primary" disabled={Object.keys(changed).length === 0 || save.isPending}>
          Save
        </Button>
        <Button onClick={() => preview.mutate()} disabled={preview.isPending}>
          What would be deleted now?
        </Button>
      </div>
      {preview.isError ? (
        <Notice urgency="alert" tone="danger">
          {describeError(preview.error)}
        </Notice>
      ) : null}
      {preview.data ? (
        <div role="status">
          <p id={titleId} className={styles['label']}>
            The next run would delete
          </p>
          <ul aria-labelledby={titleId}>
            {preview.data.map((one) => (
              <li key={one.name}>
                {one.name.replaceAll('_', ' ')}: {one.days > 0 ? `${one.rows} (older than ${one.days} days)` : 'nothing, kept for ever'}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </form>
  );
}
