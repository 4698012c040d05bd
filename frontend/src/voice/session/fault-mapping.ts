/** From exceptions, HTTP problems and close codes to the kinds a person can act on. */
import { fault, type FaultKind, type VoiceFault } from './faults.ts';

/** How a connection's end is to be taken. */
export type Closing =
  | { verdict: 'ended'; reason: EndReason }
  | { verdict: 'retry' }
  | { verdict: 'remint' }
  | { verdict: 'fault'; fault: VoiceFault };

export type EndReason =
  | 'you-hung-up'
  | 'server-ended'
  | 'idle'
  | 'time-limit'
  | 'moved'
  | 'ended-by-admin'
  | 'lost'
  | 'page-left';

export const END_WORDS: Record<EndReason, string> = {
  'you-hung-up': 'You ended the call.',
  'server-ended': 'The call was ended.',
  idle: 'Nobody spoke for a while, so the call was ended.',
  'time-limit': 'The call reached its time limit.',
  moved: 'The call goes on in another window or device.',
  'ended-by-admin': 'The call was ended by you elsewhere or by an administrator.',
  lost: 'The connection was lost and did not come back.',
  'page-left': 'The call ended when the page was left.',
};

/** Errors whose code says more than the status or close code that carries them (docs/errors.md). */
const BY_CODE: Record<string, FaultKind> = {
  offline: 'offline',
  unreachable: 'server-unreachable',
  timeout: 'connect-timeout',
  server_draining: 'server-unreachable',
  realtime_disabled: 'voice-disabled',
  realtime_not_configured: 'voice-disabled',
  too_many_sessions: 'too-many-calls',
  rate_limited: 'rate-limited',
  rate_limit_exceeded: 'rate-limited',
  uplink_full: 'rate-limited',
  quota_exhausted: 'quota',
  upstream_auth: 'upstream-auth',
  upstream_quota: 'upstream-limit',
  upstream_rate_limited: 'upstream-limit',
  upstream_model: 'model-retired',
  upstream_unavailable: 'upstream-down',
};

/** Refusals that a newly minted secret can get past. */
const STALE_SECRET = /client_secret|api_key/;

/** @param reason the close frame's reason, which holds the error code (contract §7). */
export function readClosing(code: number, reason: string, sessionId: string | null): Closing {
  const told = reason === '' ? String(code) : `${code} ${reason}`;
  const named = BY_CODE[reason];
  const broken = (kind: FaultKind): Closing => ({
    verdict: 'fault',
    fault: fault(named ?? kind, told, { sessionId }),
  });
  switch (code) {
    case 1000:
      return { verdict: 'ended', reason: reason === 'idle_timeout' ? 'idle' : 'server-ended' };
    case 1001:
      return { verdict: 'ended', reason: 'time-limit' };
    case 4401:
      return STALE_SECRET.test(reason) ? { verdict: 'remint' } : broken('signed-out');
    case 4402:
      return broken('quota');
    case 4403:
      return broken('not-allowed');
    case 4404:
      return broken('conversation-gone');
    case 4409:
      return { verdict: 'ended', reason: 'moved' };
    case 4410:
      return { verdict: 'ended', reason: 'ended-by-admin' };
    case 4429:
      return broken('too-many-calls');
    case 4502:
    case 4504:
      return broken('upstream-down');
    case 1007:
    case 1009:
      return broken('server-fault');
    default:
      // A server that restarts says so with 1012, and is there again a moment later.
      return named && code !== 1012 ? broken(named) : { verdict: 'retry' };
  }
}

/** Refusals that may be gone a moment later: a lost line goes on trying. */
const PASSING: readonly FaultKind[] = [
  'offline',
  'server-unreachable',
  'connect-timeout',
  'server-fault',
  'rate-limited',
  // The server may still hold the lost session for a few seconds.
  'too-many-calls',
];

export const isPassing = ({ kind }: VoiceFault): boolean => PASSING.includes(kind);

/** What a failed mint looks like, whoever made the request. */
export interface MintProblem {
  status: number;
  code: string;
  retryAfterS: number | null;
}

/** @param problem what dialling was rejected with: a MintProblem, or a fault that already has its kind. */
export function faultOfMint(problem: unknown): VoiceFault {
  if (isFault(problem)) return problem;
  const { status = -1, code = '', retryAfterS = null } = (problem ?? {}) as Partial<MintProblem>;
  return fault(BY_CODE[code] ?? kindOfStatus(status), code || String(status), { retryAfterS });
}

function kindOfStatus(status: number): FaultKind {
  if (status === 0) return 'server-unreachable';
  if (status === 401) return 'signed-out';
  if (status === 403) return 'not-allowed';
  if (status === 404) return 'conversation-gone';
  if (status === 429) return 'too-many-calls';
  if (status === 503) return 'voice-disabled';
  if (status === 502 || status === 504) return 'upstream-down';
  return 'server-fault';
}

/** `getUserMedia` and `AudioContext` say what went wrong by the exception's name. */
export function faultOfMedia(error: unknown): VoiceFault {
  const name = error instanceof Error ? error.name : 'Error';
  const kinds: Record<string, FaultKind> = {
    NotAllowedError: 'mic-denied',
    SecurityError: 'mic-denied',
    NotFoundError: 'mic-missing',
    OverconstrainedError: 'mic-missing',
    NotReadableError: 'mic-busy',
    AbortError: 'mic-busy',
    NotLoadedError: 'not-loaded',
  };
  return fault(kinds[name] ?? 'audio-engine', name);
}

const isFault = (problem: unknown): problem is VoiceFault =>
  typeof problem === 'object' && problem !== null && 'kind' in problem;
