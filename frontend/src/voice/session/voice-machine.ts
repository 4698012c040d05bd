/**
 * The states of a call, as a pure function: `step` answers the next model, `effectOf` what entering it asks
 * for, `timersOf` what happens by itself if nothing else does. `machine-runner.ts` carries them out.
 *
 *   idle ─START─► priming ─CONTINUE─► asking ─GRANTED─► connecting ─READY─► live ─LOST─► waiting ⇄ dialing
 *     └──────────────(permission is known)────────────────▲                  ▲───READY, RESUMED───┘
 *   any of them ─FAULT─► error, ─END─► ended; both start again with START
 */
import { RECONNECT_ATTEMPTS, reconnectDelayMs } from './backoff.ts';
import type { EndReason } from './fault-mapping.ts';
import { fault, type VoiceFault } from './faults.ts';
import { afterEvent, freshTurn, isTurnEvent, phaseOf, SILENCE, type TurnEvent, type TurnFacts } from './turn-phase.ts';

export const CONNECT_TIMEOUT_MS = 15_000;
const STILL_CONNECTING_MS = 4_000;
const NO_SIGNAL_MS = 3_000;
const STOPPED_MS = 700;
/** Speech that led to no answer (a cough) must not leave the panel «thinking». */
const ANSWER_WAIT_MS = 10_000;

export type CallPhase =
  | 'idle'
  | 'priming'
  | 'asking'
  | 'connecting'
  | 'live'
  | 'waiting'
  | 'dialing'
  | 'ended'
  | 'error';

export type VoiceEvent =
  | TurnEvent
  | { type: 'START'; permission: 'granted' | 'ask' | 'explain' }
  | { type: 'CONTINUE' }
  | { type: 'CANCEL' }
  | { type: 'GRANTED' }
  | { type: 'READY' }
  | { type: 'RESUMED' }
  | { type: 'MIC_LIVE' }
  | { type: 'FAULT'; fault: VoiceFault }
  | { type: 'LOST' }
  | { type: 'RETRY' }
  | { type: 'END'; reason: EndReason }
  | { type: 'SLOW' }
  | { type: 'TIMED_OUT' }
  | { type: 'NO_SIGNAL' };

export interface VoiceModel {
  phase: CallPhase;
  turn: TurnFacts;
  fault: VoiceFault | null;
  endReason: EndReason | null;
  /** The microphone already records although the session is not ready. */
  micLive: boolean;
  slow: boolean;
  /** The microphone has given nothing but zeros for so long that the person is told. */
  noSignal: boolean;
  /** Reconnect attempts since the line was lost. */
  attempt: number;
  retryDelayMs: number;
}

export const IDLE: VoiceModel = {
  phase: 'idle',
  turn: SILENCE,
  fault: null,
  endReason: null,
  micLive: false,
  slow: false,
  noSignal: false,
  attempt: 0,
  retryDelayMs: 0,
};

const RESTING: readonly CallPhase[] = ['idle', 'ended', 'error'];
const PRIMING: readonly CallPhase[] = ['priming', 'asking'];

export const isResting = ({ phase }: VoiceModel): boolean => RESTING.includes(phase);
export const isReconnecting = ({ phase }: VoiceModel): boolean => phase === 'waiting' || phase === 'dialing';

/** @param random 0…1, the jitter of a reconnect. An event that means nothing in a state changes nothing. */
export function step(model: VoiceModel, event: VoiceEvent, random: number): VoiceModel {
  if (isTurnEvent(event)) return withTurn(model, afterEvent(model.turn, event));
  const { phase } = model;
  switch (event.type) {
    case 'START': {
      if (!isResting(model)) return model;
      const first = { granted: 'connecting', ask: 'asking', explain: 'priming' } as const;
      return { ...IDLE, phase: first[event.permission] };
    }
    case 'CONTINUE':
      return phase === 'priming' ? { ...model, phase: 'asking' } : model;
    case 'GRANTED':
      return phase === 'asking' ? { ...model, phase: 'connecting' } : model;
    case 'CANCEL':
      return [...PRIMING, 'connecting', 'error'].includes(phase) ? IDLE : model;
    case 'MIC_LIVE':
      return { ...model, micLive: true };
    case 'SLOW':
      return { ...model, slow: true };
    case 'NO_SIGNAL':
      return { ...model, noSignal: true };
    case 'READY':
      if (phase !== 'connecting' && phase !== 'dialing') return model;
      return { ...model, phase: 'live', attempt: 0, turn: freshTurn(model.turn) };
    case 'RESUMED':
      return phase === 'dialing' ? { ...model, phase: 'live', attempt: 0 } : model;
    case 'FAULT':
      return { ...model, phase: 'error', fault: event.fault };
    case 'TIMED_OUT':
      return { ...model, phase: 'error', fault: fault('connect-timeout', `no session in ${CONNECT_TIMEOUT_MS} ms`) };
    case 'END':
      if (isResting(model) || PRIMING.includes(phase)) return model;
      return { ...model, phase: 'ended', endReason: event.reason };
    case 'RETRY':
      return phase === 'waiting' ? { ...model, phase: 'dialing' } : model;
    case 'LOST':
      return phase === 'live' || phase === 'dialing' ? lost(model, random) : model;
  }
}

