/** When to try again after the line was lost: 0.5, 1, 2, 4, 8 s, each ±20 % so that clients do not return at once. */

export const RECONNECT_ATTEMPTS = 5;

/** @param attempt 1 for the first. @param random 0…1. */
export function reconnectDelayMs(attempt: number, random: number): number {
  return Math.round(500 * 2 ** (attempt - 1) * (0.8 + 0.4 * random));
}
