import type { AdminVoice, VoiceChanges } from '../../api/types.ts';

type InEffect = AdminVoice['in_effect'];

/** The form's fields, numbers as they were typed. */
export type VoiceDefaults = Pick<InEffect, 'model' | 'transcription_model' | 'voice' | 'instructions'> & {
  session_s: string;
  idle_s: string;
  latency_target_ms: string;
};

const WORDS = ['model', 'transcription_model', 'voice', 'instructions'] as const;
const NUMBERS = ['session_s', 'idle_s', 'latency_target_ms'] as const;

/** What differs from what holds; a number that cannot be read is left to the browser's own complaint. */
export function changedDefaults(before: InEffect, shown: VoiceDefaults): VoiceChanges {
  const changes: VoiceChanges = {};
  for (const name of WORDS) {
    if (shown[name] !== before[name]) changes[name] = shown[name];
  }
  for (const name of NUMBERS) {
    const value = Number(shown[name]);
    if (shown[name] !== '' && Number.isInteger(value) && value !== before[name]) changes[name] = value;
  }
  return changes;
}
