import { Link } from 'react-router';

import { duration } from '../../ui/format.ts';
import { rulerMarks } from '../charts/scale.ts';
import { hashOf, type Span, TRACKS } from './spans.ts';
import styles from './timeline.module.css';

interface TimelineProps {
  spans: readonly Span[];
  lengthMs: number;
  /** Everything of the address but its hash. */
  search: string;
}

const MOST_MARKS = 6;
const WIDTH = 1000;
const LANE = 22;
const RULER = 20;

const KINDS: Readonly<Record<Span['kind'], string>> = {
  speech: 'user speech',
  thinking: 'thinking',
  heard: 'answer, heard',
  unheard: 'answer, not heard',
  tool: 'tool',
  gap: 'not recorded',
  away: 'line away, reconnected',
};

/** Who did what when, on one axis. A span is a link to its line of the transcript. */
export function Timeline({ spans, lengthMs, search }: TimelineProps) {
  const length = Math.max(1, lengthMs, ...spans.map((span) => span.endMs));
  const xOf = (momentMs: number): number => (momentMs / length) * WIDTH;
  const height = RULER + TRACKS.length * LANE;
  const kinds = [...new Set(spans.map((span) => span.kind))];
  return (
    <figure className={styles['timeline']} aria-label="Timeline of the call">
      <div className={styles['plot']}>
        <ul className={styles['names']} aria-hidden="true">
          {TRACKS.map(({ name, label }) => (
            <li key={name}>{label}</li>
          ))}
        </ul>
        <div className={styles['axis']}>
          <svg
            className={styles['drawing']}
            viewBox={`0 0 ${WIDTH} ${height}`}
            preserveAspectRatio="none"
            role="group"
            aria-label="Stretches of the call"
          >
            <defs>
              <pattern id="unheard" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect className={styles['hatchGround']} width="6" height="6" />
                <rect className={styles['hatchLine']} width="2" height="6" />
              </pattern>
            </defs>
            {rulerMarks(length, MOST_MARKS).map((mark) => (
              <line key={mark} className={styles['mark']} x1={xOf(mark)} x2={xOf(mark)} y1={RULER - 4} y2={height} />
            ))}
            {spans.map((span) => {
              const lane = TRACKS.findIndex(({ name }) => name === span.track);
              const words = `${KINDS[span.kind]} at ${duration(span.startMs)}, ${((span.endMs - span.startMs) / 1000).toFixed(1)} s`;
              return (
                <Link
                  key={`${span.itemId} ${span.kind}`}
                  to={`${search}${hashOf(span.startMs)}`}
                  className={styles['span']}
                  aria-label={words}
                  tabIndex={-1}
                >
                  <title>{words}</title>
                  <rect
                    className={styles[span.kind]}
                    x={xOf(span.startMs)}
                    width={Math.max(2, xOf(span.endMs) - xOf(span.startMs))}
                    y={RULER + lane * LANE + 4}
                    height={LANE - 8}
                    rx="2"
                  />
                </Link>
              );
            })}
          </svg>
          <ol className={styles['ruler']} aria-hidden="true">
            {rulerMarks(length, MOST_MARKS).map((mark) => (
              <li key={mark} ref={(label) => label?.style.setProperty('inset-inline-start', `${(mark / length) * 100}%`)}>
                {duration(mark)}
              </li>
            ))}
          </ol>
        </div>
      </div>
      <figcaption className={styles['legend']}>
        {kinds.map((kind) => (
          <span key={kind}>
            <svg viewBox="0 0 12 12" aria-hidden="true">
              <rect className={styles[kind]} width="12" height="12" rx="2" />
            </svg>
            {KINDS[kind]}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
