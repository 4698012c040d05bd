/**
 * What the assistant says, item by item, pulled at the device's rate. Counts the 24 kHz samples that were
 * really consumed, because that count decides what the conversation remembers after an interruption.
 * Pure: the player processor around it only moves buffers.
 */
import { WIRE_RATE_HZ, wireMs } from './pcm16.ts';
import { Resampler } from './resampler.ts';

/** Long enough to be inaudible as a click, short enough to be gone before the user's first syllable. */
const FADE_MS = 5;
const PREBUFFER_MAX_MS = 120;
const FEED_SAMPLES = 64;

/** Position of one item when playback stopped. */
export interface Cut {
  item_id: string;
  content_index: number;
  played_ms: number;
  dropped_ms: number;
}

export interface Progress {
  item_id: string;
  played_ms: number;
  /** Audio received and not yet consumed, all items. */
  buffered_ms: number;
  /** Root mean square of the output since the previous reading, 0…1. */
  rms: number;
}

interface QueuedItem {
  id: string;
  contentIndex: number;
  chunks: Float32Array[];
  offset: number;
  received: number;
  consumed: number;
  ended: boolean;
  started: boolean;
}

export interface PlaybackListener {
  started(itemId: string): void;
  finished(itemId: string, playedMs: number): void;
  starved(itemId: string): void;
}

export class PlaybackQueue {
  private readonly deviceRate: number;
  private readonly listener: PlaybackListener;
  private readonly items: QueuedItem[] = [];
  private readonly resampler: Resampler;
  private readonly converted: Float32Array;
  private readonly ready: Float32Array;
  private readyFrom = 0;
  private readyTo = 0;
  private fadeTail: Float32Array | null = null;
  private prebufferMs = 0;
  private waiting = false;
  private squares = 0;
  private measured = 0;

  /** @param deviceRate Hz. @param quantum samples per `pull` at most. */
  constructor(deviceRate: number, listener: PlaybackListener, quantum = 128) {
    this.deviceRate = deviceRate;
    this.listener = listener;
    this.resampler = new Resampler(WIRE_RATE_HZ, deviceRate);
    this.converted = new Float32Array(this.resampler.capacityFor(FEED_SAMPLES));
    const fade = Math.ceil((deviceRate * FADE_MS) / 1000);
    this.ready = new Float32Array(this.converted.length + Math.max(quantum, fade));
  }

  /** Queue audio of an item. Items play in the order in which they first had audio. */
  add(itemId: string, contentIndex: number, samples: Float32Array): void {
    if (samples.length === 0) return;
    let item = this.items.find((queued) => queued.id === itemId);
    if (!item) {
      item = {
        id: itemId,
        contentIndex,
        chunks: [],
        offset: 0,
        received: 0,
        consumed: 0,
        ended: false,
        started: false,
      };
      this.items.push(item);
      if (this.items.length === 1) this.waiting = this.prebufferMs > 0;
    }
    item.chunks.push(samples);
    item.received += samples.length;
  }

  /** No more audio will come for this item. */
  end(itemId: string): void {
    const item = this.items.find((queued) => queued.id === itemId);
    if (item) item.ended = true;
  }

  get bufferedMs(): number {
    return wireMs(this.items.reduce((sum, item) => sum + item.received - item.consumed, 0));
  }

  /** Fill `output`, with silence where there is nothing to say. Returns whether anything was played. */
  pull(output: Float32Array): boolean {
    let at = this.takeFadeTail(output);
    if (this.waiting && this.mayStart()) this.waiting = false;
    if (!this.waiting) {
      this.prepare(output.length - at);
      const count = Math.min(output.length - at, this.readyTo - this.readyFrom);
      output.set(this.ready.subarray(this.readyFrom, this.readyFrom + count), at);
      this.readyFrom += count;
      at += count;
    }
    output.fill(0, at);
    for (const sample of output) this.squares += sample * sample;
    this.measured += output.length;
    return at > 0;
  }

