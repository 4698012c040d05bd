import type { Webhook, WebhookAttempt, WebhookDelivery } from '../../../api/types.ts';
import { dateTime } from '../../../ui/format.ts';

export type Tone = 'good' | 'bad' | 'warning';

const ERRORS: Readonly<Record<string, string>> = {
  webhook_timed_out: 'no answer in time',
  webhook_unreachable: 'cannot be reached',
  webhook_broke_off: 'broke off',
  webhook_tls_failed: 'no TLS, or a certificate that does not hold',
  webhook_host_unknown: 'the host has no address',
  webhook_host_not_allowed: 'this server may not send to that host',
  webhook_address_not_allowed: 'the host is inside a network that is not opened',
  webhook_needs_https: 'only https:// may be used there',
  webhook_secret_unreadable: 'the secret cannot be read any more: make a new one',
};

/** Whether reports go there, in a word. */
export function webhookState(webhook: Webhook): { word: string; tone: Tone } {
  if (webhook.is_enabled) return webhook.failing_since ? { word: 'failing', tone: 'warning' } : { word: 'on', tone: 'good' };
  if (webhook.disabled_because === 'gone') return { word: 'off: it answered 410 Gone', tone: 'bad' };
  if (webhook.disabled_because === 'failing') return { word: 'off: it failed for too long', tone: 'bad' };
  return { word: 'off', tone: 'bad' };
}

/** How one request went. */
export const attemptWords = ({ status, error, duration_ms: ms }: WebhookAttempt): string =>
  `${error ? (ERRORS[error] ?? error.replaceAll('_', ' ')) : `answered ${status ?? '?'}`} after ${ms} ms`;

/** What became of a delivery, and what will. */
export function deliveryState(delivery: WebhookDelivery): { word: string; tone: Tone } {
  if (delivery.state === 'delivered') return { word: 'delivered', tone: 'good' };
  if (delivery.state === 'failed') return { word: 'failed', tone: 'bad' };
  if (delivery.attempts.length === 0) return { word: 'waits', tone: 'warning' };
  return { word: `again at ${dateTime(delivery.due_at)}`, tone: 'warning' };
}
