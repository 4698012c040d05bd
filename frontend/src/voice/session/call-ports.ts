/** What a call needs from the world. The real ones are made in `open-call.ts`; tests bring fakes. */
import type { RealtimeSessionGrant, RealtimeSessionOptions } from '../../api/types.ts';
import type { AudioGraph, GraphListener } from '../audio/graph.ts';
import type { TransportReport } from '../audio/messages.ts';
import type { TransportClient } from '../audio/transport-client.ts';

export type CallAudio = Pick<
  AudioGraph,
  | 'running'
  | 'outputLatencyMs'
  | 'resume'
  | 'load'
  | 'setMicrophone'
  | 'connectCapture'
  | 'microphoneId'
  | 'setMuted'
  | 'readWave'
  | 'stopMicrophone'
  | 'close'
>;

export type CallTransport = Pick<
  TransportClient,
  'wire' | 'open' | 'send' | 'interrupt' | 'setOutputLatency' | 'tapAudio' | 'close'
>;

export interface CallPorts {
  /** Must be cheap and synchronous: it runs inside the click. */
  openAudio(listener: GraphListener): CallAudio;
  openTransport(report: (report: TransportReport) => void): CallTransport;
  /** Rejects with something `faultOfMint` can read. */
  mint(options: RealtimeSessionOptions): Promise<RealtimeSessionGrant>;
  subprotocols(secret: string): string[];
  support(): 'ok' | 'insecure' | 'unsupported';
  permission(): Promise<PermissionState>;
  /** Remembered choices of this browser. */
  memory: { read(key: string): string | null; write(key: string, value: string): void };
  /** Run soon, at most once per animation frame; also while the page is hidden. */
  nextFrame(run: () => void): void;
  now(): number;
}
