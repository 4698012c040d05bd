import type { UsageBoard, UsageNumbers } from '../../api/types.ts';
import { theirEndReason } from '../../ui/format.ts';
import { visibleText } from '../../ui/visible-text.ts';
import { type CallFilters, withCallFilters } from '../calls/call-filters.ts';
import { OverTime } from '../charts/over-time.tsx';
import { Shares } from '../charts/shares.tsx';
import { ms, percent, short, usd, whole } from '../numbers.ts';
import styles from './usage.module.css';

interface UsageChartsProps {
  board: UsageBoard;
  filters: CallFilters;
}

const DAY = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });

type Value = number | null;

/** What is drawn of each day. */
const OVER_DAYS: ReadonlyArray<{
  title: string;
  series: readonly string[];
  shape: 'bars' | 'lines';
  values(day: UsageNumbers): readonly Value[];
  format(value: number): string;
}> = [
  { title: 'Calls', series: ['calls'], shape: 'bars', values: (day) => [day.calls], format: short },
  { title: 'Minutes', series: ['minutes'], shape: 'bars', values: (day) => [day.minutes], format: short },
  { title: 'Cost', series: ['cost'], shape: 'bars', values: (day) => [Number(day.cost_usd)], format: usd },
  { title: 'People', series: ['people'], shape: 'bars', values: (day) => [day.users], format: short },
  {
    title: 'Time to first audio',
    series: ['P50', 'P90', 'P95'],
    shape: 'lines',
    values: (day) => [day.first_audio_p50_ms, day.first_audio_p90_ms, day.first_audio_p95_ms],
    format: ms,
  },
  {
    title: 'Interruptions per turn',
    series: ['share of turns'],
    shape: 'lines',
    values: (day) => [day.turns > 0 ? day.interruptions_per_turn : null],
    format: percent,
  },
  {
    title: 'Calls that broke',
    series: ['share of calls'],
    shape: 'lines',
    values: (day) => [day.calls > 0 ? day.error_rate : null],
    format: percent,
  },
];

/** Charts of one board; each of their parts leads to the calls behind it. */
export function UsageCharts({ board, filters }: UsageChartsProps) {
  const listOf = (more: CallFilters): string =>
    `/review?${withCallFilters(new URLSearchParams(), { ...filters, ...more }).toString()}`;
  const ofDay = (day: string): string => listOf({ preset: '', date_from: day, date_to: day });
  return (
    <div className={styles['charts']}>
      {OVER_DAYS.map(({ title, series, shape, values, format }) => (
        <OverTime
          key={title}
          title={title}
          series={series}
          shape={shape}
          format={format}
          buckets={board.days.map((day) => ({
            key: day.key,
            label: DAY.format(new Date(day.key)),
            values: values(day),
            to: ofDay(day.key),
          }))}
        />
      ))}
      <Shares
        title="How calls ended"
        format={whole}
        shares={board.end_reasons.map(({ end_reason: reason, calls }) => ({
          key: reason,
          label: theirEndReason(reason),
          value: calls,
          to: listOf({ end_reason: reason }),
        }))}
      />
      <Shares
        title="Cost by model"
        format={usd}
        shares={board.models.map(({ key, cost_usd: cost }) => ({
          key,
          label: visibleText(key),
          value: Number(cost),
          to: listOf({ model: key }),
        }))}
      />
      <Shares
        title="Minutes by group"
        format={whole}
        shares={board.groups.map(({ key, minutes }) => ({
          key,
          label: key === '' ? 'in no group' : visibleText(key),
          value: minutes,
          to: listOf(key === '' ? {} : { group: key }),
        }))}
      />
    </div>
  );
}
