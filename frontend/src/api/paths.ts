import type {
  Conversation,
  Limits,
  Me,
  Page,
  RealtimeSessionGrant,
  RealtimeSessionOptions,
  ReviewConversation,
  ReviewSession,
  ReviewTranscript,
  Transcript,
  VoiceSession,
  VoiceStatus,
} from './types.ts';

type Json<T> = { content: { 'application/json': T } };
type Operation<T, P, B> = {
  parameters: P;
  responses: { 200: Json<T> };
} & ([B] extends [undefined] ? { requestBody?: never } : { requestBody: Json<B> });
type None = { query?: never };
type ById = { path: { id: string } };

/** The addresses this application calls, in the shape openapi-fetch reads. */
export interface paths {
  '/api/me/': { get: Operation<Me, None, undefined> };
  '/api/me/password/': {
    post: Operation<
      { access: string },
      None,
      { current_password: string; new_password: string }
    >;
  };
  '/api/limits': { get: Operation<Limits, None, undefined> };
  '/api/voice/status': { get: Operation<VoiceStatus, None, undefined> };
  '/api/voice/realtime-session': {
    post: Operation<RealtimeSessionGrant, None, RealtimeSessionOptions>;
  };
  '/api/voice/sessions/': {
    get: Operation<
      Page<VoiceSession>,
      { query?: { conversation_id?: string; state?: string; page?: number } },
      undefined
    >;
  };
  '/api/conversations/': {
    get: Operation<
      Page<Conversation>,
      { query?: { search?: string; page?: number; archived?: boolean } },
      undefined
    >;
    post: Operation<Conversation, None, { title?: string }>;
  };
  '/api/conversations/{id}/': {
    get: Operation<Conversation, ById, undefined>;
    patch: Operation<Conversation, ById, { title?: string; archived?: boolean }>;
    delete: Operation<void, ById, undefined>;
  };
  '/api/conversations/{id}/items/': {
    get: Operation<Transcript, ById, undefined>;
  };
  '/api/review/conversations/': {
    get: Operation<
      Page<ReviewConversation>,
      { query?: Record<string, string | number> },
      undefined
    >;
  };
  '/api/review/conversations/{id}/': {
    get: Operation<
      ReviewTranscript,
      ById & { header?: { 'X-Access-Reason'?: string } },
      undefined
    >;
  };
  '/api/review/sessions/{id}/end': {
    post: Operation<ReviewSession, ById, { reason: string }>;
  };
}