function lost(model: VoiceModel, random: number): VoiceModel {
  if (model.attempt >= RECONNECT_ATTEMPTS) return { ...model, phase: 'ended', endReason: 'lost' };
  const attempt = model.attempt + 1;
  return { ...model, phase: 'waiting', attempt, retryDelayMs: reconnectDelayMs(attempt, random) };
}

function withTurn(model: VoiceModel, turn: TurnFacts): VoiceModel {
  return { ...model, turn, noSignal: model.noSignal && phaseOf(turn) === 'quiet' };
}

export type VoiceEffect = 'ask' | 'connect' | 'dial' | 'release';

/**
 * What a transition asks for: `ask` opens the microphone and ends in GRANTED or FAULT; `connect` and `dial`
 * open a session and end in READY, RESUMED, LOST, FAULT or END; `release` lets go of everything the call holds.
 */
export function effectOf(before: VoiceModel, after: VoiceModel): VoiceEffect | null {
  if (isResting(after)) return before.phase !== after.phase || before.fault !== after.fault ? 'release' : null;
  if (before.phase === after.phase) return null;
  if (after.phase === 'asking') return 'ask';
  if (after.phase === 'connecting') return 'connect';
  return after.phase === 'dialing' ? 'dial' : null;
}

export interface Timer {
  /** A timer runs for as long as its key stays; a new key is a new timer. */
  key: string;
  delayMs: number;
  event: VoiceEvent;
}

export function timersOf(model: VoiceModel): Timer[] {
  const { phase, turn, attempt } = model;
  if (phase === 'connecting') {
    return [
      { key: 'slow', delayMs: STILL_CONNECTING_MS, event: { type: 'SLOW' } },
      { key: 'connect', delayMs: CONNECT_TIMEOUT_MS, event: { type: 'TIMED_OUT' } },
    ];
  }
  if (phase === 'waiting') return [{ key: `retry ${attempt}`, delayMs: model.retryDelayMs, event: { type: 'RETRY' } }];
  if (phase === 'dialing') return [{ key: `dial ${attempt}`, delayMs: CONNECT_TIMEOUT_MS, event: { type: 'LOST' } }];
  if (phase !== 'live') return [];
  const timers: Timer[] = [];
  if (turn.stopped) timers.push({ key: 'stopped', delayMs: STOPPED_MS, event: { type: 'STOPPED_SHOWN' } });
  if (turn.awaiting) timers.push({ key: 'answer', delayMs: ANSWER_WAIT_MS, event: { type: 'GAVE_UP_WAITING' } });
  if (phaseOf(turn) === 'quiet') timers.push({ key: 'signal', delayMs: NO_SIGNAL_MS, event: { type: 'NO_SIGNAL' } });
  return timers;
}

/** The state as the panel and its tests name it. */
export type VoiceState =
  | 'idle'
  | 'priming'
  | 'connecting'
  | 'pre-buffer'
  | 'listening'
  | 'user-speaking'
  | 'thinking'
  | 'speaking'
  | 'interrupted'
  | 'muted'
  | 'no-mic-signal'
  | 'reconnecting'
  | 'ended'
  | 'error';

export function stateName(model: VoiceModel): VoiceState {
  switch (model.phase) {
    case 'asking':
      return 'priming';
    case 'connecting':
      return model.micLive ? 'pre-buffer' : 'connecting';
    case 'waiting':
    case 'dialing':
      return 'reconnecting';
    case 'live':
      return liveName(model);
    default:
      return model.phase;
  }
}

function liveName({ turn, noSignal }: VoiceModel): VoiceState {
  const phase = phaseOf(turn);
  if (phase === 'thinking' || phase === 'speaking' || phase === 'interrupted') return phase;
  if (turn.muted) return 'muted';
  if (phase === 'userSpeaking') return 'user-speaking';
  return noSignal ? 'no-mic-signal' : 'listening';
}
