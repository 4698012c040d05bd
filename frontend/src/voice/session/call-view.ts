/** One consistent picture of a call, as React renders it. */
import type { LiveItem } from '../../api/live.ts';
import type { LineKind } from '../audio/messages.ts';
import type { CallRecord } from './call-record.ts';
import type { EndReason } from './fault-mapping.ts';
import type { VoiceFault } from './faults.ts';
import type { SessionConfig } from './session-config.ts';
import { isReconnecting, stateName, type VoiceModel, type VoiceState } from './voice-machine.ts';

export interface CallView {
  state: VoiceState;
  /** A session is ready for input. */
  connected: boolean;
  connecting: boolean;
  userSpeaking: boolean;
  /** The assistant can be stopped. */
  speaking: boolean;
  muted: boolean;
  /** Speech was noticed while muted. */
  speakingWhileMuted: boolean;
  /** Priming: the browser's own question is open, our explanation is done. */
  asking: boolean;
  /** Connecting takes longer than it should. */
  slow: boolean;
  /** Which reconnect attempt this is, 1…5, and when the next begins (epoch ms). */
  attempt: number;
  retryAt: number | null;
  /** Sound is held back until the person taps. */
  soundBlocked: boolean;
  fault: VoiceFault | null;
  endReason: EndReason | null;
  /** Epoch ms. */
  startedAt: number | null;
  endedAt: number | null;
  turns: number;
  items: readonly LiveItem[];
  /** The latest thing the server could not do, in its own words; the call goes on. */
  notice: string | null;
  /** What is left of the person's quota, once that is little. */
  limit: string | null;
  microphoneId: string | null;
  /** How the call travels; null before its first line. */
  line: LineKind | null;
  /** WebRTC did not get through, so it is a WebSocket. */
  fellBack: boolean;
  sessionConfig: SessionConfig | null;
}

/** What neither the machine nor the record knows. */
type Surroundings = Pick<CallView, 'speakingWhileMuted' | 'soundBlocked' | 'retryAt' | 'microphoneId' | 'line' | 'fellBack'>;

export function viewOf(model: VoiceModel, record: CallRecord, around: Surroundings): CallView {
  const { phase, turn, slow, attempt, fault, endReason } = model;
  const connected = phase === 'live';
  return {
    state: stateName(model),
    connected,
    connecting: ['priming', 'asking', 'connecting'].includes(phase) || isReconnecting(model),
    userSpeaking: connected && turn.userSpeaking,
    speaking: connected && turn.playing,
    muted: turn.muted,
    speakingWhileMuted: turn.muted && around.speakingWhileMuted,
    asking: phase === 'asking',
    slow,
    attempt,
    retryAt: around.retryAt,
    soundBlocked: around.soundBlocked && connected,
    fault: phase === 'error' ? fault : null,
    endReason: phase === 'ended' ? endReason : null,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    turns: record.transcript.turns,
    items: record.transcript.items,
    notice: record.notice,
    limit: record.limit,
    microphoneId: around.microphoneId,
    line: around.line,
    fellBack: around.fellBack,
    sessionConfig: record.sessionConfig,
  };
}
