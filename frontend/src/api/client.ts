import createClient from 'openapi-fetch';

import { errorFromBody } from './api-error.ts';
import { refreshAccessToken, validAccessToken } from './auth.ts';
import type { paths } from './schema.d.ts';
import { send } from './send.ts';

function withToken(request: Request, token: string | null): Request {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`);
  return request;
}

/** Sends with the access token; a 401 is answered by one refresh and one repetition. */
export async function authorizedFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await send(withToken(request, await validAccessToken()));
  if (response.status !== 401) return response;
  const token = await refreshAccessToken();
  return token === null ? response : send(withToken(again, token));
}

/** The typed client of everything under `/api`. Wrap each call in `answer` to get data or an ApiError. */
export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin,
  fetch: authorizedFetch,
});

/** The data of a call; throws ApiError for every answer that is not 2xx. */
export async function answer<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw errorFromBody(error, response);
  return data as T;
}
