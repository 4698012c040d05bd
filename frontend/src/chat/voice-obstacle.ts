import type { VoiceStatus } from '../api/types.ts';

/** Why voice cannot be started in this browser, as a sentence; null when it can. */
export function browserObstacle(scope: typeof globalThis = globalThis): string | null {
  if (!scope.isSecureContext) return 'Voice needs https or localhost. You can type instead.';
  const hasAudio = 'AudioWorkletNode' in scope && 'Worker' in scope && 'WebSocket' in scope;
  if (!hasAudio || !scope.navigator?.mediaDevices?.getUserMedia) {
    return 'This browser cannot do voice. Use a current Chrome, Edge, Firefox or Safari, or type instead.';
  }
  return null;
}

/** Why the voice button is off; null when it is on. An unknown status does not block. */
export function voiceObstacle(
  status: VoiceStatus | undefined,
  scope: typeof globalThis = globalThis,
): string | null {
  if (status && !status.enabled) return status.reason || 'Voice is switched off by your administrator.';
  return browserObstacle(scope);
}
