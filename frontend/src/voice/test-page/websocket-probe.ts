/** Opens a real session over a WebSocket, asks it a few things, and closes it again. */
import { createRealtimeSession, realtimeSubprotocols } from '../../api/realtime.ts';
import { median } from './findings.ts';
import { ProbeFailed } from './probe-failed.ts';

const OPEN_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 5_000;
const ROUNDS = 5;

export interface WebSocketReach {
  /** From the first request to `session.created`: minting, socket and provider. */
  openMs: number;
  /** There and back to the voice provider, the median of five. */
  roundTripMs: number;
}

/**
 * Rejects with an ApiError when no session may be made, or a ProbeFailed that says how the socket failed.
 * Nothing of it is kept: the session is in writing, says nothing, and saves no transcript.
 */
export async function probeWebSocket(): Promise<WebSocketReach> {
  const started = performance.now();
  const grant = await createRealtimeSession({ modalities: ['text'], save_transcript: false });
  const socket = new WebSocket(grant.url, realtimeSubprotocols(grant.api_key));
  try {
    await eventOf(socket, 'session.created', OPEN_TIMEOUT_MS);
    const openMs = performance.now() - started;
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const asked = performance.now();
      const answered = eventOf(socket, 'input_audio_buffer.cleared', ANSWER_TIMEOUT_MS);
      socket.send(JSON.stringify({ type: 'input_audio_buffer.clear' }));
      // One after the other on purpose: each is timed by itself.
      // oxlint-disable-next-line no-await-in-loop
      await answered;
      rounds.push(performance.now() - asked);
    }
    return { openMs: Math.round(openMs), roundTripMs: Math.round(median(rounds) * 10) / 10 };
  } finally {
    socket.close(1000);
  }
}

function eventOf(socket: WebSocket, type: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      undo();
      reject(new ProbeFailed(reason));
    };
    const timer = setTimeout(() => fail(`No ${type} within ${timeoutMs / 1000} s.`), timeoutMs);
    const onMessage = ({ data }: MessageEvent<string>): void => {
      const event: { type?: unknown } = JSON.parse(data);
      if (event.type !== type) return;
      undo();
      resolve();
    };
    const onClose = ({ code, reason }: CloseEvent): void =>
      fail(`The socket closed with ${code}${reason ? ` (${reason})` : ''}.`);
    const undo = (): void => {
      clearTimeout(timer);
      socket.removeEventListener('message', onMessage);
      socket.removeEventListener('close', onClose);
    };
    socket.addEventListener('message', onMessage);
    socket.addEventListener('close', onClose);
  });
}
