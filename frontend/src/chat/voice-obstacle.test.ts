import { describe, expect, it } from 'vitest';

import { voiceObstacle } from './voice-obstacle.ts';

const browser = (over: object = {}): typeof globalThis =>
  ({
    isSecureContext: true,
    AudioWorkletNode: Object,
    Worker: Object,
    WebSocket: Object,
    navigator: { mediaDevices: { getUserMedia: () => undefined } },
    ...over,
  }) as unknown as typeof globalThis;

const webrtc = { available: true, preferred: true };
const on = { enabled: true, provider: 'openai', model: 'm', webrtc };

describe('why the voice button is off', () => {
  it('says nothing when voice works', () => {
    expect(voiceObstacle(on, browser())).toBeNull();
  });
  it('gives the reason of the server', () => {
    const off = { ...on, enabled: false, reason: 'Voice is switched off on this server.' };
    expect(voiceObstacle(off, browser())).toBe('Voice is switched off on this server.');
  });
  it('names the missing https', () => {
    expect(voiceObstacle(on, browser({ isSecureContext: false }))).toMatch(/https or localhost/);
  });
  it('names a browser without audio worklets or a microphone', () => {
    expect(voiceObstacle(on, browser({ navigator: {} }))).toMatch(/cannot do voice/);
  });
  it('does not block while the status is unknown', () => {
    expect(voiceObstacle(undefined, browser())).toBeNull();
  });
});
