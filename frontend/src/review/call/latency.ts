import type { CallTurn } from '../../api/types.ts';

/** The stages that follow each other, as the bar of a turn stacks them. */
export const STACKED = ['before', 'eou', 'queue', 'think', 'first_audio', 'relay', 'playout'] as const;
export type Stacked = (typeof STACKED)[number];

/** All that is measured, in the order of the tables; `docs/review.md` defines each. */
export const STAGES = [
  { name: 'v2v', label: 'Voice to voice', hint: 'from the last of the speech to the first sound of the answer' },
  { name: 'eou', label: 'End of turn', hint: 'from the last of the speech until it was taken as a turn' },
  { name: 'queue', label: 'Queue', hint: 'until the answer was asked for' },
  { name: 'think', label: 'Think', hint: 'until the provider began to answer' },
  { name: 'first_audio', label: 'First audio', hint: 'until its first sound was here' },
  { name: 'relay', label: 'Relay', hint: 'until it was sent on' },
  { name: 'playout', label: 'Playout', hint: 'until it left the loudspeaker, as the client tells' },
  { name: 'tool', label: 'Tools', hint: 'from a call to its output' },
  { name: 'reconnect', label: 'Reconnect', hint: 'how long a line was gone' },
] as const;
export type StageName = (typeof STAGES)[number]['name'];

export const stageOf = (turn: CallTurn, name: StageName): number | null => turn.stages[`${name}_ms`] ?? null;

/** What the person waited: voice to voice, or where nobody spoke, from the asking to the first of the answer. */
export function waitedMs(turn: CallTurn): number | null {
  const v2v = stageOf(turn, 'v2v');
  if (v2v !== null) return v2v;
  const first = stageOf(turn, 'first_audio');
  if (first === null) return turn.answer_ms ?? null;
  return (stageOf(turn, 'queue') ?? 0) + (stageOf(turn, 'think') ?? 0) + first;
}

export interface Part {
  stage: Stacked;
  fromMs: number;
  ms: number;
}

/**
 * The bar of a turn. Where a tool was called, what the person waited began in the answer before; that share
 * comes first. An answer of which only its length is known is one part.
 */
export function partsOf(turn: CallTurn): Part[] {
  const lengths = STACKED.flatMap((stage): Array<[Stacked, number]> => {
    const ms = stage === 'before' ? null : stageOf(turn, stage);
    return ms === null || ms <= 0 ? [] : [[stage, ms]];
  });
  const sum = lengths.reduce((total, [, ms]) => total + ms, 0);
  const before = (waitedMs(turn) ?? 0) - sum;
  if (before > 0.5) lengths.unshift([sum > 0 ? 'before' : 'first_audio', before]);
  let fromMs = 0;
  return lengths.map(([stage, ms]) => {
    const part = { stage, fromMs, ms };
    fromMs += ms;
    return part;
  });
}
