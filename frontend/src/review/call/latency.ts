/** What an answer may take before a listener notices; the line in the table stands there. */
export const TARGET_MS = 800;

/** By nearest rank, as the server counts it: always a value that was measured; null without any. */
export function percentile(percent: number, values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1] ?? null;
}
