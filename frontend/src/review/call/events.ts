import type { Direction } from '../../api/review-traces.ts';
import type { CallEvent } from '../../api/types.ts';

export const DIRECTION_WORDS: Readonly<Record<Direction, string>> = {
  from_client: 'client → server',
  to_provider: 'server → provider',
  from_provider: 'provider → server',
  to_client: 'server → client',
  gateway: 'line',
};

/** What a run of deltas was, in a few words; empty for a single event. */
export function summaryOf({ count, at_ms, last_ms, audio_bytes, audio_ms }: CallEvent): string {
  if (count === undefined) return '';
  const lasted = `${count.toLocaleString()} in ${Math.round((last_ms ?? at_ms) - at_ms).toLocaleString()} ms`;
  if (audio_bytes === undefined) return lasted;
  return `${lasted}, ${((audio_ms ?? 0) / 1000).toFixed(1)} s of sound, ${audio_bytes.toLocaleString()} bytes`;
}
