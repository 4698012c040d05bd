import type { RealtimeSessionGrant } from '../../api/types.ts';
import type { LineWay } from '../audio/messages.ts';

/** What opens the line of a new session. */
export function wayOf(grant: RealtimeSessionGrant): Omit<LineWay, 'resuming'> {
  // The operator's own JSON, checked by the server where it is set.
  const iceServers = (grant.ice_servers ?? []) as RTCIceServer[];
  const calls = { url: grant.calls_url ?? callsUrl(grant.url), iceServers };
  return { url: grant.url, secret: grant.api_key, sessionId: grant.session_id, calls };
}

/** Calls are made where sockets are opened (protocol §1.3). */
function callsUrl(socketUrl: string): string {
  const url = new URL(socketUrl);
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  url.pathname += '/calls';
  url.search = '';
  return url.href;
}
