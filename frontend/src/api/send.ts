import { errorFromNetwork } from './api-error.ts';

const REQUEST_TIMEOUT_MS = 20_000;

/** `fetch` with a time-out; throws ApiError when no answer came. An abort by the caller stays an AbortError. */
export async function send(request: Request, timeoutMs = REQUEST_TIMEOUT_MS): Promise<Response> {
  try {
    return await fetch(request, {
      signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw errorFromNetwork(cause);
  }
}

/** The body as JSON, or null where there is none. */
export async function readJson(response: Response): Promise<unknown> {
  return response.json().catch(() => null);
}
