/**
 * The audio graph of one call. Over a WebSocket:
 *   microphone ─► analyser ─► capture processor ─► (port) ─► transport worker
 *   transport worker ─► (port) ─► player processor ─► analyser ─► speaker
 * Over WebRTC the browser carries the sound itself; the graph only looks at it:
 *   microphone ─► outgoing track ─► peer connection ─► remote sound ─► speaker
 * Everything runs at the device's own rate: naming another one in `AudioContext` corrupts the microphone
 * in Firefox without a word.
 */
import type { CaptureControl, CaptureReport, PlayerReport, WirePort } from './messages.ts';
import { openMicrophone, stopTracks } from './microphone.ts';
import { OutgoingTrack } from './outgoing-track.ts';
import { NotLoadedError } from '../../ui/late-code.ts';
import { RemoteSound } from './remote-sound.ts';
// Vite gives such an import its default export: the address of the bundled file.
// oxlint-disable-next-line import/default
import workletUrl from './sound.worklet.ts?worker&url';

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
  private readonly outgoing = new OutgoingTrack();
  private remote: RemoteSound | null = null;
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
    this.remote?.play();
  }

  /** Load what captures and what plays. Answers the two ports that the transport worker must be given. */
  async load(): Promise<{ capture: MessagePort; player: MessagePort }> {
    const capture = await this.loadMeter();
    this.player = new AudioWorkletNode(this.context, 'voiceassist-player', {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    this.player.port.onmessage = ({ data }: MessageEvent<PlayerReport>) => this.listener.player(data);
    this.player.connect(this.speakerAnalyser).connect(this.context.destination);
    return { capture: wire(capture), player: wire(this.player) };
  }

  /** Load what listens to the microphone; that is all a WebRTC call needs. */
  async loadMeter(): Promise<AudioWorkletNode> {
    await this.context.audioWorklet.addModule(workletUrl).catch(() => {
      // What the browser throws does not tell a file that did not come from a microphone that is taken.
      throw new NotLoadedError();
    });
    this.failIfClosed();
    if (this.capture) return this.capture;
    const capture = new AudioWorkletNode(this.context, 'voiceassist-capture', {
      numberOfInputs: 1,
      numberOfOutputs: 0,
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    capture.port.onmessage = ({ data }: MessageEvent<CaptureReport>) => {
      this.listener.micLevel(data.rms, data.flat);
    };
    this.capture = capture;
    return capture;
  }

  /** Open (or change) the microphone. The former one is released once the new one runs. */
  async setMicrophone(deviceId: string | null): Promise<void> {
    const stream = await openMicrophone(deviceId);
    if (this.closed) stopTracks(stream);
    this.failIfClosed();
    const former = this.stream;
    this.source?.disconnect();
    this.stream = stream;
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.micAnalyser);
    this.connectCapture();
    this.outgoing.follow(stream);
    stream.getAudioTracks()[0]?.addEventListener('ended', () => {
      if (this.stream === stream && !this.closed) this.listener.micLost();
    });
    if (former) stopTracks(former);
  }

  /** Join microphone and capture processor, whichever of the two came last. */
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
    this.outgoing.setMuted(muted);
  }

  /** Whoever sends the microphone as a track: called now if it is open, and with each one that replaces it. */
  onOutgoing(taker: ((track: MediaStreamTrack) => void) | null): void {
    this.outgoing.onTrack(taker);
  }

  /** Let a far stream be heard and looked at; null lets go of it. */
  playRemote(stream: MediaStream | null): void {
    this.remote?.close();
    this.remote = stream && new RemoteSound(stream, (audible) => !this.closed && this.listener.audible(audible));
    if (stream) this.context.createMediaStreamSource(stream).connect(this.speakerAnalyser);
  }

  silenceRemote(quiet: boolean): void {
    this.remote?.silence(quiet);
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
    this.outgoing.stop();
    if (this.stream) stopTracks(this.stream);
    this.stream = null;
  }

  /** Release everything: tracks, processors, ports, context. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopMicrophone();
    this.playRemote(null);
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

  private failIfClosed(): void {
    if (this.closed) throw new DOMException('The call ended meanwhile.', 'AbortError');
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
