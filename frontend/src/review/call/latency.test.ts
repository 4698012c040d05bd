import { expect, it } from 'vitest';

import type { CallTurn } from '../../api/types.ts';
import { partsOf, waitedMs } from './latency.ts';

const turn = (stages: Record<string, number>, answerMs: number | null = null): CallTurn => ({
  response_id: 'r',
  status: 'completed',
  error_code: '',
  is_interrupted: false,
  view: 'gateway',
  underruns: 0,
  answer_ms: answerMs,
  stages,
});

it('stacks the stages one behind the other', () => {
  const spoken = turn({ eou_ms: 300, think_ms: 50, first_audio_ms: 200, relay_ms: 1, playout_ms: 40, v2v_ms: 591 });
  expect(waitedMs(spoken)).toBe(591);
  expect(partsOf(spoken)).toEqual([
    { stage: 'eou', fromMs: 0, ms: 300 },
    { stage: 'think', fromMs: 300, ms: 50 },
    { stage: 'first_audio', fromMs: 350, ms: 200 },
    { stage: 'relay', fromMs: 550, ms: 1 },
    { stage: 'playout', fromMs: 551, ms: 40 },
  ]);
});

it('puts what a tool took in front', () => {
  const [first] = partsOf(turn({ queue_ms: 5, think_ms: 50, first_audio_ms: 200, tool_ms: 400, v2v_ms: 1255 }));
  expect(first).toEqual({ stage: 'before', fromMs: 0, ms: 1000 });
});

it('counts a typed turn from the asking', () => {
  expect(waitedMs(turn({ think_ms: 20, first_audio_ms: 100 }))).toBe(120);
  expect(waitedMs(turn({}))).toBeNull();
  expect(partsOf(turn({}))).toEqual([]);
});

it('shows an answer from before stages were measured as one part', () => {
  expect(partsOf(turn({}, 700))).toEqual([{ stage: 'first_audio', fromMs: 0, ms: 700 }]);
});
