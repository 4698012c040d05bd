import type { FloorFrame } from '../../api/live-floor.ts';
import type { LiveCall, LiveFloor, LiveLine } from '../../api/types.ts';

/** How the floor is kept up to date. */
export type FloorLine = 'connecting' | 'live' | 'polling';

export interface FloorView {
  line: FloorLine;
  /** Nothing has been heard yet. */
  isBlank: boolean;
  /** The newest first. */
  calls: readonly LiveCall[];
  more: boolean;
  /** By session id, of calls that were opened. */
  lines: Readonly<Record<string, readonly LiveLine[]>>;
  /** What the server said of calls that it did not open. */
  refused: Readonly<Record<string, string>>;
  /** What to add to this machine's clock to have the server's. */
  skewMs: number;
}

/** Lines kept of one call; older ones are in its record. */
const LINES_MAX = 300;

export const BLANK: FloorView = {
  line: 'connecting',
  isBlank: true,
  calls: [],
  more: false,
  lines: {},
  refused: {},
  skewMs: 0,
};

const newestFirst = (calls: LiveCall[]): LiveCall[] =>
  calls.toSorted((one, other) => other.started_at.localeCompare(one.started_at));

const skewOf = (now: string, nowMs: number): number => new Date(now).getTime() - nowMs;

/** @param nowMs this machine's clock when the frame came. */
export function withFrame(view: FloorView, frame: FloorFrame, nowMs: number): FloorView {
  const known = new Map(frame.whole ? [] : view.calls.map((call) => [call.session_id, call]));
  for (const call of frame.calls) known.set(call.session_id, call);
  for (const id of frame.gone) known.delete(id);
  const lines = { ...view.lines };
  for (const [id, fresh] of Object.entries(frame.captions)) lines[id] = mergedLines(lines[id] ?? [], fresh);
  const refused = { ...view.refused };
  for (const { session_id: id, detail } of frame.refused) refused[id] = detail;
  const isSame = frame.calls.length === 0 && frame.gone.length === 0 && !frame.whole;
  return {
    line: 'live',
    isBlank: false,
    calls: isSame ? view.calls : newestFirst([...known.values()]),
    more: frame.more,
    lines,
    refused,
    skewMs: skewOf(frame.now, nowMs),
  };
}

/** The answer to a poll, which always holds everything. */
export const withPolled = (view: FloorView, floor: LiveFloor, nowMs: number): FloorView => ({
  ...view,
  isBlank: false,
  calls: floor.calls,
  more: floor.more,
  skewMs: skewOf(floor.now, nowMs),
});

const IS_OPEN = 'in_progress';

/** What is written down of a call; what was heard of it besides stays where that is further. */
export function withLines(view: FloorView, sessionId: string, written: readonly LiveLine[]): FloorView {
  const settled = new Set(written.filter(({ status }) => status !== IS_OPEN).map(({ item_id }) => item_id));
  const heard = (view.lines[sessionId] ?? []).filter(({ item_id }) => !settled.has(item_id));
  return { ...view, lines: { ...view.lines, [sessionId]: mergedLines(written, heard) } };
}

/** `fresh` are lines in their order: known ones take their place, new ones follow the line before them. */
export function mergedLines(known: readonly LiveLine[], fresh: readonly LiveLine[]): readonly LiveLine[] {
  const lines = [...known];
  let before = -1;
  for (const line of fresh) {
    const at = lines.findIndex(({ item_id }) => item_id === line.item_id);
    if (at === -1) {
      before = before === -1 ? lines.length : before + 1;
      lines.splice(before, 0, line);
    } else {
      // A frame that was on its way does not open again what has been read as finished.
      if (line.status !== IS_OPEN || lines[at]?.status === IS_OPEN) lines[at] = line;
      before = at;
    }
  }
  return lines.slice(-LINES_MAX);
}

/** The last line in which something was said. */
export const lastLine = (lines: readonly LiveLine[] | undefined): LiveLine | undefined =>
  lines?.findLast(({ text, kind }) => text !== '' && kind === 'message');
