/** How calls of this browser travel, as chosen in the settings. */
export const CONNECTION_KEY = 'voiceassist.connection';

export type ConnectionChoice = 'auto' | 'webrtc' | 'websocket';

/** @param stored what the browser remembers, if anything. */
export function connectionChoice(stored: string | null): ConnectionChoice {
  return stored === 'webrtc' || stored === 'websocket' ? stored : 'auto';
}
