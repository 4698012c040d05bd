import { ApiError, errorFromBody } from './api-error.ts';
import { authState } from './auth-state.ts';
import { readJson, send } from './send.ts';
import { forgetSignIn, mayBeSignedIn, rememberSignIn } from './sign-in-hint.ts';

const REFRESH_LOCK = 'voiceassist.refresh';
const REFRESH_EARLY_MS = 45_000;
const LOST_RACE_PAUSE_MS = 400;

let refreshing: Promise<string | null> | null = null;
let refreshTimer: ReturnType<typeof setTimeout> | undefined;

/** A POST to `/api/token/…` as the browser client: the refresh token travels in a cookie we cannot read. */
function tokenRequest(path: string, body: object): Promise<Response> {
  return send(
    new Request(new URL(path, location.origin), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-VoiceAssist-Client': 'web' },
      credentials: 'same-origin',
      body: JSON.stringify(body),
    }),
  );
}

/** Keeps the access token of a sign-in, refresh or password change, and plans its refresh. */
export function acceptAccessToken(body: unknown): string {
  const access = (body as { access?: unknown } | null)?.access;
  if (typeof access !== 'string') throw new ApiError(0, 'bad_answer', 'The server gave no access token.');
  authState.signedIn(access);
  rememberSignIn();
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(
    () => void refreshAccessToken().catch(() => undefined),
    Math.max(1000, authState.expiresAtMs() - Date.now() - REFRESH_EARLY_MS),
  );
  return access;
}

/** Signs in and keeps the access token; throws ApiError (401 wrong password, 429 too many attempts). */
export async function signIn(username: string, password: string): Promise<void> {
  const response = await tokenRequest('/api/token/', { username, password });
  const body = await readJson(response);
  if (!response.ok) throw errorFromBody(body, response);
  acceptAccessToken(body);
}

async function refreshOnce(mayRepeat = true): Promise<string | null> {
  const response = await tokenRequest('/api/token/refresh/', {});
  const body = await readJson(response);
  if (response.ok) return acceptAccessToken(body);
  const error = errorFromBody(body, response);
  // Another tab was faster and its new cookie is on the way: without Web Locks (plain http) this happens.
  if (error.code === 'token_superseded' && mayRepeat) {
    await new Promise((resolve) => setTimeout(resolve, LOST_RACE_PAUSE_MS));
    return refreshOnce(false);
  }
  if ([400, 401, 403].includes(error.status)) return null;
  throw error;
}

async function refreshExclusively(): Promise<string | null> {
  return navigator.locks
    ? navigator.locks.request(REFRESH_LOCK, () => refreshOnce())
    : refreshOnce();
}

/**
 * A new access token by the refresh cookie, asked for once at a time in all tabs. Null, and signed out,
 * when the cookie is no longer good; throws ApiError when the server could not be asked.
 */
export function refreshAccessToken(): Promise<string | null> {
  refreshing ??= refreshExclusively()
    .then((access) => {
      if (access === null) dropAccess();
      return access;
    })
    .catch((error: unknown) => {
      authState.unreachable();
      throw error;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

/** Asks once, at load, whether the refresh cookie still signs this browser in. */
export function restoreSignIn(): void {
  if (mayBeSignedIn()) refreshAccessToken().catch(() => undefined);
  else authState.signedOut();
}

/** A token with life left, refreshed first when it is about to expire; null when signed out. */
export async function validAccessToken(): Promise<string | null> {
  const token = authState.accessToken();
  if (token !== null && authState.expiresAtMs() - Date.now() > 10_000) return token;
  if (token === null && authState.phase() === 'signed-out') return null;
  return refreshAccessToken();
}

function dropAccess(): void {
  clearTimeout(refreshTimer);
  forgetSignIn();
  authState.signedOut();
}

/** Ends this sign-in on the server and here; here even when the server cannot be reached. */
export async function signOut(): Promise<void> {
  try {
    await tokenRequest('/api/token/logout/', {});
  } finally {
    dropAccess();
  }
}
