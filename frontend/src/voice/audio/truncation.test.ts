import { describe, expect, test } from 'vitest';

import { heardMs, truncateEvent, withHeard } from './truncation.ts';

const cut = (played_ms: number, dropped_ms: number) => ({ item_id: 'a', content_index: 0, played_ms, dropped_ms });

describe('what was heard', () => {
  test.each([
    ['played minus the output latency', cut(1000, 500), 35, 965],
    ['never negative', cut(20, 500), 35, 0],
    ['never beyond what was received', cut(1000, 0), -50, 1000],
    ['whole milliseconds, rounded down', cut(999.97, 3), 0.5, 999],
  ])('is %s', (_rule, given, latencyMs, heard) => {
    expect(heardMs(given, latencyMs)).toBe(heard);
  });

  test('becomes the audio_end_ms of a truncation', () => {
    const [first] = withHeard([cut(400.4, 100)], 20);
    expect(truncateEvent(first!)).toEqual({
      type: 'conversation.item.truncate',
      item_id: 'a',
      content_index: 0,
      audio_end_ms: 380,
    });
  });
});
