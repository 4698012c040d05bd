/** The WebRTC line of a call in the real world; a chunk of its own, for calls that use it. */
import { fetchOwnUsage } from '../../api/account.ts';
import type { CallTransport, TransportReport, WireEvent } from '../audio/messages.ts';
import { type RtcAudio, RtcTransport } from '../audio/rtc-transport.ts';
import { endOfSession } from './end-of-session.ts';
import { QuotaWatch } from './quota-watch.ts';

/** What a socket would have been sent by the server itself comes into the line here. */
class GovernedLine extends RtcTransport {
  private readonly quota: QuotaWatch;

  constructor(audio: RtcAudio, report: (report: TransportReport) => void) {
    const tell = (event: WireEvent): void => report({ type: 'events', events: [event], sent: [] });
    const quota = new QuotaWatch(fetchOwnUsage, tell);
    super(
      audio,
      (sessionId) => endOfSession(sessionId, (message) => tell({ type: 'error', error: { message } })),
      (told) => {
        quota.follow(told);
        report(told);
      },
    );
    this.quota = quota;
  }

  override close(atOnce: boolean): Promise<void> {
    this.quota.stop();
    return super.close(atOnce);
  }
}

export const openRtcLine = (audio: RtcAudio, report: (report: TransportReport) => void): CallTransport =>
  new GovernedLine(audio, report);
