import { answer, api } from './client.ts';
import type { ApiKey, ApiKeyWish, IssuedApiKey } from './types.ts';

/** One's own keys that are not revoked, the newest first. */
export const fetchApiKeys = async (): Promise<readonly ApiKey[]> => {
  const { results } = await answer(api.GET('/api/keys/'));
  return results;
};

/** `key` of the answer is the secret: show it once and keep it nowhere. */
export const createApiKey = (wish: ApiKeyWish): Promise<IssuedApiKey> =>
  answer(api.POST('/api/keys/', { body: wish }));

export const revokeApiKey = (id: string): Promise<void> =>
  answer(api.DELETE('/api/keys/{key_id}/', { params: { path: { key_id: id } } }));
