import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { fetchCallChoices, fetchCalls, fetchCallSummary } from '../../api/review-calls.ts';
import type { Me } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { counted } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { useMedia } from '../../ui/use-media.ts';
import { ReviewGate } from '../review-gate.tsx';
import { ReviewNav } from '../review-nav.tsx';
import { useStepKeys } from '../use-step-keys.ts';
import { ActiveFilters } from './active-filters.tsx';
import { CallCards } from './call-cards.tsx';
import { type CallFilters, callFiltersOf, withCallFilters } from './call-filters.ts';
import { CallTable } from './call-table.tsx';
import styles from './calls.module.css';
import { ColumnsButton, useColumns } from './columns-menu.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { FilterPanel } from './filter-panel.tsx';
import { KpiStrip } from './kpi-strip.tsx';
import { Pager } from './pager.tsx';
import { SavedViewsButton } from './saved-views.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { useSelection } from './selection.ts';

const PAGE_SIZE = 50;
/** Pasted as it stands, it goes straight to the call. */
const SESSION_ID = /^rtc_[\w-]+$/;
const USUAL_SORT = '-started';

export default function CallsPage() {
  useEffect(() => {
    document.title = 'Calls · Review · VoiceAssist';
  }, []);
  return (
    <div className={styles['page']}>
      <PageHeader title="Review" backTo="/" backLabel="Back to conversations" />
      <ReviewNav />
      <main className={styles['main']}>
        <ReviewGate>{(me) => <CallList me={me} />}</ReviewGate>
      </main>
    </div>
  );
}

function CallList({ me }: { me: Me }) {
  const [params, setParams] = useSearchParams();
  const filters = callFiltersOf(params);
  const sort = params.get('sort') ?? USUAL_SORT;
  const page = Math.max(1, Number.parseInt(params.get('page') ?? '1', 10) || 1);
  const query = { ...filters, sort, page: String(page) };
  const list = useQuery({
    queryKey: queryKeys.callList(query),
    queryFn: ({ signal }) => fetchCalls(query, signal),
    placeholderData: keepPreviousData,
  });
  const summary = useQuery({
    queryKey: queryKeys.callSummary(filters),
    queryFn: ({ signal }) => fetchCallSummary(filters, signal),
    placeholderData: keepPreviousData,
  });
  const choices = useQuery({ queryKey: queryKeys.callChoices, queryFn: fetchCallChoices });
  const choice = useColumns();
  const selection = useSelection();
  const [isExporting, setIsExporting] = useState(false);
  const mayExport = me.permissions.includes('export_conversation');
  const isNarrow = useMedia('(max-width: 767px)');
  const rows = useRef<HTMLDivElement>(null);
  useStepKeys(rows);

  const navigate = useNavigate();
  const apply = (next: CallFilters): void => {
    const id = SESSION_ID.exec(next.search?.trim() ?? '')?.[0];
    if (id) {
      void navigate(`/review/calls/${id}`);
      return;
    }
    selection.clear();
    setParams(withCallFilters(params, next));
  };
  const changed = (name: string, value: string): URLSearchParams => {
    const next = new URLSearchParams(params);
    next.delete('page');
    next.set(name, value);
    return next;
  };
  const behind = withCallFilters(params, filters).toString();
  const Rows = isNarrow ? CallCards : CallTable;
  const calls = list.data?.results ?? [];
  return (
    <>
      <FilterPanel key={params.toString()} filters={filters} choices={choices.data} onApply={apply} />
      <ActiveFilters filters={filters} onApply={apply} />
      <KpiStrip summary={summary.data} />
      {list.isPending ? <Spinner label="Loading calls" /> : null}
      {list.isError ? (
        <Notice
          urgency="alert"
          tone="danger"
          action={
            <Button look="quiet" onClick={() => void list.refetch()}>
              Retry
            </Button>
          }
        >
          {describeError(list.error)}
        </Notice>
      ) : null}
      {list.isSuccess ? (
        <section ref={rows} className={styles['list']} aria-labelledby="found" aria-busy={list.isPlaceholderData}>
          <div className={styles['listHead']}>
            <h2 id="found">
              <span role="status">{list.data.count === 0 ? 'No call matches' : counted(list.data.count, 'call')}</span>
            </h2>
            <div className={styles['tools']}>
              {mayExport && calls.length > 0 ? <Button onClick={() => setIsExporting(true)}>Export…</Button> : null}
              <SavedViewsButton filters={filters} sort={sort} />
              <ColumnsButton choice={choice} />
            </div>
          </div>
          {calls.length === 0 ? (
            <p className={styles['dim']}>
              Take a filter away, or choose a longer time. A call appears here as soon as it has begun.
            </p>
          ) : (
            <Rows
              calls={calls}
              columns={choice.columns}
              sort={sort}
              onSort={(next) => setParams(changed('sort', next))}
              selection={selection}
              addressOf={(call) => `/review/calls/${call.session_id}${behind ? `?${behind}` : ''}`}
            />
          )}
          {isExporting ? (
            <ExportDialog
              scope={{ filter: { ...filters, sort } }}
              count={list.data.count}
              onClose={() => setIsExporting(false)}
            />
          ) : null}
          <SelectionBar
            selection={selection}
            mayDelete={me.permissions.includes('delete_conversation')}
            mayExport={mayExport}
          />
          <Pager
            page={page}
            count={list.data.count}
            pageSize={PAGE_SIZE}
            addressOf={(next) => `?${changed('page', String(next)).toString()}`}
          />
        </section>
      ) : null}
    </>
  );
}
