import type { LiveItem } from '../api/live.ts';
import type { Item, VoiceSession } from '../api/types.ts';

/** A message bubble. `unheard` is the end of an interrupted answer that nobody heard. */
export interface MessageRow {
  kind: 'message';
  key: string;
  role: 'user' | 'assistant' | 'system';
  text: string;
  unheard: string;
  isVoice: boolean;
  isLive: boolean;
  isFailed: boolean;
  createdAt: string | null;
}

/** A function call with its output, if that has come. */
export interface ToolRow {
  kind: 'tool';
  key: string;
  name: string;
  input: string;
  output: string | null;
  durationMs: number | null;
}

/** Where a voice call began and, when it is over, how it ended. */
export interface CallRow {
  kind: 'call';
  key: string;
  startedAt: string | null;
  endedAt: string | null;
  endReason: string | null;
}

/** A stretch of a call to which the server could not listen; the sentence names its times. */
export interface GapRow {
  kind: 'gap';
  key: string;
  text: string;
}

export type ThreadRow = MessageRow | ToolRow | CallRow | GapRow;

/** Splits an interrupted answer into what was heard and what was not. Word by word where it is no exact prefix. */
export function splitHeard(text: string, heard: string): { heard: string; unheard: string } {
  if (text.startsWith(heard)) return { heard, unheard: text.slice(heard.length) };
  const heardWords = heard.trim().split(/\s+/).filter(Boolean).length;
  const parts = text.split(/(\s+)/);
  let words = 0;
  let end = 0;
  while (end < parts.length && words < heardWords) {
    if (parts[end]?.trim()) words += 1;
    end += 1;
  }
  return { heard: parts.slice(0, end).join(''), unheard: parts.slice(end).join('') };
}

/** A stored item's row is made once: a thread of thousands is gone through with every word that is spoken. */
const madeRows = new WeakMap<Item, MessageRow>();

function messageFromItem(item: Item): MessageRow {
  const row = madeRows.get(item) ?? makeRow(item);
  madeRows.set(item, row);
  return row;
}

function makeRow(item: Item): MessageRow {
  const isCut = item.heard_text !== null && item.role === 'assistant';
  const { heard, unheard } = isCut
    ? splitHeard(item.text, item.heard_text ?? '')
    : { heard: item.text, unheard: '' };
  return {
    kind: 'message',
    key: item.item_id,
    role: item.role === 'tool' ? 'system' : item.role,
    text: heard,
    unheard,
    isVoice: item.source === 'voice',
    isLive: false,
    isFailed: item.status === 'failed',
    createdAt: item.created_at,
  };
}

function messageFromLive(live: LiveItem, isVoice: boolean): MessageRow {
  const isCut = live.heardText !== undefined && live.status === 'interrupted';
  const { heard, unheard } = isCut
    ? splitHeard(live.text, live.heardText ?? '')
    : { heard: live.text, unheard: '' };
  return {
    kind: 'message',
    key: live.itemId,
    role: live.role,
    text: heard,
    unheard,
    isVoice,
    isLive: !live.isFinal,
    isFailed: live.status === 'failed',
    createdAt: null,
  };
}

/** The stored row wins once the server has the whole line; until then the live one knows more. */
function storedWins(item: Item, live: LiveItem): boolean {
  if (item.heard_text !== null) return true;
  return live.isFinal && live.status !== 'interrupted' && item.status !== 'in_progress' && item.text !== '';
}

/**
 * One list of rows from the snapshot and the lines of running sessions. A line is matched by its item id,
 * so nothing is shown twice; lines the snapshot does not know yet follow it in the order they were said.
 */
export function threadRows(
  items: readonly Item[],
  live: readonly { item: LiveItem; isVoice: boolean }[],
  sessions: readonly VoiceSession[],
): ThreadRow[] {
  const liveById = new Map(live.map((entry) => [entry.item.itemId, entry]));
  const outputs = new Map(
    items.filter((item) => item.kind === 'function_call_output').map((item) => [item.call_id ?? '', item]),
  );
  const sessionById = new Map(sessions.map((session) => [session.session_id, session]));
  // Words typed into a call belong to it, also those that came before anything was said.
  const calls = new Set(items.filter(({ source }) => source === 'voice').map((item) => item.session_id));
  const rows: ThreadRow[] = [];
  const known = new Set<string>();
  let callId = '';
  for (const item of items) {
    known.add(item.item_id);
    if (item.session_id && calls.has(item.session_id) && item.session_id !== callId) {
      callId = item.session_id;
      const session = sessionById.get(callId);
      rows.push({
        kind: 'call',
        key: `call:${callId}:${item.item_id}`,
        startedAt: session?.started_at ?? item.created_at,
        endedAt: session?.ended_at ?? null,
        endReason: session?.end_reason ?? null,
      });
    }
    if (item.kind === 'function_call') {
      const output = outputs.get(item.call_id ?? '');
      rows.push({
        kind: 'tool',
        key: item.item_id,
        name: item.name ?? 'tool',
        input: item.text,
        output: output?.text ?? null,
        durationMs: output ? Date.parse(output.created_at) - Date.parse(item.created_at) : null,
      });
      continue;
    }
    if (item.kind === 'recording_gap') rows.push({ kind: 'gap', key: item.item_id, text: item.text });
    if (item.kind !== 'message') continue;
    const entry = liveById.get(item.item_id);
    const row =
      entry && !storedWins(item, entry.item)
        ? { ...messageFromLive(entry.item, entry.isVoice), createdAt: item.created_at }
        : messageFromItem(item);
    // An answer that never said anything, or speech nobody recognised, leaves no empty bubble behind.
    if (row.text || row.unheard || row.isLive || item.status === 'in_progress') rows.push(row);
  }
  for (const { item, isVoice } of live) {
    if (!known.has(item.itemId) && (item.text || !item.isFinal)) rows.push(messageFromLive(item, isVoice));
  }
  return rows;
}
