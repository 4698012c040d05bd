import { describe, expect, test } from 'vitest';

import { CaptureFramer, FRAME_SAMPLES } from './capture-framer.ts';

const tone = (rate: number, samples: number) =>
  Float32Array.from({ length: samples }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / rate));

function feed(framer: CaptureFramer, samples: Float32Array): void {
  for (let at = 0; at < samples.length; at += 128) framer.push(samples.subarray(at, at + 128));
}

describe('CaptureFramer', () => {
  test.each([44_100, 48_000])('a second at %i Hz leaves as 20 ms frames', (rate) => {
    const frames: Int16Array[] = [];
    const framer = new CaptureFramer(rate, (frame) => frames.push(frame));
    feed(framer, tone(rate, rate));
    expect(frames).toHaveLength(49);
    expect(frames.every((frame) => frame.length === FRAME_SAMPLES)).toBe(true);
    expect(Math.max(...frames[10]!)).toBeGreaterThan(15_000);
  });

  test('from the moment of muting not one non-silent frame leaves', () => {
    const frames: Int16Array[] = [];
    const framer = new CaptureFramer(48_000, (frame) => frames.push(frame));
    feed(framer, tone(48_000, 48_000 + 500));
    framer.setMuted(true);
    const before = frames.length;
    feed(framer, tone(48_000, 48_000));
    expect(frames.length - before).toBeGreaterThanOrEqual(49);
    expect(frames.slice(before).every((frame) => frame.every((sample) => sample === 0))).toBe(true);
    framer.setMuted(false);
    feed(framer, tone(48_000, 4800));
    expect(Math.max(...frames.at(-1)!)).toBeGreaterThan(15_000);
  });

  test('loudness is still measured while muted, so the panel can say «you are muted»', () => {
    const framer = new CaptureFramer(48_000, () => undefined);
    framer.setMuted(true);
    feed(framer, tone(48_000, 4800));
    expect(framer.takeLevel().rms).toBeCloseTo(0.5 / Math.SQRT2, 2);
    expect(framer.takeLevel().rms).toBe(0);
  });

  test('exact zeros for 200 ms are a flat line, the quietest noise is not', () => {
    const framer = new CaptureFramer(48_000, () => undefined);
    feed(framer, new Float32Array(48_000 * 0.15));
    expect(framer.takeLevel().flat).toBe(false);
    feed(framer, new Float32Array(48_000 * 0.06));
    expect(framer.takeLevel().flat).toBe(true);
    feed(framer, Float32Array.of(1e-5));
    expect(framer.takeLevel().flat).toBe(false);
  });

  test('too loud is clipped, not wrapped', () => {
    const frames: Int16Array[] = [];
    const framer = new CaptureFramer(24_000, (frame) => frames.push(frame));
    feed(framer, new Float32Array(480).fill(3));
    expect([...new Set(frames[0])]).toEqual([32_767]);
  });
});
