import type { RealtimeSessionGrant } from '../../api/types.ts';
import type { LineWay } from '../audio/messages.ts';

/** What opens the line of a new session. */
export function wayOf(grant: RealtimeSessionGrant): Omit<LineWay, 'resuming'> {
  // The operator's own JSON, checked by the server where it is set.
  const iceServers = (grant.ice_servers ?? []) as RTCIceServer[];
  // Only what was minted for WebRTC has an address for calls.
  const calls = { url: grant.calls_url ?? '', iceServers };
  return { url: grant.url, secret: grant.api_key, sessionId: grant.session_id, calls };
}
