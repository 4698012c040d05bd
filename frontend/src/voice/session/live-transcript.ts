/** The lines of the running call, made from the protocol's events and from what was really played. */
import type { LiveItem } from '../../api/live.ts';
import type { HeardCut, WireEvent } from '../audio/messages.ts';
import { haveSameFields } from '../../ui/same-fields.ts';
import { captionPrefix, spokenPrefix, type SpokenText } from './reveal.ts';

export interface TranscriptUpdate {
  text: string;
  is_final: boolean;
  role: 'user' | 'assistant';
}

interface Line extends SpokenText {
  itemId: string;
  role: 'user' | 'assistant';
  /** The text is said aloud: it is shown as it is played, not as it is made. */
  spoken: boolean;
  playedMs: number;
  playedOut: boolean;
  heardText: string | null;
  failed: boolean;
  announced: string;
  announcedFinal: boolean;
}

export class LiveTranscript {
  /** Finished turns of the user. */
  turns = 0;
  private readonly lines: Line[] = [];
  private readonly announce: (update: TranscriptUpdate) => void;
  private shown: readonly LiveItem[] = [];
  private isShown = true;

  constructor(announce: (update: TranscriptUpdate) => void) {
    this.announce = announce;
  }

  /** Another list only if something in it reads differently; what is unchanged in it stays the same object. */
  get items(): readonly LiveItem[] {
    if (!this.isShown) this.shown = renewed(this.shown, this.lines);
    this.isShown = true;
    return this.shown;
  }

  latest(role: 'user' | 'assistant'): LiveItem | null {
    return this.items.findLast((item) => item.role === role) ?? null;
  }

  observe(event: WireEvent): void {
    const itemId = String(event['item_id']);
    switch (event.type) {
      case 'input_audio_buffer.speech_started':
        this.line(itemId, 'user');
        break;
      case 'conversation.item.added':
        this.addItem(event['item']);
        break;
      case 'conversation.item.input_audio_transcription.delta':
        this.append(this.line(itemId, 'user'), String(event['delta'] ?? ''));
        break;
      case 'conversation.item.input_audio_transcription.completed':
        this.finishUser(itemId, String(event['transcript'] ?? ''));
        break;
      case 'conversation.item.input_audio_transcription.failed':
        this.finishUser(itemId, '');
        break;
      case 'response.output_text.delta':
        this.append(this.line(itemId, 'assistant'), String(event['delta'] ?? ''));
        break;
      case 'response.output_audio_transcript.delta':
        this.append(this.spokenLine(itemId), String(event['delta'] ?? ''));
        break;
      case 'response.output_text.done':
        this.finishText(this.line(itemId, 'assistant'), String(event['text'] ?? ''));
        break;
      case 'response.output_audio_transcript.done':
        this.finishText(this.spokenLine(itemId), String(event['transcript'] ?? ''));
        break;
      case 'response.output_audio.delta':
        if (event['unplayed'] !== true) this.spokenLine(itemId).audioMs += Number(event['audio_ms'] ?? 0);
        break;
      case 'response.output_audio.done':
        this.change(itemId, (line) => {
          line.audioDone = true;
        });
        break;
      case 'response.done':
        this.finishResponse(event['response']);
        break;
    }
  }

  played(itemId: string, playedMs: number): void {
    this.change(itemId, (line) => {
      line.playedMs = playedMs;
    });
  }

  playedOut(itemId: string): void {
    this.change(itemId, (line) => {
      line.playedOut = true;
    });
  }

  cut(cuts: readonly HeardCut[]): void {
    for (const { item_id, heard_ms } of cuts) {
      this.change(item_id, (line) => {
        line.heardText = spokenPrefix(line, heard_ms);
      });
    }
  }

  /** The line is gone: what is open stays as it is and counts as final. */
  settle(): void {
    for (const line of this.lines.filter((open) => !toLiveItem(open).isFinal)) {
      if (line.text === '') {
        this.remove(line);
        continue;
      }
      line.textDone = true;
      line.audioDone = true;
      if (line.spoken) line.heardText ??= spokenPrefix(line, line.playedMs);
      this.touched(line);
    }
  }

