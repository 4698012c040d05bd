/**
 * The wire end of a call: microphone frames out, assistant audio to the player, everything else to the
 * main thread. An interruption is carried out here, without asking the main thread: flush the player, then
 * tell the server how much was heard. Sockets, ports and timers are given, so tests script them.
 */
import { decodeBase64, encodeBase64 } from './base64.ts';
import { FRAME_MS } from './capture-framer.ts';
import { forMainThread } from './event-elision.ts';
import { RESUMED, type HeardCut, type PlayerAnswer, type PlayerCommand, type TransportReport, type WireEvent } from './messages.ts';
import { ResponseLedger } from './response-ledger.ts';
import { truncateEvent, withHeard } from './truncation.ts';
import { parseEvent } from './wire-event.ts';

/** Microphone kept while the session is not ready yet; older audio goes first. */
const HELD_MS_MAX = 15_000;
/** Held frames leave in appends of this length, so that a burst stays below the server's event rate. */
const HELD_APPEND_FRAMES = 50;
/** Above this the network is behind: frames are held back instead of piling up unseen in the socket. */
const SOCKET_BACKLOG_BYTES = 256 * 1024;
const BATCH_MS = 16;
/** A player that does not answer (its audio context is gone) must not keep the socket open. */
const CLOSE_FLUSH_MS = 100;

/** The part of a WebSocket that is used. */
export interface SocketLike {
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

export interface TransportPorts {
  openSocket(url: string, protocols: string[]): SocketLike;
  toPlayer(command: PlayerCommand, transfer?: Transferable[]): void;
  toMain(report: TransportReport, transfer?: Transferable[]): void;
  later(run: () => void, delayMs: number): void;
  now(): number;
}

type FlushCause = 'speech' | 'manual' | 'close';

export class TransportCore {
  private readonly ports: TransportPorts;
  private socket: SocketLike | null = null;
  private opened = false;
  private ready = false;
  private held: Uint8Array[] = [];
  private readonly ledger = new ResponseLedger();
  private readonly flushes: FlushCause[] = [];
  private outputLatencyMs = 0;
  private tapped = false;
  private received: WireEvent[] = [];
  private sent: WireEvent[] = [];
  private batchDue = false;
  private lastBatchAt = -Infinity;

  constructor(ports: TransportPorts) {
    this.ports = ports;
  }

  /**
   * Dial. An earlier socket is let go of without a word.
   * @param resuming the same session goes on: its items and responses are still the ones we know.
   */
  open(url: string, protocols: string[], resuming: boolean): void {
    this.detach()?.close();
    if (!resuming) this.forgetSession();
    const socket = this.ports.openSocket(url, protocols);
    this.socket = socket;
    socket.onopen = () => {
      this.opened = true;
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.receive(data);
    };
    socket.onclose = ({ code, reason }) => this.lost(code, reason);
  }

  /** Send one client event; silently dropped while there is no session, as the panel then offers no input. */
  send(event: WireEvent): void {
    if (!this.socket || !this.ready) return;
    this.socket.send(JSON.stringify(event));
    this.sent.push(event);
    this.scheduleBatch();
  }

  /** One 20 ms frame from the capture processor. Held until the session is ready. */
  capture(frame: ArrayBuffer): void {
    this.held.push(new Uint8Array(frame));
    if (!this.socket || !this.ready || this.socket.bufferedAmount > SOCKET_BACKLOG_BYTES) {
      if (this.held.length * FRAME_MS > HELD_MS_MAX) this.held.shift();
      return;
    }
    this.sendHeld(this.socket);
  }

  /** The person stops the assistant by hand. */
  interrupt(): void {
    if (this.ledger.hasActive) this.send({ type: 'response.cancel' });
    this.flushPlayer('manual');
  }

  /** The player's answer to a flush. */
  flushed(answer: PlayerAnswer): void {
    const cause = this.flushes.shift() ?? 'manual';
    const cuts = withHeard(answer.cuts, this.outputLatencyMs);
    this.ledger.dropItems(cuts);
    for (const cut of cuts) this.truncate(cut);
    if (cause !== 'close' && cuts.length > 0) {
      // Events that came before the cut must be seen before it.
      this.postBatch();
      this.ports.toMain({ type: 'cut', cause, cuts });
    }
    if (cause === 'close') this.hangUp();
  }

  setOutputLatency(ms: number): void {
    this.outputLatencyMs = ms;
  }

  /** Copy assistant audio to the main thread too. */
  tapAudio(on: boolean): void {
    this.tapped = on;
  }

