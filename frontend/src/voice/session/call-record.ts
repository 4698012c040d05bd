/** What one call leaves behind for the panel: its lines, its times, its last trouble, its raw events. */
import type { WireEvent } from '../audio/messages.ts';
import { LiveTranscript, type TranscriptUpdate } from './live-transcript.ts';
import type { SessionConfig } from './session-config.ts';

const LOG_LENGTH = 300;
/** Private (docs/private-events.md). */
const QUOTA_NOTICE = 'voiceassist.quota.notice';
/** Errors that are only a race the protocol allows (protocol §4.5). */
const BENIGN = new Set([
  'response_cancel_not_active',
  'input_audio_buffer_commit_empty',
  'conversation_already_has_active_response',
]);

/** A raw event of this call for the debug view: audio and secrets are already gone. */
export interface LoggedEvent {
  direction: 'sent' | 'received';
  atMs: number;
  event: WireEvent;
}

export class CallRecord {
  readonly transcript: LiveTranscript;
  /** Epoch ms. */
  startedAt: number | null = null;
  endedAt: number | null = null;
  /** The latest thing the server could not do; the call goes on. */
  notice: string | null = null;
  /** What is left of the person's quota, once that is little. */
  limit: string | null = null;
  sessionConfig: SessionConfig | null = null;
  private readonly entries: LoggedEvent[] = [];
  private shownLog: readonly LoggedEvent[] | null = null;

  constructor(announce: (update: TranscriptUpdate) => void) {
    this.transcript = new LiveTranscript(announce);
  }

  observe(event: WireEvent, atMs: number): void {
    this.note('received', event, atMs);
    this.transcript.observe(event);
    if (event.type === QUOTA_NOTICE) this.limit = limitOf(event);
    else if (event.type === 'error') this.notice = noticeOf(event['error']) ?? this.notice;
    else if (event.type === 'conversation.item.input_audio_transcription.failed') {
      this.notice = noticeOf(event['error']) ?? 'That was not understood. Say it again.';
    } else if (event.type === 'response.created') this.notice = null;
    else if (event.type === 'response.done') this.notice = failureOf(event['response']) ?? this.notice;
  }

  note(direction: LoggedEvent['direction'], event: WireEvent, atMs: number): void {
    if (this.entries.length === LOG_LENGTH) this.entries.shift();
    this.entries.push({ direction, atMs, event });
    this.shownLog = null;
  }

  /** The latest events, oldest first: another list once one has come. */
  get log(): readonly LoggedEvent[] {
    this.shownLog ??= [...this.entries];
    return this.shownLog;
  }

  /** The call is over; open lines are settled. */
  finish(atMs: number): void {
    if (this.startedAt !== null) this.endedAt ??= atMs;
    this.transcript.settle();
  }
}

function limitOf({ left_s, left_usd }: WireEvent): string {
  if (typeof left_s !== 'number') return `$${String(left_usd)} left this month`;
  return left_s < 60 ? 'Less than 1 min left today' : `${Math.ceil(left_s / 60)} min left today`;
}

/** What the person is told; an empty text takes the former notice back. */
function noticeOf(error: unknown): string | null {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === 'provider_reconnected') return '';
  if (typeof message !== 'string' || BENIGN.has(String(code))) return null;
  return message;
}

function failureOf(response: unknown): string | null {
  const { status, status_details } = (response ?? {}) as { status?: unknown; status_details?: { error?: unknown } };
  if (status !== 'failed') return null;
  return noticeOf(status_details?.error) ?? 'The assistant could not answer. Say or type it again.';
}