  /**
   * Stop now. What follows is a fade of a few milliseconds, then silence. Answers every item that was not
   * played to its end; an item still being received counts as cut even if all that came was played.
   */
  flush(): Cut[] {
    const fadeLength = Math.ceil((this.deviceRate * FADE_MS) / 1000);
    const playing = this.items.some((item) => item.started);
    if (playing && !this.waiting) {
      this.prepare(fadeLength);
      const tail = this.ready.slice(this.readyFrom, Math.min(this.readyTo, this.readyFrom + fadeLength));
      for (let i = 0; i < tail.length; i++) tail[i] = (tail[i] as number) * (1 - (i + 1) / tail.length);
      this.fadeTail = tail.length > 0 ? tail : null;
    }
    const cuts = this.items
      .filter((item) => !item.ended || item.consumed < item.received)
      .map((item) => ({
        item_id: item.id,
        content_index: item.contentIndex,
        played_ms: wireMs(item.consumed),
        dropped_ms: wireMs(item.received - item.consumed),
      }));
    this.items.length = 0;
    this.clearConverted();
    this.waiting = false;
    return cuts;
  }

  /** Where playback stands, or null when nothing is queued. Resets the level. */
  takeProgress(): Progress | null {
    const rms = this.measured === 0 ? 0 : Math.sqrt(this.squares / this.measured);
    this.squares = 0;
    this.measured = 0;
    const item = this.items[0];
    if (!item?.started) return null;
    return { item_id: item.id, played_ms: wireMs(item.consumed), buffered_ms: this.bufferedMs, rms };
  }

  private mayStart(): boolean {
    return this.bufferedMs >= this.prebufferMs || this.items.some((item) => item.ended);
  }

  private takeFadeTail(output: Float32Array): number {
    if (!this.fadeTail) return 0;
    const count = Math.min(output.length, this.fadeTail.length);
    output.set(this.fadeTail.subarray(0, count));
    this.fadeTail = count < this.fadeTail.length ? this.fadeTail.subarray(count) : null;
    return count;
  }

  /** Convert until `wanted` samples stand ready or there is nothing left to convert. */
  private prepare(wanted: number): void {
    while (this.readyTo - this.readyFrom < wanted) {
      const input = this.takeInput();
      if (!input) return;
      const count = this.resampler.process(input, this.converted);
      this.keep(this.converted.subarray(0, count));
    }
  }

  private keep(samples: Float32Array): void {
    if (this.readyTo + samples.length > this.ready.length) {
      this.ready.copyWithin(0, this.readyFrom, this.readyTo);
      this.readyTo -= this.readyFrom;
      this.readyFrom = 0;
    }
    this.ready.set(samples, this.readyTo);
    this.readyTo += samples.length;
  }

  private takeInput(): Float32Array | null {
    for (let item = this.items[0]; item; item = this.items[0]) {
      const chunk = item.chunks[0];
      if (chunk) return this.consume(item, chunk);
      if (!item.ended) {
        this.starve(item);
        return null;
      }
      this.items.shift();
      if (this.items.length === 0) this.prebufferMs = Math.floor(this.prebufferMs / 2);
      this.listener.finished(item.id, wireMs(item.consumed));
      if (this.items.length === 0) return this.drainResampler();
    }
    return null;
  }

  private consume(item: QueuedItem, chunk: Float32Array): Float32Array {
    const piece = chunk.subarray(item.offset, item.offset + FEED_SAMPLES);
    item.offset += piece.length;
    item.consumed += piece.length;
    if (item.offset >= chunk.length) {
      item.chunks.shift();
      item.offset = 0;
    }
    if (!item.started) {
      item.started = true;
      this.listener.started(item.id);
    }
    return piece;
  }

  /** The network was slower than speech: wait for a cushion before going on, each time anew. */
  private starve(item: QueuedItem): void {
    if (!item.started || this.waiting) return;
    this.waiting = true;
    this.prebufferMs = PREBUFFER_MAX_MS;
    this.listener.starved(item.id);
  }

  private drainResampler(): null {
    this.keep(this.resampler.flush());
    this.resampler.reset();
    return null;
  }

  private clearConverted(): void {
    this.readyFrom = 0;
    this.readyTo = 0;
    this.resampler.reset();
  }
}
