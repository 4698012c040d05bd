/**
 * Any failed request, with the server's stable `code` for programs and its `detail` for people.
 *
 * `status` is 0 when no answer came at all; `code` is then `offline`, `timeout` or `unreachable`.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** Seconds to wait before asking again, where the server named them. */
  readonly retryAfter: number | null;

  constructor(status: number, code: string, detail: string, retryAfter: number | null = null) {
    super(`${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function secondsToWait(body: Record<string, unknown>, headers: Headers): number | null {
  const value = Number(body['retry_after'] ?? headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** Reads an RFC 9457 problem (or OpenAI's error object, or nothing usable) into one error. */
export function errorFromBody(body: unknown, response: Response): ApiError {
  const problem = isRecord(body) ? body : {};
  const nested = isRecord(problem['error']) ? problem['error'] : {};
  const code = text(problem['code']) ?? text(nested['code']) ?? `http_${response.status}`;
  const detail =
    text(problem['detail']) ??
    text(nested['message']) ??
    text(problem['title']) ??
    `The server answered ${response.status}.`;
  // Programs read which field it was from `errors`; people see it in the form.
  const sentence = isRecord(problem['errors']) ? detail.replace(/^[a-z_][a-z0-9_.]*: /, '') : detail;
  return new ApiError(response.status, code, sentence, secondsToWait(problem, response.headers));
}

/** Names why a request got no answer. */
export function errorFromNetwork(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return new ApiError(0, 'timeout', 'The server did not answer in time. Try again.');
  }
  if (typeof navigator !== 'undefined' && navigator.onLine === false) {
    return new ApiError(0, 'offline', 'You are offline. Check your connection and try again.');
  }
  return new ApiError(0, 'unreachable', 'The server cannot be reached. Try again in a moment.');
}

/** The sentence to show for any thrown value. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError) {
    return error.retryAfter === null || error.status !== 429
      ? error.detail
      : `${error.detail.replace(/\.?$/, '.')} Try again in ${Math.ceil(error.retryAfter)} s.`;
  }
  return 'This page made a mistake. Reload it; nothing that was saved is lost.';
}
