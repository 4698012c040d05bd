import { expect, it } from 'vitest';

import { beginning, visibleText } from './visible-text.ts';

it('shows terminal escapes instead of obeying them', () => {
  expect(visibleText('\u001b[31mred\u001b[0m\u0007')).toBe('␛[31mred␛[0m␇');
  expect(visibleText('a\u009bb\u007f')).toBe('a⟨9B⟩b␡');
});

it('shows what would turn the direction of the words around it', () => {
  expect(visibleText('pay \u202eEUR 100\u202c')).toBe('pay ⟨RLO⟩EUR 100⟨PDF⟩');
  expect(visibleText('\u2067x\u2069')).toBe('⟨RLI⟩x⟨PDI⟩');
});

it('leaves ordinary words, line breaks and the marks of right-to-left writing alone', () => {
  const text = 'سلام\u200f ok\nline\ttab 👩‍🚀 <b>';
  expect(visibleText(text)).toBe(text);
});

it('cuts between characters', () => {
  expect(beginning('ab😀c', 3)).toBe('ab');
  expect(beginning('ab😀c', 4)).toBe('ab😀');
  expect(beginning('abc', 10)).toBe('abc');
});
