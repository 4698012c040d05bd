import type { WireEvent } from '../audio/messages.ts';
import type { TurnEvent } from './turn-phase.ts';

/**
 * What a server event means for the turn, or null.
 * @param sounded items of which sound was already heard; reports of the player may overtake events.
 */
export function turnEventOf(event: WireEvent, sounded: ReadonlySet<string>): TurnEvent | null {
  switch (event.type) {
    case 'input_audio_buffer.speech_started':
      return { type: 'USER_STARTED' };
    case 'input_audio_buffer.speech_stopped':
      return { type: 'USER_STOPPED' };
    case 'response.created':
      return { type: 'RESPONSE_STARTED' };
    case 'response.done':
      return { type: 'RESPONSE_DONE' };
    case 'response.output_audio.delta': {
      const itemId = String(event['item_id']);
      return sounded.has(itemId) || event['unplayed'] === true ? null : { type: 'AUDIO_ARRIVED' };
    }
    default:
      return null;
  }
}
