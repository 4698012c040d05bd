import { describe, expect, test } from 'vitest';

import { decodeBase64, encodeBase64 } from './base64.ts';

const noise = (length: number) => Uint8Array.from({ length }, (_, n) => (n * 197 + (n >> 3) * 31) & 255);

describe('base64', () => {
  test.each([0, 1, 2, 3, 4, 959, 960, 961, 48_000])('%i bytes equal the platform encoding and come back', (length) => {
    const bytes = noise(length);
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
  });

  test('a view into a larger buffer encodes only itself', () => {
    const bytes = noise(64).subarray(7, 20);
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  });

  test.each(['abc', 'ab=c', 'ab c', 'äbcd', '===='])('%j is refused', (text) => {
    expect(() => decodeBase64(text)).toThrow(RangeError);
  });
});
