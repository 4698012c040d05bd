import { describe, expect, test } from 'vitest';

import { Resampler } from './resampler.ts';

const RATES = [8000, 16000, 22050, 24000, 44100, 48000, 96000, 192000];

function sine(rate: number, hz: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, n) => 0.8 * Math.sin((2 * Math.PI * hz * n) / rate));
}

/** Convert a whole stream that arrives in the given chunk sizes (repeated). */
function convert(from: number, to: number, input: Float32Array, chunks: number[]): Float32Array {
  const resampler = new Resampler(from, to);
  const out: number[] = [];
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const size = Math.min(chunks[turn % chunks.length]!, input.length - at);
    const room = new Float32Array(resampler.capacityFor(size));
    const count = resampler.process(input.subarray(at, at + size), room);
    out.push(...room.subarray(0, count));
    at += size;
  }
  out.push(...resampler.flush());
  return Float32Array.from(out);
}

/** Signal to noise against the ideal wave, in dB, away from the two ends of the stream. */
function snrDb(got: Float32Array, ideal: Float32Array): number {
  let signal = 0;
  let noise = 0;
  for (let n = 200; n < Math.min(got.length, ideal.length) - 200; n++) {
    signal += ideal[n]! ** 2;
    noise += (got[n]! - ideal[n]!) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

describe('Resampler', () => {
  test.each(RATES)('length is exact from %i Hz to the wire and back', (rate) => {
    for (const length of [1, 127, 128, 4801, 12_345]) {
      const input = sine(rate, 300, length);
      expect(convert(rate, 24_000, input, [128]).length).toBe(Math.ceil((length * 24_000) / rate));
      expect(convert(24_000, rate, input, [480]).length).toBe(Math.ceil((length * rate) / 24_000));
    }
  });

  test.each(RATES)('the output does not depend on how the input at %i Hz was cut', (rate) => {
    const input = sine(rate, 700, 9000);
    const whole = convert(rate, 24_000, input, [9000]);
    for (const chunks of [[128], [1, 2, 3, 5, 7], [441, 1], [4097]]) {
      expect(convert(rate, 24_000, input, chunks)).toEqual(whole);
    }
  });

  test.each([
    [48_000, 24_000],
    [44_100, 24_000],
    [16_000, 24_000],
    [24_000, 48_000],
    [24_000, 44_100],
    [24_000, 96_000],
  ])('keeps speech frequencies above 80 dB from %i to %i Hz', (from, to) => {
    for (const hz of [100, 440, 1000, 3400, 6000]) {
      const seconds = 0.5;
      const got = convert(from, to, sine(from, hz, from * seconds), [128]);
      expect(snrDb(got, sine(to, hz, got.length)), `${hz} Hz`).toBeGreaterThan(80);
    }
  });

  test('what lies above the narrower band does not fold into it', () => {
    const folded = convert(48_000, 24_000, sine(48_000, 15_000, 48_000), [128]);
    const loudest = Math.max(...folded.subarray(500, folded.length - 500).map(Math.abs));
    expect(20 * Math.log10(loudest / 0.8)).toBeLessThan(-80);
  });

  test('a reset resampler starts a new stream', () => {
    const resampler = new Resampler(48_000, 24_000);
    const room = new Float32Array(resampler.capacityFor(960));
    const first = room.slice(0, resampler.process(sine(48_000, 500, 960), room));
    resampler.reset();
    expect(room.slice(0, resampler.process(sine(48_000, 500, 960), room))).toEqual(first);
  });

  test('a rate that is no positive integer is refused', () => {
    expect(() => new Resampler(44_100.5, 24_000)).toThrow(RangeError);
    expect(() => new Resampler(0, 24_000)).toThrow(RangeError);
  });
});
