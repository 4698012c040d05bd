import type { RealtimeSessionGrant, VoiceConfig } from '../../api/types.ts';

/** What the session was opened with. The secret is never part of it. */
export interface SessionConfig extends VoiceConfig {
  session_id: string;
  conversation_id: string;
  model: string;
  url: string;
  expires_at: number;
  api_key: 'redacted';
}

/** The grant without its secret, as a page may keep and show it. */
export function sessionConfigOf(grant: RealtimeSessionGrant): SessionConfig {
  const { session_id, conversation_id, model, url, expires_at, voice_config } = grant;
  return { ...voice_config, session_id, conversation_id, model, url, expires_at, api_key: 'redacted' };
}
