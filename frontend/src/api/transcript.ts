import type { Item, ItemsAnswer } from './types.ts';

/** What was said in a conversation, in order, at least as new as `seq`. */
export interface Transcript {
  seq: number;
  items: readonly Item[];
}

/** An item's id is unique within its session alone. */
const nameOf = (item: { session_id: string; item_id: string }): string => `${item.session_id} ${item.item_id}`;

/**
 * The transcript after an answer to `?since=`: what it names is new, the rest stays the same objects. An answer
 * that is not relative to what is known (`since: null`) replaces everything.
 */
export function followed(known: Transcript | undefined, answer: ItemsAnswer): Transcript {
  const { seq, since, results, removed } = answer;
  // A server from before the update knows no `since`, and answers with everything.
  if (known === undefined || typeof since !== 'number') return { seq, items: results };
  const touched = new Set([...results, ...removed].map(nameOf));
  if (touched.size === 0) return { seq, items: known.items };
  const items = known.items.filter((item) => !touched.has(nameOf(item))).concat(results);
  return { seq, items: items.toSorted((one, other) => one.position - other.position) };
}
