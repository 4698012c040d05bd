import { describe, expect, it } from 'vitest';

import { plainAmount, priceWords } from './price-words.ts';

const price = { id: 1, version: 'm@2026-01-01', valid_from: '2026-01-01', source: 'x', as_of: '2026-01-01' };

describe('a price in words', () => {
  it('says what goes in and comes out', () => {
    const amounts = { text_input: '4.0000', text_output: '24.0000', audio_input: '32.0000', audio_output: '64.0000' };
    expect(priceWords({ ...price, ...amounts })).toBe('text 4 → 24 · audio 32 → 64');
  });

  it('names a minute where that is billed, and what costs nothing', () => {
    expect(priceWords({ ...price, audio_minute: '0.017000' })).toBe('0.017 a minute');
    expect(priceWords(price)).toBe('free');
  });

  it('shows amounts without the zeros of the column', () => {
    expect(plainAmount('0.4000')).toBe('0.4');
    expect(plainAmount(undefined)).toBe('0');
  });
});
