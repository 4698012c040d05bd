/** Makes a real WebRTC call without a microphone, waits until its session speaks, and hangs up. */
import { createRealtimeSession } from '../../api/realtime.ts';
import { NO_WAY, type TransportReport } from '../audio/messages.ts';
import type { RtcAudio } from '../audio/rtc-transport.ts';
import { wayOf } from '../session/line-way.ts';
import { openRtcLine } from '../session/rtc-line.ts';
import { ProbeFailed } from './probe-failed.ts';

const TIMEOUT_MS = 8_000;
const NO_SOUND: RtcAudio = { onOutgoing: () => undefined, playRemote: () => undefined, silenceRemote: () => undefined };

/**
 * Answers the milliseconds from the first request to `session.created`. Rejects with an ApiError when no
 * session may be made, or a ProbeFailed that says how the call failed. Nothing of it is kept.
 */
export async function probeWebRtc(): Promise<number> {
  const started = performance.now();
  const grant = await createRealtimeSession({ transport: 'webrtc', save_transcript: false });
  const reports: { take(report: TransportReport): void } = { take: () => undefined };
  const line = openRtcLine(NO_SOUND, (report) => reports.take(report));
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new ProbeFailed('No session came over it.')), TIMEOUT_MS);
      reports.take = (report) => {
        if (report.type === 'events' && report.events.some(({ type }) => type === 'session.created')) resolve();
        else if (report.type === 'closed') reject(new ProbeFailed(wordsOf(report.code, report.reason)));
      };
      line.open({ ...wayOf(grant), resuming: false });
    });
    return Math.round(performance.now() - started);
  } finally {
    clearTimeout(timer);
    await line.close(false);
  }
}

const wordsOf = (code: number, reason: string): string =>
  reason === NO_WAY
    ? 'Media does not get through this network. Calls use WebSocket instead.'
    : `The call ended with ${code}${reason ? ` (${reason})` : ''}.`;
