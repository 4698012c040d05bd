/** The line over a WebSocket, as the main thread holds it: a handle on the transport worker. */
import type { CallTransport, LineWay, TransportCommand, TransportReport, WireEvent } from './messages.ts';

/** Longer than the worker's own wait for the player; after it the worker is ended with its socket. */
const CLOSE_WAIT_MS = 300;

export class TransportClient implements CallTransport {
  private readonly worker: Worker;
  private readonly subprotocols: (secret: string) => string[];
  private done: (() => void) | null = null;

  constructor(subprotocols: (secret: string) => string[], report: (report: TransportReport) => void) {
    this.subprotocols = subprotocols;
    this.worker = new Worker(new URL('./transport.worker.ts', import.meta.url), { type: 'module' });
    this.worker.onmessage = ({ data }: MessageEvent<TransportReport>) => {
      if (data.type === 'closed' && this.done) this.done();
      else report(data);
    };
  }

  wire(ports: { capture: MessagePort; player: MessagePort }): void {
    this.worker.postMessage({ type: 'wire', ...ports } satisfies TransportCommand, [ports.capture, ports.player]);
  }

  open({ url, secret, resuming }: LineWay): void {
    this.command({ type: 'open', url, protocols: this.subprotocols(secret), resuming });
  }

  send(event: WireEvent): void {
    this.command({ type: 'send', event });
  }

  interrupt(): void {
    this.command({ type: 'interrupt' });
  }

  setOutputLatency(ms: number): void {
    this.command({ type: 'output-latency', ms });
  }

  tapAudio(on: boolean): void {
    this.command({ type: 'tap-audio', on });
  }

  /**
   * Say goodbye to the server, then end the worker. Resolves when both are gone, within 300 ms.
   * @param atOnce the page is going away: there is no time to ask the player how much was heard.
   */
  close(atOnce: boolean): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.done?.(), CLOSE_WAIT_MS);
      this.done = () => {
        this.done = null;
        clearTimeout(timer);
        this.worker.onmessage = null;
        this.worker.terminate();
        resolve();
      };
      this.command({ type: 'close', atOnce });
    });
  }

  private command(command: TransportCommand): void {
    this.worker.postMessage(command);
  }
}
