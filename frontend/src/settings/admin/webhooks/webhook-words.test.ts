import { expect, test } from 'vitest';

import type { Webhook, WebhookDelivery } from '../../../api/types.ts';
import { attemptWords, deliveryState, webhookState } from './webhook-words.ts';

const webhook = (changes: Partial<Webhook>): Webhook => ({
  id: '1',
  url: 'https://hooks.example.org/',
  description: '',
  include_transcript: true,
  is_enabled: true,
  disabled_because: '',
  failing_since: null,
  previous_secret_until: null,
  created_by: 'admin',
  created_at: '2026-11-21T07:00:00Z',
  ...changes,
});

test('a webhook says whether reports go there, and why not', () => {
  expect(webhookState(webhook({})).word).toBe('on');
  expect(webhookState(webhook({ failing_since: '2026-11-20T07:00:00Z' })).tone).toBe('warning');
  expect(webhookState(webhook({ is_enabled: false })).word).toBe('off');
  expect(webhookState(webhook({ is_enabled: false, disabled_because: 'gone' })).word).toContain('410');
});

test('an attempt is told by its answer, or by why there was none', () => {
  const attempt = { number: 1, began_at: '', duration_ms: 12, status: 500, error: '' };
  expect(attemptWords(attempt)).toBe('answered 500 after 12 ms');
  expect(attemptWords({ ...attempt, status: null, error: 'webhook_timed_out' })).toBe('no answer in time after 12 ms');
  expect(attemptWords({ ...attempt, status: null, error: 'something_new' })).toBe('something new after 12 ms');
});

test('a delivery that waits tells when it is tried again', () => {
  const attempts = [{ number: 1, began_at: '', duration_ms: 1, status: 500, error: '' }];
  const delivery = { state: 'pending', attempts, due_at: '2026-11-21T07:00:00Z' } as unknown as WebhookDelivery;
  expect(deliveryState(delivery).word).toMatch(/^again at .*2026/);
  expect(deliveryState({ ...delivery, attempts: [] }).word).toBe('waits');
});
