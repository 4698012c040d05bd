import type { Item } from '../../api/types.ts';

export const TRACKS = [
  { name: 'user', label: 'User' },
  { name: 'thinking', label: 'Thinking' },
  { name: 'assistant', label: 'Assistant' },
  { name: 'tools', label: 'Tools' },
  { name: 'line', label: 'Line' },
] as const;

export type TrackName = (typeof TRACKS)[number]['name'];

/** A stretch of a call on one of its tracks, in ms from the call's beginning. */
export interface Span {
  track: TrackName;
  kind: 'speech' | 'thinking' | 'heard' | 'unheard' | 'tool' | 'gap' | 'away';
  startMs: number;
  endMs: number;
  itemId: string;
}

/** What an item needs to have for its place on the axis. */
export type TimedItem = Pick<
  Item,
  'item_id' | 'role' | 'kind' | 'text' | 'heard_text' | 'heard_ms' | 'created_at' | 'completed_at' | 'call_id'
>;

/** When an item began, in ms since the call did; nothing begins before it. */
export const offsetMs = (at: string, startedAt: string): number =>
  Math.max(0, Date.parse(at) - Date.parse(startedAt));

/**
 * Who did what when, read off the items of one call in their order. What was generated and never played is
 * as long as its part of the text lets expect, at most until the assistant speaks again.
 */
export function spansOf(items: readonly TimedItem[], startedAt: string): Span[] {
  const at = (item: TimedItem): number => offsetMs(item.created_at, startedAt);
  const end = (item: TimedItem): number =>
    item.completed_at === null ? at(item) : Math.max(at(item), offsetMs(item.completed_at, startedAt));
  const answers = items.filter((item) => item.kind === 'message' && item.role === 'assistant');
  const outputs = new Map(
    items.flatMap((item) => (item.kind === 'function_call_output' ? [[item.call_id, item] as const] : [])),
  );
  const spans: Span[] = [];
  const add = (span: Span): void => {
    if (span.endMs > span.startMs) spans.push(span);
  };
  for (const item of items) {
    const itemId = item.item_id;
    const startMs = at(item);
    if (item.kind === 'recording_gap') {
      add({ track: 'user', kind: 'gap', startMs, endMs: end(item), itemId });
    } else if (item.kind === 'function_call') {
      const output = outputs.get(item.call_id);
      add({ track: 'tools', kind: 'tool', startMs, endMs: output ? Math.max(end(item), at(output)) : end(item), itemId });
    } else if (item.kind === 'message' && item.role === 'user') {
      const endMs = end(item);
      add({ track: 'user', kind: 'speech', startMs, endMs, itemId });
      const answer = items.find((other) => at(other) >= endMs && other.role !== 'user' && other.role !== 'system');
      const asked = items.find((other) => at(other) > startMs && other.role === 'user' && other.kind === 'message');
      if (answer && (!asked || at(asked) >= at(answer))) {
        add({ track: 'thinking', kind: 'thinking', startMs: endMs, endMs: at(answer), itemId });
      }
    } else if (item.kind === 'message' && item.role === 'assistant') {
      const next = answers[answers.indexOf(item) + 1];
      for (const span of spokenSpans(item, startMs, end(item), next ? at(next) : Number.POSITIVE_INFINITY)) add(span);
    }
  }
  return spans;
}

function spokenSpans(item: TimedItem, startMs: number, endMs: number, untilMs: number): Span[] {
  const common = { track: 'assistant', itemId: item.item_id } as const;
  if (item.heard_ms === null || item.heard_text === null) return [{ ...common, kind: 'heard', startMs, endMs }];
  const heardEndMs = startMs + item.heard_ms;
  const unheardShare = Math.max(0, item.text.length - item.heard_text.length) / Math.max(1, item.heard_text.length);
  const wouldEndMs = Math.max(endMs, heardEndMs + item.heard_ms * unheardShare);
  return [
    { ...common, kind: 'heard', startMs, endMs: heardEndMs },
    { ...common, kind: 'unheard', startMs: heardEndMs, endMs: Math.min(wouldEndMs, Math.max(untilMs, heardEndMs)) },
  ];
}

/** The second that `#t=72.4` names; null where the hash names none. */
export function secondOf(hash: string): number | null {
  const second = /^#t=(\d+(?:\.\d+)?)$/.exec(hash)?.[1];
  return second === undefined ? null : Number(second);
}

/** The hash of a moment. */
export const hashOf = (momentMs: number): string => `#t=${(momentMs / 1000).toFixed(1)}`;

/** The line that is on at that second: the last one that has begun, by offsets in ascending order. */
export function lineAt(offsetsMs: readonly number[], second: number): number {
  // A hash holds tenths: half of one more than it says may be meant.
  const last = offsetsMs.findLastIndex((offset) => offset <= second * 1000 + 50);
  return Math.max(0, last);
}
