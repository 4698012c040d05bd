/**
 * Everything that can go wrong with a call, by kind, with the words a person reads: what happened and what
 * to do. The kinds are stable; tests and the panel's «Details» name them.
 */
export type FaultKind =
  | 'mic-denied'
  | 'mic-missing'
  | 'mic-busy'
  | 'insecure-origin'
  | 'unsupported-browser'
  | 'offline'
  | 'server-unreachable'
  | 'connect-timeout'
  | 'signed-out'
  | 'voice-disabled'
  | 'not-allowed'
  | 'conversation-gone'
  | 'too-many-calls'
  | 'rate-limited'
  | 'quota'
  | 'secret-expired'
  | 'upstream-auth'
  | 'upstream-down'
  | 'upstream-limit'
  | 'model-retired'
  | 'server-fault'
  | 'audio-engine'
  | 'not-loaded';

export interface VoiceFault {
  kind: FaultKind;
  /** The server's error code, the close code or the exception's name; for «Details». */
  code: string;
  sessionId: string | null;
  /** Seconds after which trying again can help. */
  retryAfterS: number | null;
}

export interface FaultCopy {
  title: string;
  advice: string;
  /** Whether pressing Retry can help without somebody else acting first. */
  canRetry: boolean;
}

const COPY: Record<FaultKind, FaultCopy> = {
  'mic-denied': {
    title: 'Microphone is blocked for this site.',
    advice: 'Click the lock icon beside the address, allow the microphone, then press Retry.',
    canRetry: true,
  },
  'mic-missing': {
    title: 'No microphone found.',
    advice: 'Plug one in or pick another device, then press Retry.',
    canRetry: true,
  },
  'mic-busy': {
    title: 'Another app is using the microphone.',
    advice: 'Close the other app or pick another device, then press Retry.',
    canRetry: true,
  },
  'insecure-origin': {
    title: 'Voice needs https or localhost.',
    advice: 'Open this site by its https address. Typing works here.',
    canRetry: false,
  },
  'unsupported-browser': {
    title: 'This browser cannot hold a voice call.',
    advice: 'Use a current Chrome, Edge, Firefox or Safari. Typing works here.',
    canRetry: false,
  },
  offline: {
    title: 'You are offline.',
    advice: 'Check your network connection. Once you are online again, press Retry.',
    canRetry: true,
  },
  'server-unreachable': {
    title: 'The server cannot be reached.',
    advice: 'It may be restarting. Press Retry in a moment.',
    canRetry: true,
  },
  'connect-timeout': {
    title: 'The call did not connect within 15 seconds.',
    advice: 'A firewall may block WebSockets, or the server is busy. Press Retry, or type instead.',
    canRetry: true,
  },
  'signed-out': {
    title: 'You are signed out.',
    advice: 'Sign in again to go on talking.',
    canRetry: true,
  },
  'voice-disabled': {
    title: 'Voice is switched off by your administrator.',
    advice: 'You can go on by typing.',
    canRetry: true,
  },
  'not-allowed': {
    title: 'Your account may not use voice here.',
    advice: 'Ask your administrator for access. You can go on by typing.',
    canRetry: false,
  },
  'conversation-gone': {
    title: 'This conversation no longer exists.',
    advice: 'Start a new one from the list.',
    canRetry: false,
  },
  'too-many-calls': {
    title: 'You already have a call on another device.',
    advice: 'End it there, then press Retry.',
    canRetry: true,
  },
  'rate-limited': {
    title: 'Too much at once.',
    advice: 'The server protects itself. Wait a moment, then press Retry.',
    canRetry: true,
  },
  quota: {
    title: 'Voice limit reached.',
    advice: 'Continue by typing.',
    canRetry: true,
  },
  'secret-expired': {
    title: 'The permission to start this call ran out.',
    advice: 'Press Retry to get a new one.',
    canRetry: true,
  },
  'upstream-auth': {
    title: 'The voice provider refused our key.',
    advice: 'Your administrator has been told. You can go on by typing.',
    canRetry: true,
  },
  'upstream-down': {
    title: 'The voice provider is not answering.',
    advice: 'Press Retry in a moment, or type instead.',
    canRetry: true,
  },
  'upstream-limit': {
    title: 'The voice provider has reached its own limit.',
    advice: 'Wait a while, then press Retry. You can go on by typing.',
    canRetry: true,
  },
  'model-retired': {
    title: 'The voice model was retired by its provider.',
    advice: 'An administrator has to choose another model in the admin pages.',
    canRetry: false,
  },
  'server-fault': {
    title: 'The call stopped because of a fault on the server.',
    advice: 'What was said is saved. Press Retry; the details help your administrator.',
    canRetry: true,
  },
  'audio-engine': {
    title: 'The sound system of this device did not start.',
    advice: 'Check the speaker and microphone in the system settings, then press Retry.',
    canRetry: true,
  },
  'not-loaded': {
    title: 'A part of voice could not be loaded.',
    advice: 'Check your connection, then press Retry. If that does not help, load the page again.',
    canRetry: true,
  },
};

export function fault(
  kind: FaultKind,
  code: string,
  rest: { sessionId?: string | null; retryAfterS?: number | null } = {},
): VoiceFault {
  return { kind, code, sessionId: rest.sessionId ?? null, retryAfterS: rest.retryAfterS ?? null };
}

export function copyFor(problem: VoiceFault): FaultCopy {
  const copy = COPY[problem.kind];
  if (problem.retryAfterS === null) return copy;
  return { ...copy, advice: `${copy.advice} Try again in ${waitInWords(problem.retryAfterS)}.` };
}

/** The text behind «Details», fit to be pasted to an administrator. */
export function detailsFor(problem: VoiceFault): string {
  const lines = [`Error: ${problem.kind}`, `Code: ${problem.code}`];
  if (problem.sessionId) lines.push(`Session: ${problem.sessionId}`);
  return lines.join('\n');
}

function waitInWords(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.ceil(seconds))} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
