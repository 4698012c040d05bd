/**
 * The audio graph of one call:
 *   microphone ─► analyser ─► capture worklet ─► (port) ─► transport worker
 *   transport worker ─► (port) ─► player worklet ─► analyser ─► speaker
 * Everything runs at the device's own rate: naming another one in `AudioContext` corrupts the microphone
 * in Firefox without a word.
 */
// Vite gives such an import its default export: the address of the bundled file.
// oxlint-disable-next-line import/default
import captureUrl from './capture.worklet.ts?worker&url';
import type { CaptureControl, CaptureReport, PlayerReport, WirePort } from './messages.ts';
import { openMicrophone } from './microphone.ts';
// oxlint-disable-next-line import/default
import playerUrl from './player.worklet.ts?worker&url';

export interface GraphListener {
  micLevel(rms: number, flat: boolean): void;
  player(report: PlayerReport): void;
  /** The device was unplugged or taken away by the system. */
  micLost(): void;
  /** The browser does not let sound out yet (`suspended`), or does again. */
  audible(running: boolean): void;
}

export class AudioGraph {
  private readonly context: AudioContext;
  private readonly listener: GraphListener;
  private stream: MediaStream | null = null;
  private source: MediaStreamAudioSourceNode | null = null;
  private capture: AudioWorkletNode | null = null;
  private player: AudioWorkletNode | null = null;
  private readonly micAnalyser: AnalyserNode;
  private readonly speakerAnalyser: AnalyserNode;
  private loading: Promise<void> | null = null;
  private closed = false;

  /** Call inside the click that starts the call, or the browser keeps the context suspended. */
  constructor(listener: GraphListener) {
    this.listener = listener;
    this.context = new AudioContext({ latencyHint: 'interactive' });
    this.micAnalyser = analyser(this.context);
    this.speakerAnalyser = analyser(this.context);
    this.context.onstatechange = () => {
      if (!this.closed) listener.audible(this.context.state === 'running');
    };
    this.resume();
  }

  get running(): boolean {
    return this.context.state === 'running';
  }

  /** Milliseconds between a sample leaving the graph and being heard. */
  get outputLatencyMs(): number {
    return ((this.context.outputLatency || 0) + (this.context.baseLatency || 0)) * 1000;
  }

  /** Ask for sound again, from a click. */
  resume(): void {
    void this.context.resume().catch(() => this.listener.audible(false));
  }

  /** Load the worklets. Answers the two ports that the transport worker must be given. */
  async load(): Promise<{ capture: MessagePort; player: MessagePort }> {
    this.loading ??= Promise.all([
      this.context.audioWorklet.addModule(captureUrl),
      this.context.audioWorklet.addModule(playerUrl),
    ]).then(() => undefined);
    await this.loading;
    if (this.closed) throw new DOMException('The call ended meanwhile.', 'AbortError');
    this.capture = new AudioWorkletNode(this.context, 'voiceassist-capture', {
      numberOfInputs: 1,
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    this.player = new AudioWorkletNode(this.context, 'voiceassist-player', {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    this.capture.port.onmessage = ({ data }: MessageEvent<CaptureReport>) => {
      this.listener.micLevel(data.rms, data.flat);
    };
    this.player.port.onmessage = ({ data }: MessageEvent<PlayerReport>) => this.listener.player(data);
    this.player.connect(this.speakerAnalyser).connect(this.context.destination);
    return { capture: wire(this.capture), player: wire(this.player) };
  }

  /** Open (or change) the microphone. The former one is released once the new one runs. */
  async setMicrophone(deviceId: string | null): Promise<void> {
    const stream = await openMicrophone(deviceId);
    if (this.closed) {
      stopTracks(stream);
      throw new DOMException('The call ended meanwhile.', 'AbortError');
    }
    const former = this.stream;
    this.source?.disconnect();
    this.stream = stream;
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.micAnalyser);
    this.connectCapture();
    stream.getAudioTracks()[0]?.addEventListener('ended', () => {
      if (this.stream === stream && !this.closed) this.listener.micLost();
    });
    if (former) stopTracks(former);
  }

  /** Join microphone and capture worklet, whichever of the two came last. */
  connectCapture(): void {
    if (this.capture) this.source?.connect(this.capture);
  }

  get microphoneLabel(): string {
    return this.stream?.getAudioTracks()[0]?.label ?? '';
  }

  get microphoneId(): string | null {
    return this.stream?.getAudioTracks()[0]?.getSettings().deviceId ?? null;
  }

  setMuted(muted: boolean): void {
    this.capture?.port.postMessage({ type: 'mute', muted } satisfies CaptureControl);
  }

  /** Fill `samples` with what the microphone or the speaker carries now, for drawing. */
  readWave(side: 'microphone' | 'speaker', samples: Float32Array<ArrayBuffer>): void {
    const node = side === 'microphone' ? this.micAnalyser : this.speakerAnalyser;
    node.getFloatTimeDomainData(samples);
  }

  /** Release the microphone at once; sound may still fade out until `close`. */
  stopMicrophone(): void {
    this.source?.disconnect();
    this.source = null;
    if (this.stream) stopTracks(this.stream);
    this.stream = null;
  }

  /** Release everything: tracks, worklets, ports, context. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopMicrophone();
    for (const node of [this.capture, this.player]) {
      if (!node) continue;
      node.port.onmessage = null;
      node.port.close();
      node.disconnect();
    }
    this.speakerAnalyser.disconnect();
    this.context.onstatechange = null;
    await this.context.close();
  }
}

function analyser(context: AudioContext): AnalyserNode {
  const node = context.createAnalyser();
  node.fftSize = 512;
  return node;
}

function wire(node: AudioWorkletNode): MessagePort {
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage({ type: 'wire', port: port1 } satisfies WirePort, [port1]);
  return port2;
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
