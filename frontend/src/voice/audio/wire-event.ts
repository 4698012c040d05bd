import type { WireEvent } from './messages.ts';

/** One text frame as an event; null for what is none. */
export function parseEvent(text: string): WireEvent | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'type' in value ? (value as WireEvent) : null;
  } catch {
    return null;
  }
}
