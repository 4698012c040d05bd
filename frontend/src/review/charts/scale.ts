/** A round number at or above every value, so that the axis can be read; 1 where there is nothing. */
export function niceMax(values: readonly number[]): number {
  const max = Math.max(0, ...values.filter(Number.isFinite));
  if (max === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(max));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= max) ?? 10;
  return step * power;
}

/** Every so many labels, so that at most `most` stand beside each other. */
export const labelStep = (count: number, most: number): number => Math.max(1, Math.ceil(count / most));

/**
 * Round marks for a ruler of `lengthMs`, in ms, from 0 on: at most `most` of them, at 1, 2, 5, 10, 15 or
 * 30 seconds or minutes.
 */
export function rulerMarks(lengthMs: number, most: number): number[] {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000);
  const step = steps.find((candidate) => lengthMs / candidate <= most) ?? Math.max(1, lengthMs / most);
  const marks: number[] = [];
  for (let at = 0; at <= lengthMs; at += step) marks.push(at);
  return marks;
}
