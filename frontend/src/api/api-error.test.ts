import { describe, expect, it } from 'vitest';

import { ApiError, describeError, errorFromBody, errorFromNetwork } from './api-error.ts';

const answered = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

describe('errors of the API', () => {
  it('keeps code, detail and waiting time of a problem', () => {
    const body = { code: 'rate_limited', detail: 'Too many sign-ins.', retry_after: 12 };
    const error = errorFromBody(body, answered(429));
    expect(error).toMatchObject({ status: 429, code: 'rate_limited', retryAfter: 12 });
    expect(describeError(error)).toBe('Too many sign-ins. Try again in 12 s.');
  });

  it('takes the waiting time from the header when the body has none', () => {
    expect(errorFromBody({}, answered(503, { 'Retry-After': '3' })).retryAfter).toBe(3);
    expect(errorFromBody({}, answered(503)).retryAfter).toBeNull();
  });

  it('leaves the name of the field out of a sentence for people', () => {
    const body = { code: 'invalid', detail: 'new_password: Too short.', errors: { new_password: ['Too short.'] } };
    expect(errorFromBody(body, answered(400)).detail).toBe('Too short.');
    expect(errorFromBody({ detail: 'voice: no' }, answered(400)).detail).toBe('voice: no');
  });

  it('reads the OpenAI shape too', () => {
    const error = errorFromBody({ error: { code: 'invalid', message: 'No.' } }, answered(400));
    expect(error).toMatchObject({ code: 'invalid', detail: 'No.' });
  });

  it('names the status when the body is not a problem at all', () => {
    expect(errorFromBody('<html>', answered(502))).toMatchObject({ code: 'http_502', status: 502 });
  });

  it('tells a time-out from an unreachable server', () => {
    expect(errorFromNetwork(new DOMException('', 'TimeoutError')).code).toBe('timeout');
    expect(errorFromNetwork(new TypeError('fetch failed')).code).toBe('unreachable');
  });

  it('passes an ApiError on unchanged', () => {
    const error = new ApiError(404, 'not_found', 'Gone.');
    expect(errorFromNetwork(error)).toBe(error);
  });
});