  /** End the call: what was heard of a running answer is reported first, then the socket closes with 1000. */
  close(atOnce = false): void {
    if (!this.socket) {
      this.ports.toMain({ type: 'closed', code: 1000, reason: '', opened: false });
      return;
    }
    if (atOnce) {
      this.hangUp();
      return;
    }
    this.flushPlayer('close');
    const closing = this.socket;
    this.ports.later(() => {
      if (this.socket === closing) this.hangUp();
    }, CLOSE_FLUSH_MS);
  }

  private receive(text: string): void {
    const event = parseEvent(text);
    if (!event) return;
    this.ledger.observe(event);
    if (event.type === 'response.output_audio.delta') this.play(event);
    else if (event.type === 'response.output_audio.done') {
      this.ports.toPlayer({ type: 'end', item_id: String(event['item_id']) });
    } else if (event.type === 'response.done') {
      for (const itemId of this.ledger.itemsOf(event)) this.ports.toPlayer({ type: 'end', item_id: itemId });
    } else if (event.type === 'input_audio_buffer.speech_started' && this.ledger.speechInterrupts) {
      this.flushPlayer('speech');
    } else if (event.type === 'session.created' || event.type === RESUMED) {
      if (event['recovered'] === false) this.forgetSession();
      this.ready = true;
      if (this.socket) this.sendHeld(this.socket);
    }
    this.received.push(forMainThread(event, this.ledger.isDropped(event)));
    this.scheduleBatch();
  }

  private play(event: WireEvent): void {
    const item_id = String(event['item_id']);
    if (this.ledger.isDropped(event)) return;
    const bytes = decodeAudio(event['delta']);
    if (!bytes) return;
    this.ledger.noteAudio(event);
    const content_index = Number(event['content_index'] ?? 0);
    if (this.tapped) this.ports.toMain({ type: 'audio-chunk', item_id, pcm: bytes.slice().buffer });
    this.ports.toPlayer({ type: 'audio', item_id, content_index, pcm: bytes.buffer }, [bytes.buffer]);
  }

  private flushPlayer(cause: FlushCause): void {
    this.flushes.push(cause);
    this.ledger.dropActive();
    this.ports.toPlayer({ type: 'flush' });
  }

  private truncate(cut: HeardCut): void {
    if (this.ledger.hasAudioOf(cut.item_id)) this.send(truncateEvent(cut));
  }

  private sendHeld(socket: SocketLike): void {
    while (this.held.length > 0) {
      const audio = encodeBase64(joined(this.held.splice(0, HELD_APPEND_FRAMES)));
      socket.send(`{"type":"input_audio_buffer.append","audio":"${audio}"}`);
    }
  }

  private hangUp(): void {
    this.socket?.close(1000);
  }

  private lost(code: number, reason: string): void {
    const opened = this.opened;
    // What has arrived is still played, and what was missed may follow it.
    this.detach();
    this.postBatch();
    this.ports.toMain({ type: 'closed', code, reason, opened });
  }

  /** Nothing more will come of what we know: what has arrived is played to its end. */
  private forgetSession(): void {
    for (const item_id of this.ledger.items) this.ports.toPlayer({ type: 'end', item_id });
    this.ledger.reset();
  }

  /** Stop listening to the current socket; the caller closes it if it is still open. */
  private detach(): SocketLike | null {
    const socket = this.socket;
    this.socket = null;
    this.opened = false;
    this.ready = false;
    if (!socket) return null;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    return socket;
  }

  private scheduleBatch(): void {
    if (this.batchDue) return;
    const wait = this.lastBatchAt + BATCH_MS - this.ports.now();
    if (wait <= 0) {
      this.postBatch();
      return;
    }
    this.batchDue = true;
    this.ports.later(() => this.postBatch(), wait);
  }

  private postBatch(): void {
    this.batchDue = false;
    if (this.received.length === 0 && this.sent.length === 0) return;
    this.lastBatchAt = this.ports.now();
    this.ports.toMain({ type: 'events', events: this.received, sent: this.sent });
    this.received = [];
    this.sent = [];
  }
}

function decodeAudio(delta: unknown): Uint8Array<ArrayBuffer> | null {
  try {
    return typeof delta === 'string' ? decodeBase64(delta) : null;
  } catch {
    return null;
  }
}

function joined(frames: Uint8Array[]): Uint8Array {
  if (frames.length === 1 && frames[0]) return frames[0];
  const whole = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}
