import { describe, expect, test } from 'vitest';

import { captionPrefix, spokenPrefix } from './reveal.ts';

const spoken = (part: object = {}) => ({
  text: 'One, two, three, four.',
  textDone: true,
  audioMs: 2000,
  audioDone: true,
  ...part,
});

describe('text in step with sound', () => {
  test.each([
    [0, ''],
    [300, 'One,'],
    [500, 'One, two,'],
    [1999, 'One, two, three, four.'],
    [2000, 'One, two, three, four.'],
  ])('after %i of 2000 ms', (heardMs, text) => {
    expect(spokenPrefix(spoken(), heardMs)).toBe(text);
  });

  test('a word is shown as it begins', () => {
    expect(captionPrefix(spoken(), 350)).toBe('One, two,');
    expect(captionPrefix(spoken(), 0)).toBe('');
  });

  test('text that runs far ahead of its audio is not shown faster than anyone speaks', () => {
    const ahead = spoken({ text: 'word '.repeat(200), audioMs: 400, audioDone: false, textDone: false });
    expect(spokenPrefix(ahead, 400).length).toBeLessThanOrEqual(12);
  });

  test('text whose audio travels as media is shown at the pace people speak', () => {
    expect(spokenPrefix(spoken({ audioMs: 0 }), 500)).toBe('One, two,');
    expect(spokenPrefix(spoken({ audioMs: 0 }), 0)).toBe('');
  });
});
