/** PCM16 arithmetic of the Realtime wire: 24 kHz, mono, little endian. */

export const WIRE_RATE_HZ = 24_000;

/** Milliseconds that `samples` last at the wire's rate. */
export function wireMs(samples: number): number {
  return (samples * 1000) / WIRE_RATE_HZ;
}

/** Samples that `ms` milliseconds hold at the wire's rate, rounded down. */
export function wireSamples(ms: number): number {
  return Math.floor((ms * WIRE_RATE_HZ) / 1000);
}

/** One sample in −1…1 as a signed 16-bit integer; anything louder is clipped. */
export function toPcm16(sample: number): number {
  const clipped = sample > 1 ? 1 : sample < -1 ? -1 : sample;
  return Math.round(clipped * 0x7fff);
}

/** Little-endian PCM16 bytes as samples in −1…1. A trailing odd byte is no sample and is left out. */
export function floatsFromPcm16(bytes: Uint8Array): Float32Array {
  const samples = new Float32Array(bytes.length >> 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(i * 2, true) / 0x7fff;
  return samples;
}
