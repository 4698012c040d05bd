/** What one call holds of this device and of the network, acquired in steps and released in one. */
import type { GraphListener } from '../audio/graph.ts';
import type { TransportReport } from '../audio/messages.ts';
import type { CallAudio, CallPorts, CallTransport } from './call-ports.ts';

export class CallMedia {
  readonly audio: CallAudio;
  private readonly ports: CallPorts;
  private readonly report: (report: TransportReport) => void;
  private preparing: Promise<CallTransport> | null = null;
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

  /** Load the worklets and join them to the transport worker; once, however often it is asked for. */
  prepare(): Promise<CallTransport> {
    this.preparing ??= (async () => {
      const transport = this.ports.openTransport((report) => {
        if (!this.releasing) this.report(report);
      });
      this.transportNow = transport;
      transport.wire(await this.audio.load());
      return transport;
    })();
    return this.preparing;
  }

  /** Open the microphone; its sound flows as soon as the worklets are there too. */
  async openMicrophone(deviceId: string | null, muted: () => boolean): Promise<void> {
    await this.audio.setMicrophone(deviceId);
    await this.prepare();
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
}
