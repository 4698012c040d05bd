import { describe, expect, test } from 'vitest';

import { PlaybackQueue } from './playback-queue.ts';

const SECOND = 24_000;
const tone = (samples: number) =>
  Float32Array.from({ length: samples }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / SECOND));

function speaker(rate = 48_000) {
  const log: string[] = [];
  const queue = new PlaybackQueue(rate, {
    started: (id) => log.push(`started ${id}`),
    finished: (id, ms) => log.push(`finished ${id} ${ms}`),
    starved: () => log.push('starved'),
  });
  const listen = (ms: number) => {
    const heard = new Float32Array(Math.ceil((rate * ms) / 1000 / 128) * 128);
    for (let at = 0; at < heard.length; at += 128) queue.pull(heard.subarray(at, at + 128));
    return heard;
  };
  return { queue, log, listen };
}

const audible = (samples: Float32Array) => samples.some((sample) => sample !== 0);

describe('PlaybackQueue', () => {
  test.each([44_100, 48_000])('an item plays to its last sample at %i Hz and is reported once', (rate) => {
    const { queue, log, listen } = speaker(rate);
    queue.add('a', 0, tone(SECOND));
    queue.end('a');
    const heard = listen(1100);
    expect(log).toEqual(['started a', 'finished a 1000']);
    const last = heard.findLastIndex((sample) => sample !== 0);
    expect(Math.abs(last - rate)).toBeLessThan(rate * 0.003);
  });

  test('items play in order without a gap between them', () => {
    const { queue, log, listen } = speaker();
    queue.add('a', 0, tone(2400));
    queue.add('b', 0, tone(2400));
    queue.end('a');
    queue.end('b');
    const heard = listen(250);
    expect(log).toEqual(['started a', 'finished a 100', 'started b', 'finished b 100']);
    expect(audible(heard.subarray(4700, 4900))).toBe(true);
  });

  test('a flush is silent after 5 ms and answers what was played and dropped', () => {
    const { queue, listen } = speaker();
    queue.add('a', 0, tone(SECOND * 2));
    listen(500);
    const [cut] = queue.flush();
    expect(cut).toMatchObject({ item_id: 'a', content_index: 0 });
    expect(cut!.played_ms).toBeGreaterThan(499);
    expect(cut!.played_ms).toBeLessThan(515);
    expect(cut!.played_ms + cut!.dropped_ms).toBeCloseTo(2000, 6);
    const after = listen(100);
    expect(after.findLastIndex((sample) => sample !== 0)).toBeLessThan(48 * 6);
  });

  test('a flush fades: no step larger than the wave itself makes', () => {
    const { queue, listen } = speaker();
    queue.add('a', 0, tone(SECOND));
    const before = listen(200);
    queue.flush();
    const joined = Float32Array.of(...before, ...listen(20));
    let step = 0;
    for (let n = before.length - 10; n < joined.length; n++) step = Math.max(step, Math.abs(joined[n]! - joined[n - 1]!));
    expect(step).toBeLessThan(0.04);
  });

  test('an item played to its end needs no truncation', () => {
    const { queue, listen } = speaker();
    queue.add('a', 0, tone(2400));
    queue.end('a');
    listen(200);
    expect(queue.flush()).toEqual([]);
  });

  test('an item still being received counts as cut though all of it was played', () => {
    const { queue, listen } = speaker();
    queue.add('a', 0, tone(2400));
    listen(200);
    expect(queue.flush()).toEqual([{ item_id: 'a', content_index: 0, played_ms: 100, dropped_ms: 0 }]);
  });

  test('a second item that never sounded is cut at zero', () => {
    const { queue, listen } = speaker();
    queue.add('a', 0, tone(SECOND));
    queue.end('a');
    queue.add('b', 0, tone(SECOND));
    listen(100);
    expect(queue.flush()[1]).toEqual({ item_id: 'b', content_index: 0, played_ms: 0, dropped_ms: 1000 });
  });

  test('a burst starts at once; after an underrun 120 ms are gathered first, each time', () => {
    const { queue, log, listen } = speaker();
    queue.add('a', 0, tone(480));
    expect(audible(listen(10))).toBe(true);
    listen(50);
    expect(log).toEqual(['started a', 'starved']);
    queue.add('a', 0, tone(2400));
    expect(audible(listen(50))).toBe(false);
    queue.add('a', 0, tone(600));
    expect(audible(listen(10))).toBe(true);
    listen(200);
    expect(log).toEqual(['started a', 'starved', 'starved']);
  });

  test('the end of an item releases what the cushion still holds back', () => {
    const { queue, log, listen } = speaker();
    queue.add('a', 0, tone(480));
    listen(50);
    queue.add('a', 0, tone(480));
    expect(audible(listen(50))).toBe(false);
    queue.end('a');
    expect(audible(listen(20))).toBe(true);
    listen(50);
    expect(log.at(-1)).toBe('finished a 40');
  });

  test('progress counts consumed milliseconds and the level of the output', () => {
    const { queue, listen } = speaker();
    expect(queue.takeProgress()).toBeNull();
    queue.add('a', 0, tone(SECOND));
    listen(300);
    const progress = queue.takeProgress()!;
    expect(progress.item_id).toBe('a');
    expect(Math.abs(progress.played_ms - 300)).toBeLessThan(10);
    expect(progress.played_ms + progress.buffered_ms).toBeCloseTo(1000, 6);
    expect(progress.rms).toBeCloseTo(0.5 / Math.SQRT2, 1);
  });

  test('after a flush the next item starts clean', () => {
    const { queue, log, listen } = speaker();
    queue.add('a', 0, tone(SECOND));
    listen(100);
    queue.flush();
    listen(50);
    queue.add('b', 0, tone(2400));
    queue.end('b');
    listen(200);
    expect(log.slice(-2)).toEqual(['started b', 'finished b 100']);
  });
});
