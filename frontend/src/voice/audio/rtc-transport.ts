/**
 * The line over WebRTC: microphone and answer travel as media tracks straight to the provider, events over
 * the data channel `oai-events` (protocol §1.3). Our server made the call and listens beside it.
 */
import { NO_WAY, type CallTransport, type LineWay, type TransportReport, type WireEvent } from './messages.ts';
import { RtcEvents } from './rtc-events.ts';

/** The parts of the audio graph that a peer connection works with. */
export interface RtcAudio {
  onOutgoing(taker: ((track: MediaStreamTrack) => void) | null): void;
  playRemote(stream: MediaStream | null): void;
  silenceRemote(quiet: boolean): void;
}

/** How a call ended, as a close code and reason; asked of the server, because a media line cannot say. */
export type EndOfSession = (sessionId: string) => Promise<{ code: number; reason: string }>;

/** A network that lets media through does so sooner; after it another way is tried. */
const CONNECT_TIMEOUT_MS = 4_000;
/** Candidates that are not known by then are left out: the provider's side finds us without them. */
const GATHER_TIMEOUT_MS = 500;
const PROGRESS_MS = 100;
/** What a socket that broke without a word is told to have closed with. */
const LOST = { code: 1006, reason: '' };
const HUNG_UP_CODE = 1000;
/** A server that does not answer must not keep the line open. */
const HANG_UP_TIMEOUT_MS = 300;
/** ICE mends a line that stutters by itself; after this the call is given up and made anew. */
const DISCONNECTED_MS = 3_000;

export class RtcTransport implements CallTransport {
  private readonly audio: RtcAudio;
  private readonly report: (report: TransportReport) => void;
  private readonly endOf: EndOfSession;
  private line: RtcLine | null = null;

  constructor(audio: RtcAudio, endOf: EndOfSession, report: (report: TransportReport) => void) {
    this.audio = audio;
    this.endOf = endOf;
    this.report = report;
  }

  open(way: LineWay): void {
    this.line?.close();
    const line = new RtcLine(way, this.audio, (report) => {
      if (this.line === line) this.report(report);
    }, this.endOf);
    this.line = line;
    void line.open();
  }

  send(event: WireEvent): void {
    this.line?.events.send(event);
  }

  interrupt(): void {
    this.line?.events.interrupt();
  }

  /** The browser plays the answer; it knows its own latency. */
  setOutputLatency(): void {}

  /** Sound that travels as media is not copied to the page. */
  tapAudio(): void {}

  async close(atOnce: boolean): Promise<void> {
    const line = this.line;
    this.line = null;
    if (!line) return;
    const hungUp = line.hangUp();
    if (!atOnce) await Promise.race([hungUp, new Promise((resolve) => setTimeout(resolve, HANG_UP_TIMEOUT_MS))]);
    line.close();
  }
}

/** One peer connection, from the offer to its end. */
class RtcLine {
  readonly events: RtcEvents;
  private readonly way: LineWay;
  private readonly audio: RtcAudio;
  private readonly report: (report: TransportReport) => void;
  private readonly endOf: EndOfSession;
  private readonly peer: RTCPeerConnection;
  private readonly channel: RTCDataChannel;
  private readonly abort = new AbortController();
  private location: string | null = null;
  private over = false;
  private asking = false;
  private connectTimer: ReturnType<typeof setTimeout> | undefined;
  private lostTimer: ReturnType<typeof setTimeout> | undefined;
  private progressTimer: ReturnType<typeof setInterval> | undefined;

  constructor(way: LineWay, audio: RtcAudio, report: (report: TransportReport) => void, endOf: EndOfSession) {
    this.way = way;
    this.audio = audio;
    this.report = report;
    this.endOf = endOf;
    this.peer = new RTCPeerConnection({ iceServers: way.calls.iceServers });
    this.channel = this.peer.createDataChannel('oai-events');
    this.events = new RtcEvents({
      send: (text) => {
        if (this.channel.readyState === 'open') this.channel.send(text);
      },
      toMain: report,
      silence: (quiet) => audio.silenceRemote(quiet),
      now: () => performance.now(),
    });
  }

