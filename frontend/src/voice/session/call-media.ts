/** What one call holds of this device and of the network, acquired in steps and released in one. */
import type { GraphListener } from '../audio/graph.ts';
import type { CallTransport, LineKind, TransportReport } from '../audio/messages.ts';
import type { CallAudio, CallPorts } from './call-ports.ts';

export class CallMedia {
  readonly audio: CallAudio;
  private readonly ports: CallPorts;
  private readonly report: (report: TransportReport) => void;
  private preparing: { kind: LineKind; transport: Promise<CallTransport> } | null = null;
  private transportNow: CallTransport | null = null;
  private releasing: Promise<void> | null = null;

  /** Call inside the click: it opens the audio context. Afterwards `release` must be called. */
  constructor(ports: CallPorts, listener: GraphListener, report: (report: TransportReport) => void) {
    this.ports = ports;
    this.report = report;
    this.audio = ports.openAudio(listener);
  }

  get released(): boolean {
    return this.releasing !== null;
  }

  get transport(): CallTransport | null {
    return this.releasing ? null : this.transportNow;
  }

  /**
   * Join the audio graph to a line of this kind; once, however often it is asked for. A line of another
   * kind is let go of.
   */
  prepare(kind: LineKind): Promise<CallTransport> {
    if (this.preparing?.kind === kind) return this.preparing.transport;
    const former = this.transportNow;
    this.transportNow = null;
    const transport = this.join(kind, former);
    this.preparing = { kind, transport };
    return transport;
  }

  /** Open the microphone; its sound flows once the line is `prepared` to take it. */
  async openMicrophone(deviceId: string | null, muted: () => boolean, prepared: Promise<void>): Promise<void> {
    // Where the microphone fails that is the news, whatever becomes of the line.
    prepared.catch(() => undefined);
    await this.audio.setMicrophone(deviceId);
    await prepared;
    this.audio.connectCapture();
    this.audio.setMuted(muted());
  }

  /**
   * Let go of everything. The microphone is off when this returns; the promise says when socket, worker
   * and context are gone too.
   * @param atOnce the page is going away.
   */
  release(atOnce: boolean): Promise<void> {
    this.releasing ??= (async () => {
      this.audio.stopMicrophone();
      await this.transportNow?.close(atOnce);
      await this.audio.close();
    })();
    return this.releasing;
  }

  private async join(kind: LineKind, former: CallTransport | null): Promise<CallTransport> {
    await former?.close(true);
    const transport = await this.ports.openTransport(kind, this.audio, (report) => {
      if (!this.releasing && this.preparing?.kind === kind) this.report(report);
    });
    if (this.releasing) await transport.close(true);
    else this.transportNow = transport;
    return transport;
  }
}
