/** Events without their audio: what the main thread needs of them, and all that a debug view may show. */
import { WIRE_RATE_HZ } from './pcm16.ts';
import type { WireEvent } from './messages.ts';

const BYTES_PER_SAMPLE = 2;

/**
 * The event itself, or for audio a copy that says how long the audio is instead of holding it.
 * @param unplayed the audio came after its answer was cut off and is not going to be heard.
 */
export function forMainThread(event: WireEvent, unplayed: boolean): WireEvent {
  if (event.type !== 'response.output_audio.delta') return event;
  const { delta, ...rest } = event;
  const audio_ms = typeof delta === 'string' ? base64Ms(delta) : 0;
  return unplayed ? { ...rest, audio_ms, unplayed } : { ...rest, audio_ms };
}

function base64Ms(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Math.floor((text.length * 3) / 4) - padding;
  return (bytes / BYTES_PER_SAMPLE / WIRE_RATE_HZ) * 1000;
}
