/** What the server sends, as the pages use it. */

export type Permission = 'review_conversation' | 'export_conversation' | 'end_session';

export interface Me {
  id: number;
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  is_staff: boolean;
  is_superuser: boolean;
  is_demo: boolean;
  permissions: Permission[];
}

export interface VoiceStatus {
  enabled: boolean;
  provider: string;
  model: string;
  reason?: string | null;
  code?: string | null;
}

export type Limits = Readonly<Record<string, number | string | null>>;

export interface Page<T> {
  count?: number;
  next?: string | null;
  previous?: string | null;
  results: T[];
}

export interface Conversation {
  id: string;
  title: string;
  archived: boolean;
  seq: number;
  created_at: string;
  updated_at: string;
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

export interface Item {
  item_id: string;
  session_id: string;
  role: 'user' | 'assistant' | 'system' | 'tool';
  kind: 'message' | 'function_call' | 'function_call_output';
  status: ItemStatus;
  source: 'voice' | 'text' | 'api';
  text: string;
  /** The part of `text` that was played before an interruption; null when it was not interrupted. */
  heard_text: string | null;
  heard_ms: number | null;
  position: number;
  created_at: string;
  call_id?: string | null;
  name?: string | null;
}

/** A snapshot: the items are at least as new as `seq`. */
export interface Transcript {
  seq: number;
  results: Item[];
}

export interface VoiceSession {
  session_id: string;
  conversation_id: string | null;
  state: 'minted' | 'live' | 'detached' | 'ended';
  end_reason: string | null;
  transport: string;
  model: string;
  voice?: string | null;
  started_at: string | null;
  ended_at: string | null;
  created_at: string;
  turns: number;
  interruptions: number;
  cost_usd?: string | number | null;
}

export interface RealtimeSessionOptions {
  conversation_id?: string;
  voice?: string;
  language?: string;
  instructions?: string;
  speed?: number;
  modalities?: Array<'text' | 'audio'>;
  turn_detection?: Record<string, unknown> | null;
  input_audio_transcription?: Record<string, unknown> | null;
  greeting?: boolean;
  save_transcript?: boolean;
  transport?: 'websocket' | 'webrtc';
}

export interface VoiceConfig {
  voice: string;
  modalities: string[];
  input_audio_format: string;
  output_audio_format: string;
  input_audio_transcription: Record<string, unknown> | null;
  turn_detection: {
    type: string;
    threshold?: number;
    prefix_padding_ms?: number;
    silence_duration_ms?: number;
  } | null;
}

/** `api_key` is a secret: hold it in memory for the opening of one session and show it nowhere. */
export interface RealtimeSessionGrant {
  url: string;
  model: string;
  api_key: string;
  session_id: string;
  /** Unix seconds. */
  expires_at: number;
  conversation_id: string;
  voice_config: VoiceConfig;
}

export interface Person {
  id: number;
  username: string;
}

export interface ReviewSession extends VoiceSession {
  user: Person;
  end_note: string;
  ended_by: Person | null;
  provider: string;
  duration_ms: number | null;
}

/** A row of the review's list; `session` is the newest one. */
export interface ReviewConversation extends Conversation {
  owner: Person;
  items_count: number;
  snippet: string | null;
  session: ReviewSession | null;
}

export interface ReviewTranscript extends Conversation {
  owner: Person;
  items_count: number;
  items: Item[];
  sessions: ReviewSession[];
}
