import { answer, api } from './client.ts';
import type { IssuedWebhook, Page, Webhook, WebhookChanges, WebhookDelivery, WebhookWish } from './types.ts';

export const fetchWebhooks = (): Promise<readonly Webhook[]> => answer(api.GET('/api/admin/webhooks/'));

/** The answer holds the signing secret, this once. */
export const createWebhook = (wish: WebhookWish): Promise<IssuedWebhook> =>
  answer(api.POST('/api/admin/webhooks/', { body: wish }));

const one = (id: string) => ({ params: { path: { endpoint_id: id } } });

export const changeWebhook = (id: string, changes: WebhookChanges): Promise<Webhook> =>
  answer(api.PATCH('/api/admin/webhooks/{endpoint_id}/', { ...one(id), body: changes }));

export const deleteWebhook = (id: string): Promise<unknown> =>
  answer(api.DELETE('/api/admin/webhooks/{endpoint_id}/', one(id)));

/** The answer holds the new secret, this once; the one before signs beside it for a day. */
export const rotateWebhookSecret = (id: string): Promise<IssuedWebhook> =>
  answer(api.POST('/api/admin/webhooks/{endpoint_id}/secret/', one(id)));

export const testWebhook = (id: string): Promise<WebhookDelivery> =>
  answer(api.POST('/api/admin/webhooks/{endpoint_id}/test/', one(id)));

export const fetchDeliveries = (id: string, page: number): Promise<Page<WebhookDelivery>> =>
  answer(
    api.GET('/api/admin/webhooks/{endpoint_id}/deliveries/', {
      params: { path: { endpoint_id: id }, query: { page } },
    }),
  );

export const replayDelivery = (id: string): Promise<WebhookDelivery> =>
  answer(api.POST('/api/admin/webhooks/deliveries/{delivery_id}/replay/', { params: { path: { delivery_id: id } } }));