  async open(): Promise<void> {
    this.connectTimer = setTimeout(() => this.end(0, NO_WAY), CONNECT_TIMEOUT_MS);
    const sender = this.peer.addTransceiver('audio', { direction: 'sendrecv' }).sender;
    this.audio.onOutgoing((track) => void sender.replaceTrack(track).catch(() => undefined));
    this.peer.ontrack = ({ streams, track }) => this.audio.playRemote(streams[0] ?? new MediaStream([track]));
    this.peer.onconnectionstatechange = () => this.watch();
    this.channel.onopen = () => {
      clearTimeout(this.connectTimer);
      this.progressTimer = setInterval(() => this.events.progress(), PROGRESS_MS);
    };
    this.channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') this.events.receive(data);
    };
    this.channel.onclose = () => void this.ask(this.howItEnded(), false);
    try {
      await this.peer.setLocalDescription(await this.peer.createOffer());
      await gathered(this.peer);
      if (this.over) return;
      await this.call();
    } catch {
      this.end(0, NO_WAY);
    }
  }

  /** Tell our server that the person hung up; it also notices by itself, a little later. */
  async hangUp(): Promise<void> {
    const { location } = this;
    this.location = null;
    if (location === null) return;
    await fetch(`${location}/hangup`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.way.secret}` },
      keepalive: true,
    }).catch(() => undefined);
  }

  close(): void {
    this.over = true;
    clearTimeout(this.connectTimer);
    clearTimeout(this.lostTimer);
    clearInterval(this.progressTimer);
    this.abort.abort();
    this.audio.onOutgoing(null);
    this.audio.playRemote(null);
    this.peer.ontrack = null;
    this.peer.onconnectionstatechange = null;
    this.channel.onopen = null;
    this.channel.onmessage = null;
    this.channel.onclose = null;
    this.channel.close();
    this.peer.close();
  }

  private async call(): Promise<void> {
    // Known before the answer, which may come when nobody waits for it any more (docs/webrtc.md).
    this.location = `${this.way.calls.url}/${this.way.sessionId}`;
    const answer = await fetch(this.way.calls.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${this.way.secret}` },
      body: this.peer.localDescription?.sdp ?? '',
      signal: this.abort.signal,
    });
    if (!answer.ok) {
      this.location = null;
      this.end(...closingOf(answer.status, await codeOf(answer)));
      return;
    }
    const sdp = await answer.text();
    if (!this.over) await this.peer.setRemoteDescription({ type: 'answer', sdp });
  }

  private watch(): void {
    const state = this.peer.connectionState;
    clearTimeout(this.lostTimer);
    if (state !== 'failed' && state !== 'disconnected') return;
    if (this.channel.readyState === 'connecting') {
      if (state === 'failed') this.end(0, NO_WAY);
      return;
    }
    // Asked for while ICE still has time to mend the line: afterwards there is nothing to wait for.
    const told = this.howItEnded();
    this.lostTimer = setTimeout(() => void this.ask(told, true), state === 'failed' ? 0 : DISCONNECTED_MS);
  }

  private howItEnded(): ReturnType<EndOfSession> {
    return this.endOf(this.way.sessionId);
  }

  /**
   * The line is gone: the server knows whether the session is over, and why.
   * @param told what it says.
   * @param broke it broke, and nobody closed it. The provider may have taken that for hanging up.
   */
  private async ask(told: ReturnType<EndOfSession>, broke: boolean): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const end = await told;
    const { code, reason } = broke && end.code === HUNG_UP_CODE && end.reason === '' ? LOST : end;
    // Where it is over there is nothing left to hang up; where it is only lost, it is made anew.
    if (code !== LOST.code) this.location = null;
    this.end(code, reason);
  }

  private end(code: number, reason: string): void {
    if (this.over) return;
    const opened = this.channel.readyState !== 'connecting';
    void this.hangUp();
    this.close();
    this.report({ type: 'closed', code, reason, opened });
  }
}

/** Resolves when all candidates are in the local description, or soon. */
function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_TIMEOUT_MS);
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState !== 'complete') return;
      clearTimeout(timer);
      resolve();
    };
  });
}

async function codeOf(answer: Response): Promise<string> {
  try {
    const body = (await answer.json()) as { error?: { code?: unknown } };
    return String(body.error?.code ?? answer.status);
  } catch {
    return String(answer.status);
  }
}

/** A refusal over HTTP as the close code that a socket would have had (contract §7). */
function closingOf(status: number, code: string): [code: number, reason: string] {
  const codes: Readonly<Record<number, number>> = { 401: 4401, 402: 4402, 403: 4403, 404: 4404, 429: 4429, 503: 1013 };
  const close = codes[status];
  // What the provider's WebRTC side cannot do, its WebSocket side may.
  return close === undefined ? [0, NO_WAY] : [close, code];
}
