/**
 * A voice call in this browser: runs the machine's effects on microphone, sound, server and socket, and
 * turns what they report into the machine's events. One instance serves many calls, one after another;
 * between calls it holds nothing.
 */
import { PLAYOUT, RESUMED, type WireEvent, type PlayerReport, type TransportReport } from '../audio/messages.ts';
import { CallMedia } from './call-media.ts';
import type { CallPorts } from './call-ports.ts';
import { CallRecord, type LoggedEvent } from './call-record.ts';
import { viewOf, type CallView } from './call-view.ts';
import { Dialler } from './dialler.ts';
import { faultOfMedia, faultOfMint, isPassing, readClosing, type EndReason } from './fault-mapping.ts';
import { fault, type VoiceFault } from './faults.ts';
import type { TranscriptUpdate } from './live-transcript.ts';
import { MachineRunner } from './machine-runner.ts';
import { ResponseQueue } from './response-queue.ts';
import { FELL_BACK } from './route.ts';
import { sessionConfigOf } from './session-config.ts';
import { turnEventOf } from './turn-events.ts';
import { ViewSource } from './view-source.ts';
import { isReconnecting, isResting, type VoiceEffect, type VoiceEvent, type VoiceModel } from './voice-machine.ts';

const MICROPHONE_KEY = 'voiceassist.microphone';
const PRIMED_KEY = 'voiceassist.voice-explained';
/** Speech into a muted microphone is louder than room noise. */
const MUTED_SPEECH_RMS = 0.03;

export interface CallListeners {
  transcript?(update: TranscriptUpdate): void;
  audioChunk?(pcm16: ArrayBuffer): void;
  fault?(problem: VoiceFault): void;
  connection?(connected: boolean): void;
  conversationCreated?(conversationId: string): void;
  /** The line is back, but something was said that this call will not hear of: read the history again. */
  missed?(): void;
}

export class VoiceCall {
  listeners: CallListeners = {};
  conversationId: string | null;
  private readonly ports: CallPorts;
  private readonly machine: MachineRunner;
  private media: CallMedia | null = null;
  private closing: Promise<void> = Promise.resolve();
  private starting = false;
  private readonly dialler: Dialler;
  private record: CallRecord;
  private readonly responses = new ResponseQueue((event) => this.sendEvent(event));
  private readonly sounded = new Set<string>();
  private readonly views: ViewSource<CallView>;
  /** The raw events of the call, for whoever watches them. */
  readonly log: ViewSource<readonly LoggedEvent[]>;
  private speakingWhileMuted = false;
  private soundBlocked = false;
  private retryAt: number | null = null;
  private wasConnected = false;
  private reported: VoiceFault | null = null;

  constructor(conversationId: string | null, ports: CallPorts) {
    this.conversationId = conversationId;
    this.ports = ports;
    this.dialler = new Dialler(ports);
    this.record = this.newRecord();
    this.views = new ViewSource(() => this.makeView(), ports.nextFrame);
    this.log = new ViewSource(() => this.record.log, ports.nextFrame);
    this.machine = new MachineRunner(
      (effect) => this.perform(effect),
      (model) => this.follow(model),
    );
  }

  /** Begin a call. Call it inside the click: sound needs the person's gesture. */
  async start(): Promise<void> {
    const support = this.ports.support();
    if (support !== 'ok') {
      const kind = support === 'insecure' ? 'insecure-origin' : 'unsupported-browser';
      this.tell({ type: 'FAULT', fault: fault(kind, support) });
      return;
    }
    if (this.starting || !isResting(this.model)) return;
    this.starting = true;
    try {
      await this.closing;
      this.openMedia();
      const permission = await this.ports.permission();
      const explained = this.ports.memory.read(PRIMED_KEY) !== null;
      this.tell({ type: 'START', permission: permission !== 'prompt' ? 'granted' : explained ? 'ask' : 'explain' });
    } catch (error) {
      this.tell({ type: 'FAULT', fault: faultOfMedia(error) });
    } finally {
      this.starting = false;
    }
  }

  /** The person has read why the browser will ask. */
  proceed(): void {
    this.ports.memory.write(PRIMED_KEY, 'yes');
    this.media?.audio.resume();
    this.tell({ type: 'CONTINUE' });
  }

  cancel(): void {
    this.tell({ type: 'CANCEL' });
  }

  /** End the call, in whatever state it is. The microphone is off when this returns. */
  end(reason: EndReason = 'you-hung-up'): void {
    this.tell({ type: 'END', reason });
    this.cancel();
  }

  /** Resolves when an ended call holds nothing any more. */
  async settled(): Promise<void> {
    await this.closing;
  }

  setMuted(muted: boolean): void {
    this.media?.audio.setMuted(muted);
    this.speakingWhileMuted = false;
    this.tell({ type: 'MUTE', muted });
  }

