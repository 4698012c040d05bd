import { answer, api } from './client.ts';
import type {
  Page,
  RealtimeSessionGrant,
  RealtimeSessionOptions,
  VoiceSession,
  VoiceStatus,
} from './types.ts';

export const fetchVoiceStatus = (): Promise<VoiceStatus> => answer(api.GET('/api/voice/status'));

/**
 * Mints a session: a URL of this server and a client secret that opens it once. Without a
 * `conversation_id` the server makes one, hidden until its first item.
 *
 * Throws ApiError: 400 unknown voice, 404 not your conversation, 429 too many calls, 503 voice is off.
 */
export const createRealtimeSession = (
  options: RealtimeSessionOptions = {},
): Promise<RealtimeSessionGrant> =>
  answer(api.POST('/api/voice/realtime-session', { body: options }));

/** The subprotocols that open the session of a grant; the secret is one of them and never part of a URL. */
export const realtimeSubprotocols = (secret: string): string[] => [
  'realtime',
  `openai-insecure-api-key.${secret}`,
  'voiceassist.v1',
];

export const fetchVoiceSessions = (
  query: { conversation_id?: string; state?: string } = {},
): Promise<Page<VoiceSession>> => answer(api.GET('/api/voice/sessions/', { params: { query } }));
