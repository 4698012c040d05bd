/** Why a session ended, asked of the server: a media line breaks without a word. */
import { fetchVoiceSession } from '../../api/realtime.ts';

const ASK_AGAIN_MS = 300;
/** The server learns of an end at about the same time; it has written it by then. */
const ASK_TIMES = 8;

/** Each end reason as the close code and reason a WebSocket would have had (contract §7). */
const CLOSING: Readonly<Record<string, [code: number, reason: string]>> = {
  user_hangup: [1000, ''],
  idle_timeout: [1000, 'idle_timeout'],
  max_duration: [1001, ''],
  budget_exhausted: [4402, 'quota_exhausted'],
  admin_ended: [4410, 'session_ended'],
  auth_expired: [4401, 'not_authenticated'],
  policy_blocked: [4403, 'forbidden'],
  moved_device: [4409, 'superseded'],
  server_shutdown: [1012, 'server_draining'],
  upstream_error: [4502, ''],
  upstream_closed: [4502, ''],
};
/** The session goes on without us, or nobody knows: dial again. */
const LOST = { code: 1006, reason: '' };

export async function endOfSession(sessionId: string): Promise<{ code: number; reason: string }> {
  for (let asked = 0; asked < ASK_TIMES; asked += 1) {
    // Each question waits for the answer to the former one.
    // oxlint-disable-next-line no-await-in-loop
    const session = await fetchVoiceSession(sessionId).catch(() => null);
    if (session?.state === 'ended') {
      const [code, reason] = CLOSING[session.end_reason] ?? [LOST.code, LOST.reason];
      return { code, reason };
    }
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  return LOST;
}
