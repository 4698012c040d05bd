import { type FormEvent, useState } from 'react';

import type { ReviewFilters } from '../api/review.ts';
import { Button } from '../ui/button.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { END_REASON_CODES, theirEndReason } from '../ui/format.ts';
import styles from './review.module.css';

interface ReviewFilterFormProps {
  filters: Required<ReviewFilters>;
  onApply(filters: ReviewFilters): void;
}

const MORE = ['date_from', 'date_to', 'model', 'end_reason', 'status'] as const;

const STATES = [
  { value: '', label: 'Any' },
  { value: 'live', label: 'Live' },
  { value: 'detached', label: 'Detached' },
  { value: 'ended', label: 'Ended' },
];

const REASONS = [
  { value: '', label: 'Any' },
  ...END_REASON_CODES.map((code) => ({ value: code, label: theirEndReason(code) })),
];

export function ReviewFilterForm({ filters, onApply }: ReviewFilterFormProps) {
  const [draft, setDraft] = useState(filters);
  const change = (part: Partial<ReviewFilters>): void => setDraft({ ...draft, ...part });

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onApply(draft);
  };
  const clear = (): void => {
    const empty = { search: '', user: '', date_from: '', date_to: '', model: '', end_reason: '', status: '' };
    setDraft(empty);
    onApply(empty);
  };

  const hasMore = MORE.some((name) => filters[name]);

  return (
    <form className={styles['filters']} role="search" aria-label="Filter conversations" onSubmit={submit}>
      <TextField
        label="Words said or title"
        type="search"
        value={draft.search}
        onChange={(event) => change({ search: event.target.value })}
      />
      <TextField
        label="User"
        autoCapitalize="none"
        value={draft.user}
        onChange={(event) => change({ user: event.target.value })}
      />
      <details className={styles['moreFilters']} open={hasMore || undefined}>
        <summary className={styles['summary']}>More filters</summary>
        <div className={styles['filterGrid']}>
          <TextField
            label="From"
            type="date"
            value={draft.date_from}
            onChange={(event) => change({ date_from: event.target.value })}
          />
          <TextField
            label="To"
            type="date"
            value={draft.date_to}
            onChange={(event) => change({ date_to: event.target.value })}
          />
          <TextField
            label="Model"
            autoCapitalize="none"
            value={draft.model}
            onChange={(event) => change({ model: event.target.value })}
          />
          <SelectField
            label="Session"
            value={draft.status}
            options={STATES}
            onChange={(status) => change({ status })}
          />
          <SelectField
            label="How it ended"
            value={draft.end_reason}
            options={REASONS}
            onChange={(end_reason) => change({ end_reason })}
          />
        </div>
      </details>
      <div className={styles['filterActions']}>
        <Button type="submit" look="primary">
          Apply
        </Button>
        <Button look="quiet" onClick={clear}>
          Clear
        </Button>
      </div>
    </form>
  );
}
