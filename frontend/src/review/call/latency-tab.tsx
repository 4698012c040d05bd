import { useQuery } from '@tanstack/react-query';

import { describeError } from '../../api/api-error.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { fetchWaterfall } from '../../api/review-traces.ts';
import type { Item } from '../../api/types.ts';
import { Notice } from '../../ui/notice.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { ms } from '../numbers.ts';
import styles from './call.module.css';
import latencyStyles from './latency.module.css';
import { STACKED, STAGES, waitedMs } from './latency.ts';
import { TurnTable } from './turn-table.tsx';

interface LatencyTabProps {
  sessionId: string;
  items: readonly Item[];
  startedAt: string;
  /** The address of the transcript, without a hash. */
  transcriptSearch: string;
}

/** How long the person waited for each answer, stage by stage, against the target. */
export function LatencyTab({ sessionId, items, startedAt, transcriptSearch }: LatencyTabProps) {
  const { data, error } = useQuery({
    queryKey: queryKeys.callLatency(sessionId),
    queryFn: () => fetchWaterfall(sessionId),
  });
  if (error) {
    return (
      <Notice urgency="alert" tone="danger">
        {describeError(error)}
      </Notice>
    );
  }
  if (!data) return <Spinner label="Loading the times" />;
  if (data.turns.length === 0) return <p className={styles['dim']}>No answer was asked for in this call.</p>;
  const waited = data.turns.flatMap((turn) => waitedMs(turn) ?? []);
  const over = waited.filter((value) => value > data.target_ms).length;
  const measured = STAGES.filter(({ name }) => data.percentiles[`${name}_ms`]);
  return (
    <>
      <p>
        <strong>
          {over} of {waited.length}
        </strong>{' '}
        answers took longer than the target of {ms(data.target_ms)}, which the line marks.
      </p>
      {data.transport === 'webrtc' ? (
        <p className={styles['dim']}>
          Gateway view: on WebRTC the sound goes from the provider to the client and does not pass this server, so relay
          and playout cannot be seen.
        </p>
      ) : null}
      {measured.length > 0 ? (
        <div className={styles['scroller']}>
          <table className={styles['table']}>
            <caption className={latencyStyles['caption']}>Stages of all answers</caption>
            <thead>
              <tr>
                <th scope="col">Stage</th>
                <th scope="col" className={styles['number']}>
                  P50
                </th>
                <th scope="col" className={styles['number']}>
                  P90
                </th>
                <th scope="col" className={styles['number']}>
                  P95
                </th>
                <th scope="col" className={styles['number']}>
                  Answers
                </th>
              </tr>
            </thead>
            <tbody>
              {measured.map(({ name, label, hint }) => {
                const found = data.percentiles[`${name}_ms`];
                return (
                  <tr key={name}>
                    <th scope="row">
                      {STACKED.some((stage) => stage === name) ? (
                        <span className={latencyStyles['swatch']} data-stage={name} aria-hidden="true" />
                      ) : null}
                      {label} <span className={styles['dim']}>{hint}</span>
                    </th>
                    <td className={styles['number']}>{ms(found?.p50)}</td>
                    <td className={styles['number']}>{ms(found?.p90)}</td>
                    <td className={styles['number']}>{ms(found?.p95)}</td>
                    <td className={styles['number']}>{found?.count}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      ) : null}
      <TurnTable waterfall={data} items={items} startedAt={startedAt} transcriptSearch={transcriptSearch} />
    </>
  );
}