  private line(itemId: string, role: 'user' | 'assistant'): Line {
    const known = this.lines.find((line) => line.itemId === itemId);
    if (known) return known;
    const line: Line = {
      itemId,
      role,
      text: '',
      textDone: false,
      spoken: false,
      audioMs: 0,
      audioDone: false,
      playedMs: 0,
      playedOut: false,
      heardText: null,
      failed: false,
      announced: '',
      announcedFinal: false,
    };
    this.lines.push(line);
    this.isShown = false;
    return line;
  }

  private spokenLine(itemId: string): Line {
    const line = this.line(itemId, 'assistant');
    line.spoken = true;
    return line;
  }

  private addItem(item: unknown): void {
    const { id, type, role, content } = (item ?? {}) as Record<string, unknown>;
    if (type !== 'message' || (role !== 'user' && role !== 'assistant')) return;
    const typed = role === 'user' ? typedText(content) : '';
    if (role === 'user' && typed === '') return;
    const line = this.line(String(id), role);
    if (typed !== '') {
      line.text = typed;
      this.finishUser(line.itemId, typed);
    }
  }

  private append(line: Line, delta: string): void {
    line.text += delta;
    this.touched(line);
  }

  private finishUser(itemId: string, text: string): void {
    const line = this.line(itemId, 'user');
    if (text === '') {
      this.remove(line);
      return;
    }
    line.text = text;
    line.textDone = true;
    this.turns += 1;
    this.touched(line);
  }

  private finishText(line: Line, text: string): void {
    line.text = text;
    line.textDone = true;
    this.touched(line);
  }

  private finishResponse(response: unknown): void {
    const { output, status } = (response ?? {}) as { output?: unknown; status?: unknown };
    if (!Array.isArray(output)) return;
    for (const item of output as { id?: unknown }[]) {
      this.change(String(item.id), (line) => {
        line.textDone = true;
        line.audioDone = true;
        line.failed = status === 'failed';
        if (line.audioMs === 0) line.playedOut = true;
      });
    }
  }

  private change(itemId: string, apply: (line: Line) => void): void {
    const line = this.lines.find((known) => known.itemId === itemId);
    if (!line) return;
    apply(line);
    this.touched(line);
  }

  private remove(line: Line): void {
    this.lines.splice(this.lines.indexOf(line), 1);
    this.isShown = false;
  }

  private touched(line: Line): void {
    this.isShown = false;
    const { text, isFinal, role } = toLiveItem(line);
    if (line.announcedFinal || text === '' || (text === line.announced && !isFinal)) return;
    line.announced = text;
    line.announcedFinal = isFinal;
    this.announce({ text, is_final: isFinal, role });
  }
}

function renewed(before: readonly LiveItem[], lines: readonly Line[]): readonly LiveItem[] {
  const items = lines.map((line, index) => {
    const former = before[index];
    const item = toLiveItem(line);
    return former && haveSameFields(former, item) ? former : item;
  });
  return items.length === before.length && items.every((item, index) => item === before[index]) ? before : items;
}

function toLiveItem(line: Line): LiveItem {
  const { itemId, role } = line;
  if (role === 'user') {
    const status = line.textDone ? 'completed' : 'in_progress';
    return { itemId, role, text: line.text, isFinal: line.textDone, status };
  }
  if (line.heardText !== null) {
    return { itemId, role, text: line.text, isFinal: true, status: 'interrupted', heardText: line.heardText };
  }
  const over = line.textDone && (line.playedOut || (!line.spoken && line.audioDone));
  const text = line.spoken && !line.playedOut ? captionPrefix(line, line.playedMs) : line.text;
  if (line.failed) return { itemId, role, text, isFinal: true, status: 'failed' };
  return { itemId, role, text, isFinal: over, status: over ? 'completed' : 'in_progress' };
}

function typedText(content: unknown): string {
  if (!Array.isArray(content)) return '';
  return (content as { type?: unknown; text?: unknown }[])
    .filter((part) => part.type === 'input_text' && typeof part.text === 'string')
    .map((part) => String(part.text))
    .join(' ');
}
