import { useId } from 'react';
import { Link } from 'react-router';

import styles from './charts.module.css';
import { labelStep, niceMax } from './scale.ts';

/** One moment of the axis; `values` in the order of the series, null where nothing was measured. */
export interface Bucket {
  key: string;
  label: string;
  values: ReadonlyArray<number | null>;
  /** What lies behind the numbers: the list filtered to this bucket. */
  to: string;
}

interface OverTimeProps {
  title: string;
  series: readonly string[];
  buckets: readonly Bucket[];
  /** Bars add up, lines (percentiles) do not. */
  shape: 'bars' | 'lines';
  format(value: number): string;
}

const WIDTH = 480;
const HEIGHT = 160;
const LEFT = 46;
const FOOT = 18;
const TOP = 8;
const MOST_LABELS = 6;
const SERIES_CLASSES = 5;

const seriesClass = (index: number): string => styles[`series${index % SERIES_CLASSES}`] ?? '';

/** A chart of one or more series over time. Each bucket is a link whose name says its numbers. */
export function OverTime({ title, series, buckets, shape, format }: OverTimeProps) {
  const titleId = useId();
  const heights = buckets.map(({ values }) =>
    shape === 'bars' ? [values.reduce<number>((sum, value) => sum + (value ?? 0), 0)] : values.map((v) => v ?? 0),
  );
  const max = niceMax(heights.flat());
  const width = (WIDTH - LEFT) / Math.max(1, buckets.length);
  const yOf = (value: number): number => TOP + (HEIGHT - TOP - FOOT) * (1 - value / max);
  const step = labelStep(buckets.length, MOST_LABELS);
  return (
    <figure className={styles['chart']} aria-labelledby={titleId}>
      <figcaption id={titleId} className={styles['title']}>
        {title}
      </figcaption>
      {buckets.length === 0 ? <p className={styles['empty']}>Nothing in this time.</p> : null}
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={styles['plot']} role="group" aria-labelledby={titleId}>
        {[0, max / 2, max].map((value) => (
          <g key={value} aria-hidden="true">
            <line className={styles['axis']} x1={LEFT} x2={WIDTH} y1={yOf(value)} y2={yOf(value)} />
            <text className={styles['axisText']} x={LEFT - 6} y={yOf(value) + 4} textAnchor="end">
              {format(value)}
            </text>
          </g>
        ))}
        {buckets.map((bucket, index) => (
          <Link
            key={bucket.key}
            to={bucket.to}
            className={styles['bucket']}
            aria-label={`${bucket.label}: ${spoken(series, bucket, format)}`}
          >
            <title>{`${bucket.label}: ${spoken(series, bucket, format)}`}</title>
            <rect
              className={styles['hit']}
              x={LEFT + index * width}
              y={TOP}
              width={width}
              height={HEIGHT - TOP - FOOT}
            />
            {shape === 'bars' ? <Stack values={bucket.values} x={LEFT + index * width} width={width} yOf={yOf} /> : null}
          </Link>
        ))}
        {shape === 'lines'
          ? series.map((name, number) => (
              <Line key={name} number={number} buckets={buckets} width={width} yOf={yOf} />
            ))
          : null}
        {buckets.map((bucket, index) =>
          index % step === 0 ? (
            <text
              key={bucket.key}
              className={styles['axisText']}
              x={LEFT + (index + 0.5) * width}
              y={HEIGHT - 4}
              textAnchor="middle"
              aria-hidden="true"
            >
              {bucket.label}
            </text>
          ) : null,
        )}
      </svg>
      {series.length > 1 ? <Legend series={series} /> : null}
    </figure>
  );
}

function spoken(series: readonly string[], bucket: Bucket, format: (value: number) => string): string {
  return series
    .map((name, number) => {
      const value = bucket.values[number] ?? null;
      return `${series.length > 1 ? `${name} ` : ''}${value === null ? 'not measured' : format(value)}`;
    })
    .join(', ');
}

interface StackProps {
  values: Bucket['values'];
  x: number;
  width: number;
  yOf(value: number): number;
}

function Stack({ values, x, width, yOf }: StackProps) {
  const gap = Math.min(3, width * 0.15);
  const below = values.map((_, number) =>
    values.slice(0, number).reduce<number>((sum, value) => sum + (value ?? 0), 0),
  );
  return values.map((value, number) => {
    const from = below[number] ?? 0;
    return value ? (
      <rect
        // oxlint-disable-next-line react/no-array-index-key
        key={number}
        className={`${styles['bar']} ${seriesClass(number)}`}
        x={x + gap}
        width={Math.max(1, width - 2 * gap)}
        y={yOf(from + value)}
        height={yOf(from) - yOf(from + value)}
      />
    ) : null;
  });
}

interface LineProps {
  number: number;
  buckets: readonly Bucket[];
  width: number;
  yOf(value: number): number;
}

/** Drawn from one measured bucket to the next; what stands alone is a dot. */
function Line({ number, buckets, width, yOf }: LineProps) {
  const points = buckets.flatMap((bucket, index) => {
    const value = bucket.values[number] ?? null;
    return value === null ? [] : [{ key: bucket.key, x: LEFT + (index + 0.5) * width, y: yOf(value) }];
  });
  const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`);
  return (
    <g aria-hidden="true" pointerEvents="none" className={seriesClass(number)}>
      <path className={styles['line']} d={path.join('')} />
      {points.map(({ key, x, y }) => (
        <circle key={key} cx={x} cy={y} r="2.5" />
      ))}
    </g>
  );
}

function Legend({ series }: { series: readonly string[] }) {
  return (
    <ul className={styles['legend']}>
      {series.map((name, number) => (
        <li key={name}>
          <span className={`${styles['swatch']} ${seriesClass(number)}`} aria-hidden="true" />
          <bdi>{name}</bdi>
        </li>
      ))}
    </ul>
  );
}
