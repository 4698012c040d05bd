import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { queryKeys } from '../../../api/query-keys.ts';
import type { IssuedWebhook, Webhook } from '../../../api/types.ts';
import { changeWebhook, deleteWebhook, fetchWebhooks, rotateWebhookSecret, testWebhook } from '../../../api/webhooks.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogActions } from '../../../ui/dialog.tsx';
import { visibleText } from '../../../ui/visible-text.ts';
import styles from '../admin.module.css';
import { Section } from '../section.tsx';
import { Toggle } from '../toggle.tsx';
import { useChange } from '../use-change.ts';
import { DeliveriesDialog } from './deliveries-dialog.tsx';
import { WebhookDialog } from './webhook-dialog.tsx';
import { WebhookSecretDialog } from './webhook-secret-dialog.tsx';
import { webhookState } from './webhook-words.ts';

/** Where each call that ends is reported to. */
export function WebhooksSection({ mayIncludeWords }: { mayIncludeWords: boolean }) {
  const webhooks = useQuery({ queryKey: queryKeys.webhooks, queryFn: fetchWebhooks });
  const [isAdding, setIsAdding] = useState(false);
  const [issued, setIssued] = useState<IssuedWebhook | null>(null);
  const [shown, setShown] = useState<Webhook | null>(null);
  const [leaving, setLeaving] = useState<Webhook | null>(null);
  return (
    <Section
      title="Webhooks"
      about="Each call that ends is reported to these addresses, signed: who, how long, why it ended, what it cost, and what was said where that may be read."
      query={webhooks}
    >
      {(rows) => (
        <>
          {rows.length === 0 ? <p>Calls are reported nowhere.</p> : null}
          <ul className={styles['log']} aria-label="Webhooks">
            {rows.map((webhook) => (
              <WebhookRow
                key={webhook.id}
                webhook={webhook}
                mayIncludeWords={mayIncludeWords}
                onDeliveries={() => setShown(webhook)}
                onIssued={setIssued}
                onDelete={() => setLeaving(webhook)}
              />
            ))}
          </ul>
          <div>
            <Button onClick={() => setIsAdding(true)}>Add a webhook</Button>
          </div>
          {isAdding ? (
            <WebhookDialog
              mayIncludeWords={mayIncludeWords}
              onClose={() => setIsAdding(false)}
              onMade={(made) => {
                setIsAdding(false);
                setIssued(made);
                void webhooks.refetch();
              }}
            />
          ) : null}
          {issued ? <WebhookSecretDialog issued={issued} onClose={() => setIssued(null)} /> : null}
          {shown ? <DeliveriesDialog webhook={shown} onClose={() => setShown(null)} /> : null}
          {leaving ? <DeleteWebhookDialog webhook={leaving} onClose={() => setLeaving(null)} /> : null}
        </>
      )}
    </Section>
  );
}

interface WebhookRowProps {
  webhook: Webhook;
  mayIncludeWords: boolean;
  onDeliveries(): void;
  onIssued(issued: IssuedWebhook): void;
  onDelete(): void;
}

function WebhookRow({ webhook, mayIncludeWords, onDeliveries, onIssued, onDelete }: WebhookRowProps) {
  const { id } = webhook;
  const name = visibleText(webhook.description || webhook.url);
  const change = useChange(
    (changes: { is_enabled?: boolean; include_transcript?: boolean }) => changeWebhook(id, changes),
    'Saved.',
  );
  const test = useChange(() => testWebhook(id), 'A test is on its way.');
  const rotate = useChange(() => rotateWebhookSecret(id).then(onIssued), 'There is a new secret.');
  const { word, tone } = webhookState(webhook);
  return (
    <li className={styles['logRow']}>
      <p>
        <strong>
          <bdi>{name}</bdi>
        </strong>{' '}
        <span className={styles['chip']} data-tone={tone}>
          {word}
        </span>
      </p>
      {webhook.description ? <p className={styles['dim']}>{visibleText(webhook.url)}</p> : null}
      <div className={styles['actions']}>
        <Toggle
          label={`Report to ${name}`}
          isOn={webhook.is_enabled ?? false}
          onToggle={(isEnabled) => change.mutateAsync({ is_enabled: isEnabled })}
        />
        <Toggle
          label="Send what was said"
          isOn={webhook.include_transcript ?? false}
          disabled={!mayIncludeWords && !webhook.include_transcript}
          onToggle={(isWanted) => change.mutateAsync({ include_transcript: isWanted })}
        />
      </div>
      <div className={styles['actions']}>
        <Button onClick={onDeliveries} aria-label={`Deliveries to ${name}`}>
          Deliveries
        </Button>
        <Button
          disabled={test.isPending}
          aria-label={`Send a test to ${name}`}
          onClick={() => test.mutate(undefined, { onSuccess: onDeliveries })}
        >
          Send a test
        </Button>
        <Button disabled={rotate.isPending} aria-label={`New secret for ${name}`} onClick={() => rotate.mutate(undefined)}>
          New secret
        </Button>
        <Button look="quiet" onClick={onDelete} aria-label={`Delete ${name}`}>
          Delete
        </Button>
      </div>
    </li>
  );
}

function DeleteWebhookDialog({ webhook, onClose }: { webhook: Webhook; onClose(): void }) {
  const remove = useChange(() => deleteWebhook(webhook.id), 'Deleted.');
  return (
    <Dialog title="Delete webhook?" onClose={onClose}>
      <p>
        Nothing is sent to <strong dir="auto">{visibleText(webhook.url)}</strong> any more, and its deliveries are forgotten,
        those that wait as well.
      </p>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate(undefined, { onSuccess: onClose })}>
          Delete
        </Button>
      </DialogActions>
    </Dialog>
  );
}
