/** Test language for calls: fakes of microphone, player, server and socket, driven by readable verbs. */
import type { RealtimeSessionGrant, RealtimeSessionOptions } from '../../api/types.ts';
import type { GraphListener } from '../audio/graph.ts';
import type { CallTransport, HeardCut, LineKind, LineWay, PlayerReport, TransportReport, WireEvent } from '../audio/messages.ts';
import type { CallPorts, LineOffer } from './call-ports.ts';
import type { MintProblem } from './fault-mapping.ts';
import { VoiceCall } from './voice-call.ts';

export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** What is held at any moment; a call that leaks leaves something here. */
export interface Held {
  contexts: number;
  tracks: number;
  sockets: number;
  workers: number;
}

export class Scene {
  readonly held: Held = { contexts: 0, tracks: 0, sockets: 0, workers: 0 };
  readonly sent: WireEvent[] = [];
  readonly minted: RealtimeSessionOptions[] = [];
  readonly memory = new Map<string, string>();
  permission: PermissionState = 'granted';
  support: 'ok' | 'insecure' | 'unsupported' = 'ok';
  /** The next openings of the microphone fail with an exception of this name. */
  microphoneError: string | null = null;
  mintProblem: MintProblem | null = null;
  interrupts = 0;
  /** Lines that were opened: `resuming` those of a session that was there before. */
  readonly dialled: (Pick<LineWay, 'url' | 'resuming'> & { kind: LineKind })[] = [];
  offer: LineOffer = { webrtc: false, preferred: 'websocket' };
  hasWebRtc = true;
  muted = false;
  nowMs = 1_000_000;
  private listener: GraphListener | null = null;
  private report: ((report: TransportReport) => void) | null = null;
  readonly call: VoiceCall;

  constructor(conversationId: string | null = 'c1') {
    this.call = new VoiceCall(conversationId, this.ports());
  }

  get state(): string {
    return this.call.getView().state;
  }

  /** Start and let the server accept. */
  async connected(): Promise<this> {
    await this.call.start();
    await settle();
    return this.hears({ type: 'session.created', session: {} });
  }

  hears(...events: WireEvent[]): this {
    this.report?.({ type: 'events', events, sent: [] });
    return this;
  }

  closes(code: number, reason = ''): this {
    this.held.sockets = 0;
    this.report?.({ type: 'closed', code, reason, opened: true });
    return this;
  }

  plays(report: PlayerReport): this {
    this.listener?.player(report);
    return this;
  }

  microphone(rms: number, flat: boolean): this {
    this.listener?.micLevel(rms, flat);
    return this;
  }

  unplugged(): this {
    this.listener?.micLost();
    return this;
  }

  /** The user's turn as server voice activity detection reports it. */
  user(itemId: string, text: string): this {
    return this.hears(
      { type: 'input_audio_buffer.speech_started', item_id: itemId },
      { type: 'input_audio_buffer.speech_stopped', item_id: itemId },
      { type: 'conversation.item.input_audio_transcription.completed', item_id: itemId, transcript: text },
    );
  }

  /** An answer of one second, generated in one burst and not played yet. */
  bot(itemId: string, text: string): this {
    const ids = { response_id: `r-${itemId}`, item_id: itemId };
    return this.hears(
      { type: 'response.created', response: { id: ids.response_id } },
      { type: 'conversation.item.added', item: { id: itemId, type: 'message', role: 'assistant', content: [] } },
      { type: 'response.output_audio_transcript.delta', ...ids, delta: text },
      { type: 'response.output_audio.delta', ...ids, audio_ms: 1000 },
      { type: 'response.output_audio.done', ...ids },
      { type: 'response.output_audio_transcript.done', ...ids, transcript: text },
      { type: 'response.done', response: { id: ids.response_id, status: 'completed', output: [{ id: itemId }] } },
    );
  }

  interruptAfter(itemId: string, heardMs: number): this {
    const cut: HeardCut = { item_id: itemId, content_index: 0, played_ms: heardMs, dropped_ms: 0, heard_ms: heardMs };
    this.report?.({ type: 'cut', cause: 'speech', cuts: [cut] });
    return this;
  }

  private ports(): CallPorts {
    return {
      support: () => this.support,
      permission: () => Promise.resolve(this.permission),
      memory: { read: (key) => this.memory.get(key) ?? null, write: (key, value) => void this.memory.set(key, value) },
      nextFrame: (run) => run(),
      now: () => this.nowMs,
      mint: (options) => this.mint(options),
      openAudio: (listener) => this.openAudio(listener),
      openTransport: (kind, _audio, report) => Promise.resolve(this.openTransport(kind, report)),
      lineOffer: () => Promise.resolve(this.offer),
      hasWebRtc: () => this.hasWebRtc,
    };
  }

  private mint(options: RealtimeSessionOptions): Promise<RealtimeSessionGrant> {
    this.minted.push(options);
    if (this.mintProblem) return Promise.reject(this.mintProblem);
    return Promise.resolve({
      url: 'ws://host/v1/realtime',
      model: 'm',
      api_key: 'ek_secret',
      session_id: `rtc_1_${this.minted.length}`,
      expires_at: 0,
      conversation_id: options.conversation_id ?? 'made',
      voice_config: {
        voice: 'marin',
        modalities: ['text', 'audio'],
        input_audio_format: 'pcm16',
        output_audio_format: 'pcm16',
        input_audio_transcription: null,
        turn_detection: null,
      },
    });
  }

  private openAudio(listener: GraphListener): ReturnType<CallPorts['openAudio']> {
    this.held.contexts += 1;
    this.listener = listener;
    const { held } = this;
    let hasTrack = false;
    return {
      running: true,
      outputLatencyMs: 20,
      get microphoneId() {
        return hasTrack ? 'default' : null;
      },
      resume: () => undefined,
      load: () => Promise.resolve({ capture: {} as MessagePort, player: {} as MessagePort }),
      loadMeter: () => Promise.resolve({} as AudioWorkletNode),
      onOutgoing: () => undefined,
      playRemote: () => undefined,
      silenceRemote: () => undefined,
      setMicrophone: () => {
        if (this.microphoneError !== null) return Promise.reject(named(this.microphoneError));
        if (!hasTrack) held.tracks += 1;
        hasTrack = true;
        return Promise.resolve();
      },
      connectCapture: () => undefined,
      setMuted: (muted) => {
        this.muted = muted;
      },
      readWave: () => undefined,
      stopMicrophone: () => {
        if (hasTrack) held.tracks -= 1;
        hasTrack = false;
      },
      close: () => {
        held.contexts -= 1;
        return Promise.resolve();
      },
    };
  }

  private openTransport(kind: LineKind, report: (report: TransportReport) => void): CallTransport {
    this.held.workers += 1;
    this.report = report;
    return {
      open: ({ url, resuming }) => {
        this.dialled.push({ kind, url, resuming });
        this.held.sockets = 1;
      },
      send: (event) => void this.sent.push(event),
      interrupt: () => {
        this.interrupts += 1;
      },
      setOutputLatency: () => undefined,
      tapAudio: () => undefined,
      close: () => {
        this.held.sockets = 0;
        this.held.workers -= 1;
        return Promise.resolve();
      },
    };
  }
}
