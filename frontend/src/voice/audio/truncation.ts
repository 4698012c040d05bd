/** From «samples handed to the device» to «what the person heard», which is what the conversation keeps. */
import type { WireEvent } from './messages.ts';
import type { Cut, HeardCut } from './messages.ts';

/**
 * Milliseconds heard of a cut item: what was played minus what still sat in the output device's buffer,
 * never below zero and never beyond what was received.
 */
export function heardMs(cut: Cut, outputLatencyMs: number): number {
  const received = cut.played_ms + cut.dropped_ms;
  const heard = cut.played_ms - Math.max(0, outputLatencyMs);
  return Math.floor(Math.min(Math.max(0, heard), received));
}

export function withHeard(cuts: readonly Cut[], outputLatencyMs: number): HeardCut[] {
  return cuts.map((cut) => ({ ...cut, heard_ms: heardMs(cut, outputLatencyMs) }));
}

/** `conversation.item.truncate` for one cut (protocol §4.1). */
export function truncateEvent(cut: HeardCut): WireEvent {
  return {
    type: 'conversation.item.truncate',
    item_id: cut.item_id,
    content_index: cut.content_index,
    audio_end_ms: cut.heard_ms,
  };
}
