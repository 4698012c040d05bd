/** What a running call is doing, told from facts: who speaks, what is being made, what is being played. */

export interface TurnFacts {
  /** Assistant audio is sounding. */
  playing: boolean;
  /** Assistant audio has arrived and not sounded yet. */
  audioWaiting: boolean;
  /** A response is being generated. */
  responding: boolean;
  /** The user's turn is over (or a message was typed) and no response has begun. */
  awaiting: boolean;
  userSpeaking: boolean;
  /** The assistant has just been cut off. */
  stopped: boolean;
  /** The microphone delivers nothing but zeros. */
  micFlat: boolean;
  muted: boolean;
}

export type TurnEvent =
  | { type: 'USER_STARTED' }
  | { type: 'USER_STOPPED' }
  | { type: 'USER_TYPED' }
  | { type: 'RESPONSE_STARTED' }
  | { type: 'RESPONSE_DONE' }
  | { type: 'AUDIO_ARRIVED' }
  | { type: 'PLAYBACK_STARTED' }
  | { type: 'PLAYBACK_FINISHED' }
  | { type: 'CUT' }
  | { type: 'STOPPED_SHOWN' }
  | { type: 'GAVE_UP_WAITING' }
  | { type: 'MIC'; flat: boolean }
  | { type: 'MUTE'; muted: boolean };

const TURN_EVENTS: ReadonlySet<string> = new Set<TurnEvent['type']>([
  'USER_STARTED',
  'USER_STOPPED',
  'USER_TYPED',
  'RESPONSE_STARTED',
  'RESPONSE_DONE',
  'AUDIO_ARRIVED',
  'PLAYBACK_STARTED',
  'PLAYBACK_FINISHED',
  'CUT',
  'STOPPED_SHOWN',
  'GAVE_UP_WAITING',
  'MIC',
  'MUTE',
]);

export const isTurnEvent = (event: { type: string }): event is TurnEvent => TURN_EVENTS.has(event.type);

/** `quiet` is listening to a microphone that gives only zeros; after a while the panel says so. */
export type TurnPhase = 'listening' | 'quiet' | 'userSpeaking' | 'thinking' | 'speaking' | 'interrupted';

export const SILENCE: TurnFacts = {
  playing: false,
  audioWaiting: false,
  responding: false,
  awaiting: false,
  userSpeaking: false,
  stopped: false,
  micFlat: false,
  muted: false,
};

export function phaseOf(facts: TurnFacts): TurnPhase {
  if (facts.stopped) return 'interrupted';
  if (facts.playing) return 'speaking';
  if (facts.userSpeaking) return 'userSpeaking';
  if (facts.awaiting || facts.responding || facts.audioWaiting) return 'thinking';
  return facts.micFlat && !facts.muted ? 'quiet' : 'listening';
}

export function afterEvent(facts: TurnFacts, event: TurnEvent): TurnFacts {
  switch (event.type) {
    case 'USER_STARTED':
      return { ...facts, userSpeaking: true, awaiting: false };
    case 'USER_STOPPED':
      return { ...facts, userSpeaking: false, awaiting: true };
    case 'USER_TYPED':
      return { ...facts, awaiting: true };
    case 'RESPONSE_STARTED':
      return { ...facts, responding: true, awaiting: false };
    case 'RESPONSE_DONE':
      return { ...facts, responding: false };
    case 'AUDIO_ARRIVED':
      return { ...facts, audioWaiting: true };
    case 'PLAYBACK_STARTED':
      return { ...facts, playing: true, audioWaiting: false, stopped: false };
    case 'PLAYBACK_FINISHED':
      return { ...facts, playing: false };
    case 'CUT':
      return { ...facts, playing: false, audioWaiting: false, stopped: true };
    case 'STOPPED_SHOWN':
      return { ...facts, stopped: false };
    case 'GAVE_UP_WAITING':
      return { ...facts, awaiting: false };
    case 'MIC':
      return { ...facts, micFlat: event.flat };
    case 'MUTE':
      return { ...facts, muted: event.muted };
  }
}

/** A new connection knows nothing of the old one's turns; device facts stay. */
export function freshTurn(facts: TurnFacts): TurnFacts {
  return { ...SILENCE, micFlat: facts.micFlat, muted: facts.muted, playing: facts.playing };
}
