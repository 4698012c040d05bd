import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSearchParams } from 'react-router';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { fetchCallChoices } from '../../api/review-calls.ts';
import { downloadReviewUsage, fetchReviewUsage } from '../../api/review-usage.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useToast } from '../../ui/toast.tsx';
import { visibleText } from '../../ui/visible-text.ts';
import { ActiveFilters } from '../calls/active-filters.tsx';
import {
  type CallFilterName,
  type CallFilters,
  callFiltersOf,
  DATE_PRESETS,
  withCallFilters,
} from '../calls/call-filters.ts';
import { KpiStrip } from '../calls/kpi-strip.tsx';
import { ReviewGate } from '../review-gate.tsx';
import { ReviewNav } from '../review-nav.tsx';
import { UsageCharts } from './usage-charts.tsx';
import styles from './usage.module.css';

/** What the server takes where no days are given. */
const USUAL_PRESET = 'last_30_days';

export default function UsagePage() {
  useEffect(() => {
    document.title = 'Usage · Review · VoiceAssist';
  }, []);
  return (
    <div className={styles['page']}>
      <PageHeader title="Review" backTo="/" backLabel="Back to conversations" />
      <ReviewNav />
      <main className={styles['main']}>
        <ReviewGate>{() => <Usage />}</ReviewGate>
      </main>
    </div>
  );
}

const optionsOf = (names: readonly string[] = []) => [
  { value: '', label: 'any' },
  ...names.map((name) => ({ value: name, label: visibleText(name) })),
];

function Usage() {
  const toast = useToast();
  const [params, setParams] = useSearchParams();
  const asked = callFiltersOf(params);
  const filters: CallFilters =
    asked.preset || asked.date_from || asked.date_to ? asked : { ...asked, preset: USUAL_PRESET };
  const board = useQuery({
    queryKey: queryKeys.reviewUsage(filters),
    queryFn: ({ signal }) => fetchReviewUsage(filters, signal),
    placeholderData: keepPreviousData,
  });
  const choices = useQuery({ queryKey: queryKeys.callChoices, queryFn: fetchCallChoices });
  const apply = (next: CallFilters): void => setParams(withCallFilters(params, next));
  const set = (name: CallFilterName, value: string): void => apply({ ...filters, [name]: value });
  const save = (): void => {
    downloadReviewUsage(filters).catch((error: unknown) => toast({ text: describeError(error), isError: true }));
  };
  return (
    <>
      <div className={styles['filters']} role="search" aria-label="Filter usage">
        <SelectField
          label="Time"
          value={filters.preset ?? ''}
          options={filters.preset ? DATE_PRESETS : [{ value: '', label: 'chosen days' }, ...DATE_PRESETS]}
          onChange={(preset) => apply({ ...filters, preset, date_from: '', date_to: '' })}
        />
        <SelectField
          label="Group"
          value={filters.group ?? ''}
          options={optionsOf(choices.data?.groups)}
          onChange={(group) => set('group', group)}
        />
        <SelectField
          label="Model"
          value={filters.model ?? ''}
          options={optionsOf(choices.data?.models)}
          onChange={(model) => set('model', model)}
        />
        <Button onClick={save}>Download CSV</Button>
      </div>
      <ActiveFilters filters={asked} onApply={apply} />
      {board.isPending ? <Spinner label="Counting" /> : null}
      {board.isError ? (
        <Notice
          urgency="alert"
          tone="danger"
          action={
            <Button look="quiet" onClick={() => void board.refetch()}>
              Retry
            </Button>
          }
        >
          {describeError(board.error)}
        </Notice>
      ) : null}
      {board.data ? (
        <>
          <KpiStrip summary={board.data.total} />
          <UsageCharts board={board.data} filters={filters} />
        </>
      ) : null}
    </>
  );
}
