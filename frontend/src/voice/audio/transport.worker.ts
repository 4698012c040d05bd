/** Dedicated worker that owns the WebSocket of a call, so that a busy page never delays audio. */
import type { PlayerAnswer, PlayerCommand, TransportCommand, TransportReport } from './messages.ts';
import { TransportCore, type SocketLike } from './transport-core.ts';

/** The worker's own scope; TypeScript's DOM library describes a window here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<TransportCommand>) => void) | null;
  postMessage(report: TransportReport, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
let player: MessagePort | null = null;

const core = new TransportCore({
  openSocket: (url, protocols) => new WebSocket(url, protocols) as SocketLike,
  toPlayer: (command: PlayerCommand, transfer = []) => player?.postMessage(command, transfer),
  toMain: (report, transfer = []) => scope.postMessage(report, transfer),
  later: (run, delayMs) => void setTimeout(run, delayMs),
  now: () => performance.now(),
});

function wire(capture: MessagePort, playerPort: MessagePort): void {
  player = playerPort;
  capture.onmessage = (event: MessageEvent<ArrayBuffer>) => core.capture(event.data);
  playerPort.onmessage = (event: MessageEvent<PlayerAnswer>) => core.flushed(event.data);
}

scope.onmessage = ({ data: command }) => {
  switch (command.type) {
    case 'wire':
      wire(command.capture, command.player);
      break;
    case 'open':
      core.open(command.url, command.protocols, command.resuming);
      break;
    case 'send':
      core.send(command.event);
      break;
    case 'interrupt':
      core.interrupt();
      break;
    case 'output-latency':
      core.setOutputLatency(command.ms);
      break;
    case 'tap-audio':
      core.tapAudio(command.on);
      break;
    case 'close':
      core.close(command.atOnce);
      break;
  }
};
