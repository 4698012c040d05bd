/** The microphone: asking for it, choosing it, noticing when devices come and go. */

export interface Microphone {
  deviceId: string;
  label: string;
}

/** The browser can capture and play at all. `insecure` when only the address is in the way. */
export function voiceSupport(): 'ok' | 'insecure' | 'unsupported' {
  if (typeof window !== 'undefined' && !window.isSecureContext) return 'insecure';
  const able =
    typeof AudioWorkletNode !== 'undefined' &&
    typeof Worker !== 'undefined' &&
    typeof WebSocket !== 'undefined' &&
    typeof navigator.mediaDevices?.getUserMedia === 'function';
  return able ? 'ok' : 'unsupported';
}

/** What the browser will do when asked. Firefox and Safari may not tell: `prompt` then. */
export async function microphonePermission(): Promise<PermissionState> {
  try {
    return (await navigator.permissions.query({ name: 'microphone' as PermissionName })).state;
  } catch {
    return 'prompt';
  }
}

/**
 * Open the microphone with the browser's echo cancellation, without which the assistant would hear and
 * interrupt itself. A remembered device that is gone falls back to the default.
 * The caller must stop every track of the stream.
 */
export async function openMicrophone(deviceId: string | null): Promise<MediaStream> {
  const processing = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  if (deviceId !== null) {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: { ...processing, deviceId: { exact: deviceId } } });
    } catch (error) {
      const gone = error instanceof Error && ['NotFoundError', 'OverconstrainedError'].includes(error.name);
      if (!gone) throw error;
    }
  }
  return navigator.mediaDevices.getUserMedia({ audio: processing });
}

export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Microphones by name. Names are empty until the person has allowed one. */
export async function listMicrophones(): Promise<Microphone[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === 'audioinput' && device.deviceId !== '')
    .map(({ deviceId, label }) => ({ deviceId, label: label === '' ? 'Microphone' : label }));
}

/** Calls `changed` when a device is plugged in or taken out. Returns the undo. */
export function watchMicrophones(changed: () => void): () => void {
  navigator.mediaDevices?.addEventListener('devicechange', changed);
  return () => navigator.mediaDevices?.removeEventListener('devicechange', changed);
}
