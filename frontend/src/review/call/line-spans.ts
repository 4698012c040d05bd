import type { Span } from './spans.ts';

/** What the event log says of the lines of a call: to the person who talks, and to the provider. */
export interface LineEvent {
  type: string;
  at_ms: number;
}

const BEGAN = 'session.created';
const BACK: Readonly<Record<string, string>> = {
  'client.lost': 'voiceassist.session.resumed',
  'provider.lost': 'provider.connected',
};

export const LINE_EVENTS: readonly string[] = [BEGAN, ...Object.keys(BACK), ...Object.values(BACK)];

/**
 * The stretches in which a line was away that came back, from events in their order. The log counts from a
 * moment before the call's beginning.
 */
export function lineSpans(events: readonly LineEvent[]): Span[] {
  const beganMs = events.find((event) => event.type === BEGAN)?.at_ms ?? 0;
  return events.flatMap(({ type, at_ms: lostMs }, index) => {
    const back = BACK[type];
    const found = events.slice(index + 1).find((later) => later.type === back);
    if (back === undefined || found === undefined) return [];
    const startMs = Math.max(0, lostMs - beganMs);
    const endMs = Math.max(startMs, found.at_ms - beganMs);
    return [{ track: 'line', kind: 'away', startMs, endMs, itemId: `${type} ${index}` }];
  });
}
