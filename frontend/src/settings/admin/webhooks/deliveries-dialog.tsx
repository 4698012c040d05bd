import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { describeError } from '../../../api/api-error.ts';
import { queryKeys } from '../../../api/query-keys.ts';
import type { Webhook, WebhookDelivery } from '../../../api/types.ts';
import { fetchDeliveries, replayDelivery } from '../../../api/webhooks.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogActions } from '../../../ui/dialog.tsx';
import { dateTime } from '../../../ui/format.ts';
import { Notice } from '../../../ui/notice.tsx';
import { Spinner } from '../../../ui/spinner.tsx';
import styles from '../admin.module.css';
import { useChange } from '../use-change.ts';
import { attemptWords, deliveryState } from './webhook-words.ts';

const REFRESH_MS = 2000;

/** What was sent to a webhook and what waits, newest first; each can be sent again. */
export function DeliveriesDialog({ webhook, onClose }: { webhook: Webhook; onClose(): void }) {
  const [page, setPage] = useState(1);
  const log = useQuery({
    queryKey: queryKeys.webhookDeliveries(webhook.id, page),
    queryFn: () => fetchDeliveries(webhook.id, page),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.results.some(({ state: one }) => one === 'pending') ? REFRESH_MS : false),
  });
  return (
    <Dialog title="Deliveries" onClose={onClose}>
      {log.isPending ? <Spinner label="Loading the deliveries" /> : null}
      {log.isError ? (
        <Notice urgency="alert" tone="danger">
          {describeError(log.error)}
        </Notice>
      ) : null}
      {log.data?.results.length === 0 ? <p>Nothing has been sent there yet.</p> : null}
      <ul className={styles['log']} aria-label="Deliveries">
        {log.data?.results.map((delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} />
        ))}
      </ul>
      <DialogActions>
        {log.data?.next || page > 1 ? (
          <>
            <Button disabled={page === 1} onClick={() => setPage(page - 1)}>
              Newer
            </Button>
            <Button disabled={!log.data?.next} onClick={() => setPage(page + 1)}>
              Older
            </Button>
          </>
        ) : null}
        <Button look="primary" onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function DeliveryRow({ delivery }: { delivery: WebhookDelivery }) {
  const replay = useChange(() => replayDelivery(delivery.id), 'It is sent again.');
  const { word, tone } = deliveryState(delivery);
  const about = delivery.session_id ?? 'test';
  return (
    <li className={styles['logRow']}>
      <p>
        <strong>{about}</strong>{' '}
        <span className={styles['chip']} data-tone={tone}>
          {word}
        </span>
      </p>
      <p className={styles['dim']}>
        <time dateTime={delivery.created_at}>{dateTime(delivery.created_at ?? null)}</time> · {delivery.message_id}
      </p>
      {delivery.attempts.length > 0 ? (
        <ol className={styles['dim']} aria-label={`Attempts for ${about}`}>
          {delivery.attempts.map((attempt) => (
            <li key={attempt.number}>
              {dateTime(attempt.began_at)}: {attemptWords(attempt)}
            </li>
          ))}
        </ol>
      ) : null}
      <Button look="quiet" disabled={replay.isPending} onClick={() => replay.mutate(undefined)}>
        Send again
      </Button>
    </li>
  );
}