  /** Silence the assistant. Nothing happens when it is neither speaking nor preparing to. */
  interrupt(): void {
    if (this.model.turn.playing || this.responses.busy) this.media?.transport?.interrupt();
  }

  /** Type into the call: the assistant stops, reads, and answers aloud. */
  sendMessage(text: string): void {
    const trimmed = text.trim();
    if (trimmed === '' || this.model.phase !== 'live') return;
    this.interrupt();
    this.sendEvent({
      type: 'conversation.item.create',
      item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: trimmed }] },
    });
    this.tell({ type: 'USER_TYPED' });
    this.responses.request();
  }

  /** Send any client event of the protocol; the server's policy applies. */
  sendEvent(event: WireEvent): void {
    this.media?.transport?.send(event);
  }

  retryNow(): void {
    this.tell({ type: 'RETRY' });
  }

  /** Let sound out, from a tap. */
  allowSound(): void {
    this.media?.audio.resume();
  }

  /** Use another microphone, now and in later calls. */
  async chooseMicrophone(deviceId: string): Promise<void> {
    this.ports.memory.write(MICROPHONE_KEY, deviceId);
    const audio = this.media?.audio;
    try {
      await audio?.setMicrophone(deviceId);
    } catch (error) {
      if (audio?.microphoneId) this.record.notice = 'That microphone did not open; the former one stays in use.';
      else this.tell({ type: 'FAULT', fault: faultOfMedia(error) });
    }
    this.changed();
  }

  readWave(side: 'microphone' | 'speaker', samples: Float32Array<ArrayBuffer>): void {
    if (this.media) this.media.audio.readWave(side, samples);
    else samples.fill(0);
  }

  subscribe = (subscriber: () => void): (() => void) => this.views.subscribe(subscriber);

  getView = (): CallView => this.views.get();

  private get model(): VoiceModel {
    return this.machine.model;
  }

  private tell(event: VoiceEvent): void {
    this.machine.send(event);
  }

  private perform(effect: VoiceEffect): void {
    if (effect === 'ask') void this.ask();
    else if (effect === 'connect') this.connect();
    else if (effect === 'dial') void this.dial();
    else this.release();
  }

  private openMedia(): void {
    this.media ??= new CallMedia(
      this.ports,
      {
        micLevel: (rms, flat) => this.micLevel(rms, flat),
        player: (report) => this.playerReport(report),
        micLost: () => this.tell({ type: 'MIC', flat: true }),
        audible: (running) => {
          this.soundBlocked = !running;
          this.changed();
        },
      },
      (report) => this.transportReport(report),
    );
  }

  private release(): void {
    this.soundBlocked = false;
    this.record.finish(this.ports.now());
    this.dialler.forget();
    const media = this.media;
    this.media = null;
    const atOnce = this.model.endReason === 'page-left';
    if (media) this.closing = media.release(atOnce).catch(() => undefined);
  }

  /** Permission first, and only then the server: a refused microphone costs no session. */
  private async ask(): Promise<void> {
    if (await this.openMicrophone()) this.tell({ type: 'GRANTED' });
  }

  /** Everything at once when the browser has nothing to ask. */
  private connect(): void {
    this.record = this.newRecord();
    this.dialler.begin();
    if (this.media?.audio.microphoneId) void this.micLive();
    else void this.openMicrophone().then((open) => (open ? this.micLive() : undefined));
    void this.dial();
  }

  /** Speak already: but only the line of a socket keeps what is said before there is a session. */
  private async micLive(): Promise<void> {
    if ((await this.dialler.nextKind()) === 'websocket') this.tell({ type: 'MIC_LIVE' });
  }

  private async openMicrophone(): Promise<boolean> {
    const media = this.media;
    if (!media) return false;
    try {
      const muted = () => this.model.turn.muted;
      const prepared = this.dialler.prepare(media);
      await media.openMicrophone(this.ports.memory.read(MICROPHONE_KEY), muted, prepared);
    } catch (error) {
      if (!media.released) this.tell({ type: 'FAULT', fault: faultOfMedia(error) });
      return false;
    }
    return !media.released;
  }

  /** The lost session again, or a new one of the same conversation, which knows what was said. */
  private async dial(): Promise<void> {
    if (!this.media) return;
    const tapped = this.listeners.audioChunk !== undefined;
    await this.dialler.dial(this.media, this.conversationId, tapped, {
      granted: (grant) => {
        this.record.sessionConfig = sessionConfigOf(grant);
        this.responses.reset();
        this.sounded.clear();
      },
      refused: (problem) => this.refused(faultOfMint(problem)),
    });
  }

  private refused(problem: VoiceFault): void {
    this.tell(isReconnecting(this.model) && isPassing(problem) ? { type: 'LOST' } : { type: 'FAULT', fault: problem });
  }

  private transportReport(report: TransportReport): void {
    if (report.type === 'events') {
      for (const event of report.sent) this.record.note('sent', event, this.ports.now());
      for (const event of report.events) this.receive(event);
    } else if (report.type === 'cut') {
      this.record.transcript.cut(report.cuts);
      this.tell({ type: 'CUT' });
    } else if (report.type === 'audio-chunk') {
      this.listeners.audioChunk?.(report.pcm);
    } else if (report.type === 'player') {
      this.playerReport(report.report);
    } else {
      this.closed(report.code, report.reason);
    }
    this.changed();
  }

  private receive(event: WireEvent): void {
    this.dialler.observe(event);
    this.record.observe(event, this.ports.now());
    this.responses.observe(event);
    if (event.type === 'session.created') this.ready();
    else if (event.type === RESUMED) this.resumed(event['recovered'] === true);
    const turnEvent = turnEventOf(event, this.sounded);
    if (turnEvent) this.tell(turnEvent);
  }

  private ready(): void {
    this.dialler.live();
    this.record.startedAt ??= this.ports.now();
    this.media?.transport?.setOutputLatency(this.media.audio.outputLatencyMs);
    const made = this.record.sessionConfig?.conversation_id ?? null;
    const created = this.conversationId === null ? made : null;
    this.conversationId ??= made;
    this.tell({ type: 'READY' });
    if (created !== null) this.listeners.conversationCreated?.(created);
  }

  private resumed(recovered: boolean): void {
    this.dialler.live();
    if (recovered) {
      this.tell({ type: 'RESUMED' });
      return;
    }
    this.record.transcript.settle();
    this.responses.reset();
    this.sounded.clear();
    this.tell({ type: 'READY' });
    this.listeners.missed?.();
  }

  private closed(code: number, reason: string): void {
    const sessionId = this.record.sessionConfig?.session_id ?? null;
    const closing = readClosing(code, reason, sessionId);
    const told = `${code} ${reason}`.trim();
    if (this.dialler.changesWay(code, reason)) {
      this.record.notice = FELL_BACK;
      void this.dial();
    } else if (closing.verdict === 'ended') this.tell({ type: 'END', reason: closing.reason });
    else if (closing.verdict === 'fault') this.refused(closing.fault);
    else if (closing.verdict === 'remint' && this.model.phase !== 'live') {
      if (this.dialler.remints()) void this.dial();
      else this.tell({ type: 'FAULT', fault: fault('secret-expired', told, { sessionId }) });
    } else if (this.model.phase === 'connecting') {
      this.tell({ type: 'FAULT', fault: fault('server-unreachable', told, { sessionId }) });
    } else this.tell({ type: 'LOST' });
  }

  private playerReport(report: PlayerReport): void {
    if (report.type === 'started') {
      this.sounded.add(report.item_id);
      this.media?.transport?.setOutputLatency(this.media.audio.outputLatencyMs);
      this.tell({ type: 'PLAYBACK_STARTED' });
      if (report.waited_ms !== undefined) {
        const playout_ms = report.waited_ms + (this.media?.audio.outputLatencyMs ?? 0);
        this.sendEvent({ type: PLAYOUT, item_id: report.item_id, playout_ms });
      }
    } else if (report.type === 'starved') {
      this.sendEvent({ type: PLAYOUT, item_id: report.item_id, underruns: 1 });
    } else if (report.type === 'finished') {
      this.record.transcript.playedOut(report.item_id);
      this.tell({ type: 'PLAYBACK_FINISHED' });
    } else if (report.type === 'progress') {
      this.record.transcript.played(report.item_id, report.played_ms);
    }
    this.changed();
  }

  private micLevel(rms: number, flat: boolean): void {
    const { micFlat, muted } = this.model.turn;
    if (flat !== micFlat) this.tell({ type: 'MIC', flat });
    if (muted && rms > MUTED_SPEECH_RMS && !this.speakingWhileMuted) {
      this.speakingWhileMuted = true;
      this.changed();
    }
  }

  private newRecord(): CallRecord {
    return new CallRecord((update) => this.listeners.transcript?.(update));
  }

  private follow(model: VoiceModel): void {
    const connected = model.phase === 'live';
    if (model.phase !== 'waiting') this.retryAt = null;
    else this.retryAt ??= this.ports.now() + model.retryDelayMs;
    this.changed();
    if (connected !== this.wasConnected) {
      this.wasConnected = connected;
      this.listeners.connection?.(connected);
    }
    if (model.phase === 'error' && model.fault && model.fault !== this.reported) {
      this.reported = model.fault;
      this.listeners.fault?.(model.fault);
    }
  }

  private changed = (): void => {
    this.views.changed();
    this.log.changed();
  };

  private makeView(): CallView {
    return viewOf(this.model, this.record, {
      speakingWhileMuted: this.speakingWhileMuted,
      soundBlocked: this.soundBlocked,
      retryAt: this.retryAt,
      microphoneId: this.media?.audio.microphoneId ?? null,
      line: this.dialler.kind,
      fellBack: this.dialler.fellBack,
    });
  }
}
