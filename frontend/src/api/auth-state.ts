/**
 * Who this tab is signed in as, as far as tokens tell. The access token lives in this variable alone:
 * no storage, so that a stolen disk or another origin's script finds nothing.
 */

export type AuthPhase = 'unknown' | 'signed-in' | 'signed-out' | 'unreachable';

interface AuthState {
  phase: AuthPhase;
  accessToken: string | null;
  /** When the access token stops working, in ms of this browser's clock; 0 without a token. */
  expiresAtMs: number;
}

let state: AuthState = { phase: 'unknown', accessToken: null, expiresAtMs: 0 };
const listeners = new Set<() => void>();

function replace(next: AuthState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** The life of a JWT in ms (`exp - iat`), independent of how wrong this browser's clock is; null if unreadable. */
export function tokenLifeMs(jwt: string): number | null {
  try {
    const payload = jwt.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/') ?? '';
    const claims = JSON.parse(atob(payload)) as { exp?: unknown; iat?: unknown };
    if (typeof claims.exp !== 'number' || typeof claims.iat !== 'number') return null;
    return Math.max(0, (claims.exp - claims.iat) * 1000);
  } catch {
    return null;
  }
}

const FALLBACK_LIFE_MS = 60_000;

export const authState = {
  phase: (): AuthPhase => state.phase,
  accessToken: (): string | null => state.accessToken,
  expiresAtMs: (): number => state.expiresAtMs,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  signedIn(accessToken: string): void {
    const lifeMs = tokenLifeMs(accessToken) ?? FALLBACK_LIFE_MS;
    replace({ phase: 'signed-in', accessToken, expiresAtMs: Date.now() + lifeMs });
  },
  signedOut(): void {
    replace({ phase: 'signed-out', accessToken: null, expiresAtMs: 0 });
  },
  /** The server could not be asked; whoever was signed in keeps their token. */
  unreachable(): void {
    if (state.phase === 'unknown') replace({ ...state, phase: 'unreachable' });
  },
};
