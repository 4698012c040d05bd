/** Why a session ended, asked of the server: a media line breaks without a word. */
import { fetchVoiceSession } from '../../api/realtime.ts';

/** The server learns of an end at about the same time, and writes it a moment later. */
const ASK_AGAIN_MS = { first: 60, most: 300 };
const ASK_FOR_MS = 3_000;

interface Closing {
  code: number;
  reason: string;
}

/** Each end reason as the close code and reason a WebSocket would have had (contract §7). */
const CLOSING: Readonly<Record<string, Closing>> = {
  user_hangup: { code: 1000, reason: '' },
  idle_timeout: { code: 1000, reason: 'idle_timeout' },
  max_duration: { code: 1001, reason: '' },
  budget_exhausted: { code: 4402, reason: 'budget_exhausted' },
  admin_ended: { code: 4410, reason: 'session_ended' },
  auth_expired: { code: 4401, reason: 'not_authenticated' },
  policy_blocked: { code: 4403, reason: 'forbidden' },
  moved_device: { code: 4409, reason: 'superseded' },
  server_shutdown: { code: 1012, reason: 'server_draining' },
  upstream_error: { code: 4502, reason: '' },
  upstream_closed: { code: 4502, reason: '' },
};
/** The server's own words on a socket. */
const ENDED_BY = 'The session was ended by an administrator';
/** The session goes on without us, or nobody knows: dial again. */
const LOST: Closing = { code: 1006, reason: '' };

/** @param tell hears the sentence that a socket would have been sent before its close, where there is one. */
export function endOfSession(sessionId: string, tell: (message: string) => void = () => undefined): Promise<Closing> {
  let isLate = false;
  const late = pause(ASK_FOR_MS).then(() => {
    isLate = true;
    return LOST;
  });
  const ask = async (againMs: number): Promise<Closing> => {
    // Where the network swallows everything no answer comes at all.
    const session = await fetchVoiceSession(sessionId).catch(() => null);
    if (session?.state === 'ended') {
      if (session.end_note) tell(`${ENDED_BY}: ${session.end_note}`);
      return CLOSING[session.end_reason] ?? LOST;
    }
    await pause(againMs);
    return isLate ? LOST : ask(Math.min(ASK_AGAIN_MS.most, 2 * againMs));
  };
  return Promise.race([ask(ASK_AGAIN_MS.first), late]);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
