/** What a call needs from the world. The real ones are made in `open-call.ts`; tests bring fakes. */
import type { RealtimeSessionGrant, RealtimeSessionOptions } from '../../api/types.ts';
import type { AudioGraph, GraphListener } from '../audio/graph.ts';
import type { CallTransport, LineKind, TransportReport } from '../audio/messages.ts';

export type { CallTransport } from '../audio/messages.ts';

export type CallAudio = Pick<
  AudioGraph,
  | 'running'
  | 'outputLatencyMs'
  | 'resume'
  | 'load'
  | 'loadMeter'
  | 'setMicrophone'
  | 'connectCapture'
  | 'microphoneId'
  | 'setMuted'
  | 'onOutgoing'
  | 'playRemote'
  | 'silenceRemote'
  | 'readWave'
  | 'stopMicrophone'
  | 'close'
>;

/** Which lines the server offers; `preferred` is its own advice. */
export interface LineOffer {
  webrtc: boolean;
  preferred: LineKind;
}

export interface CallPorts {
  /** Must be cheap and synchronous: it runs inside the click. */
  openAudio(listener: GraphListener): CallAudio;
  /** Joins the audio graph to a line of that kind, which is not opened yet. */
  openTransport(kind: LineKind, audio: CallAudio, report: (report: TransportReport) => void): Promise<CallTransport>;
  /** What the server offers; must not reject. */
  lineOffer(): Promise<LineOffer>;
  /** Rejects with something `faultOfMint` can read. */
  mint(options: RealtimeSessionOptions): Promise<RealtimeSessionGrant>;
  hasWebRtc(): boolean;
  support(): 'ok' | 'insecure' | 'unsupported';
  permission(): Promise<PermissionState>;
  /** Remembered choices of this browser. */
  memory: { read(key: string): string | null; write(key: string, value: string): void };
  /** Run soon, at most once per animation frame; also while the page is hidden. */
  nextFrame(run: () => void): void;
  now(): number;
}
