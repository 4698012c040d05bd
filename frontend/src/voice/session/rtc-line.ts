/** The WebRTC line of a call in the real world; a chunk of its own, for calls that use it. */
import type { CallTransport, TransportReport } from '../audio/messages.ts';
import { type RtcAudio, RtcTransport } from '../audio/rtc-transport.ts';
import { endOfSession } from './end-of-session.ts';

export const openRtcLine = (audio: RtcAudio, report: (report: TransportReport) => void): CallTransport =>
  new RtcTransport(
    audio,
    (sessionId) =>
      endOfSession(sessionId, (message) =>
        report({ type: 'events', events: [{ type: 'error', error: { message } }], sent: [] }),
      ),
    report,
  );
