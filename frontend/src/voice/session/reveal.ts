/**
 * How much of an answer's text has been spoken. Text is generated much faster than it is said, so it is
 * shown in step with the audio that was heard.
 */

/** A word appears as it begins, not when it is over. */
const LEAD_MS = 120;
/** Of a line whose audio is never seen, because it travels as media: people speak about as fast as this. */
const USUAL_CHARS_PER_MS = 0.015;
/** While length of text and audio are not both known: no speech is faster than this. */
const FASTEST_CHARS_PER_MS = 0.02;

export interface SpokenText {
  text: string;
  textDone: boolean;
  /** Milliseconds of audio received; 0 where it travels as media. */
  audioMs: number;
  audioDone: boolean;
}

/** The beginning of the text that was spoken within `heardMs`, up to the end of the word then being said. */
export function spokenPrefix(spoken: SpokenText, heardMs: number): string {
  const { text, audioMs } = spoken;
  if (heardMs <= 0) return '';
  const complete = spoken.textDone && spoken.audioDone && audioMs > 0;
  if (complete && heardMs >= audioMs) return text;
  const average = audioMs > 0 ? text.length / audioMs : USUAL_CHARS_PER_MS;
  const rate = complete ? average : Math.min(average, FASTEST_CHARS_PER_MS);
  const reached = Math.floor(rate * heardMs);
  if (reached >= text.length) return text;
  const rest = text.slice(reached).search(/\s/);
  return rest === -1 ? text : text.slice(0, reached + rest);
}

/** As `spokenPrefix`, with the slight lead that captions have over the ear. */
export function captionPrefix(spoken: SpokenText, playedMs: number): string {
  return playedMs <= 0 ? '' : spokenPrefix(spoken, playedMs + LEAD_MS);
}
