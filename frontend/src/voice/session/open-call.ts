/** The real world of a call: this browser and this server. */
import { ApiError } from '../../api/api-error.ts';
import { createCallSession, fetchVoiceStatus, realtimeSubprotocols } from '../../api/realtime.ts';
import { LateCode } from '../../ui/late-code.ts';
import { AudioGraph } from '../audio/graph.ts';
import { microphonePermission, voiceSupport } from '../audio/microphone.ts';
import type { CallTransport, LineKind, TransportReport } from '../audio/messages.ts';
import { TransportClient } from '../audio/transport-client.ts';
import type { CallAudio, CallPorts, LineOffer } from './call-ports.ts';
import type { MintProblem } from './fault-mapping.ts';
import { VoiceCall } from './voice-call.ts';

/** A hidden page gets no animation frames, but its call goes on. */
const HIDDEN_FRAME_MS = 100;

const rtcLine = new LateCode(() => import('./rtc-line.ts'));

const browserPorts: CallPorts = {
  openAudio: (listener) => new AudioGraph(listener),
  openTransport: joinLine,
  lineOffer,
  hasWebRtc: () => typeof RTCPeerConnection !== 'undefined',
  mint: (options) => createCallSession(options).catch((error: unknown) => Promise.reject(asProblem(error))),
  support: voiceSupport,
  permission: microphonePermission,
  memory: {
    read: (key) => storage()?.getItem(key) ?? null,
    write: (key, value) => storage()?.setItem(key, value),
  },
  nextFrame: (run) => {
    if (document.visibilityState === 'visible') requestAnimationFrame(run);
    else setTimeout(run, HIDDEN_FRAME_MS);
  },
  now: () => Date.now(),
};

export const openCall = (conversationId: string | null): VoiceCall => new VoiceCall(conversationId, browserPorts);

async function joinLine(
  kind: LineKind,
  audio: CallAudio,
  report: (report: TransportReport) => void,
): Promise<CallTransport> {
  if (kind === 'webrtc') {
    const [{ openRtcLine }] = await Promise.all([rtcLine.need(), audio.loadMeter()]);
    return openRtcLine(audio, report);
  }
  const { capture, player } = await audio.load();
  const transport = new TransportClient(realtimeSubprotocols, report);
  transport.wire({ capture, player });
  return transport;
}

/** A server that does not answer offers what every server has. */
async function lineOffer(): Promise<LineOffer> {
  try {
    const { webrtc } = await fetchVoiceStatus();
    return { webrtc: webrtc.available, preferred: webrtc.preferred ? 'webrtc' : 'websocket' };
  } catch {
    return { webrtc: false, preferred: 'websocket' };
  }
}

/** Browsers may forbid storage altogether; nothing is remembered then. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function asProblem(error: unknown): MintProblem {
  if (error instanceof ApiError) return { status: error.status, code: error.code, retryAfterS: error.retryAfter };
  return { status: -1, code: error instanceof Error ? error.name : 'unknown', retryAfterS: null };
}
