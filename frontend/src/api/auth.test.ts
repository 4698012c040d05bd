import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type * as AuthState from './auth-state.ts';
import type * as Auth from './auth.ts';
import type * as Client from './client.ts';

type Answer = { status: number; body: object };

const jwt = (lifeS: number, name: string): string => {
  const claims = btoa(JSON.stringify({ iat: 1000, exp: 1000 + lifeS, name }));
  return `h.${claims.replaceAll('=', '')}.s`;
};

describe('access tokens', () => {
  let asked: Array<{ path: string; token: string | null }>;
  let answers: Map<string, Answer[]>;
  let auth: typeof Auth;
  let state: typeof AuthState.authState;
  let client: typeof Client;

  const answerTo = (path: string, ...list: Answer[]): void => {
    answers.set(path, list);
  };

  beforeEach(async () => {
    vi.useFakeTimers();
    vi.resetModules();
    asked = [];
    answers = new Map();
    vi.stubGlobal('location', new URL('http://host/'));
    vi.stubGlobal('fetch', async (request: Request) => {
      const path = new URL(request.url).pathname;
      asked.push({ path, token: request.headers.get('Authorization') });
      const list = answers.get(path) ?? [];
      const next = list.length > 1 ? list.shift() : list[0];
      if (!next) throw new TypeError('fetch failed');
      return Response.json(next.body, { status: next.status });
    });
    auth = await import('./auth.ts');
    client = await import('./client.ts');
    state = (await import('./auth-state.ts')).authState;
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  const paths = (): string[] => asked.map((request) => request.path);

  it('are refreshed once however many ask at the same time', async () => {
    const token = jwt(300, 'a');
    answerTo('/api/token/refresh/', { status: 200, body: { access: token } });
    const given = await Promise.all([
      auth.refreshAccessToken(),
      auth.refreshAccessToken(),
      auth.validAccessToken(),
    ]);
    expect(given).toEqual([token, token, token]);
    expect(paths()).toEqual(['/api/token/refresh/']);
  });

  it('are refreshed before they expire, without being asked', async () => {
    answerTo('/api/token/', { status: 200, body: { access: jwt(300, 'a') } });
    answerTo('/api/token/refresh/', { status: 200, body: { access: jwt(300, 'b') } });
    await auth.signIn('alice', 'x');
    await vi.advanceTimersByTimeAsync(250_000);
    expect(paths()).toEqual(['/api/token/']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state.accessToken()).toBe(jwt(300, 'b'));
  });

  it('send nobody away when only the server is out of reach', async () => {
    answerTo('/api/token/', { status: 200, body: { access: jwt(300, 'a') } });
    await auth.signIn('alice', 'x');
    await expect(auth.refreshAccessToken()).rejects.toMatchObject({ code: 'unreachable' });
    expect(state.phase()).toBe('signed-in');
  });

  it('are gone when the refresh cookie is no longer good', async () => {
    answerTo('/api/token/refresh/', { status: 401, body: { code: 'token_not_valid' } });
    expect(await auth.refreshAccessToken()).toBeNull();
    expect(state.phase()).toBe('signed-out');
  });

  it('are asked for again when another tab was faster', async () => {
    answerTo(
      '/api/token/refresh/',
      { status: 401, body: { code: 'token_superseded' } },
      { status: 200, body: { access: jwt(300, 'b') } },
    );
    const refreshed = auth.refreshAccessToken();
    await vi.advanceTimersByTimeAsync(400);
    expect(await refreshed).toBe(jwt(300, 'b'));
  });

  it('answer a 401 by one refresh and one repetition', async () => {
    answerTo('/api/token/', { status: 200, body: { access: jwt(300, 'a') } });
    answerTo('/api/token/refresh/', { status: 200, body: { access: jwt(300, 'b') } });
    answerTo('/api/me/', { status: 401, body: {} }, { status: 200, body: { id: 1 } });
    await auth.signIn('alice', 'x');
    const response = await client.authorizedFetch(new Request('http://host/api/me/'));
    expect(response.status).toBe(200);
    expect(asked.filter(({ path }) => path === '/api/me/').map(({ token }) => token)).toEqual([
      `Bearer ${jwt(300, 'a')}`,
      `Bearer ${jwt(300, 'b')}`,
    ]);
  });

  it('do not repeat for ever', async () => {
    answerTo('/api/token/', { status: 200, body: { access: jwt(300, 'a') } });
    answerTo('/api/token/refresh/', { status: 200, body: { access: jwt(300, 'b') } });
    answerTo('/api/me/', { status: 401, body: {} });
    await auth.signIn('alice', 'x');
    const response = await client.authorizedFetch(new Request('http://host/api/me/'));
    expect(response.status).toBe(401);
    expect(asked).toHaveLength(4);
  });

  it('are forgotten at sign-out even when the server cannot be told', async () => {
    answerTo('/api/token/', { status: 200, body: { access: jwt(300, 'a') } });
    await auth.signIn('alice', 'x');
    await expect(auth.signOut()).rejects.toMatchObject({ code: 'unreachable' });
    expect(state.accessToken()).toBeNull();
  });
});
