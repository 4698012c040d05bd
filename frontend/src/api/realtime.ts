import { answer, api } from './client.ts';
import { keepsWords } from './kept-words.ts';
import type { components } from './schema.d.ts';
import type {
  OwnSession,
  RealtimeSessionGrant,
  RealtimeSessionOptions,
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
  // The generated type calls fields with a default required, which holds for answers only.
  answer(
    api.POST('/api/voice/realtime-session', { body: options as components['schemas']['MintRequest'] }),
  );

/** Mints the session of a voice call, whose words are kept as this browser's person chose. */
export const createCallSession = (options: RealtimeSessionOptions): Promise<RealtimeSessionGrant> =>
  createRealtimeSession(keepsWords() ? options : { ...options, save_transcript: false });

/** The subprotocols that open the session of a grant; the secret is one of them and never part of a URL. */
export const realtimeSubprotocols = (secret: string): string[] => [
  'realtime',
  `openai-insecure-api-key.${secret}`,
  'voiceassist.v1',
];

const toOwnSession = (session: components['schemas']['Session']): OwnSession => ({
  session_id: session.session_id,
  conversation_id: session.conversation_id,
  state: session.state ?? 'ended',
  end_reason: session.end_reason ?? '',
  end_note: session.end_note ?? '',
  started_at: session.started_at ?? null,
  ended_at: session.ended_at ?? null,
  model: session.model,
  isTextOnly: session.is_text_only ?? false,
});

/** One of one's own sessions. Throws ApiError 404 for any other. */
export const fetchVoiceSession = async (sessionId: string): Promise<OwnSession> =>
  toOwnSession(
    await answer(api.GET('/api/voice/sessions/{public_id}/', { params: { path: { public_id: sessionId } } })),
  );

/** One's own newest sessions. */
export async function fetchVoiceSessions(signal?: AbortSignal): Promise<OwnSession[]> {
  const page = await answer(
    api.GET('/api/voice/sessions/', {
      params: { query: { page_size: 200 } },
      signal: signal ?? null,
    }),
  );
  return page.results.map(toOwnSession);
}
