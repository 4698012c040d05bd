/** What this browser can do that a call needs. */
import type { Finding } from './findings.ts';

const NEEDS: ReadonlyArray<[name: string, isThere: () => boolean]> = [
  ['a secure address (https or localhost)', () => window.isSecureContext],
  ['microphone access', () => typeof navigator.mediaDevices?.getUserMedia === 'function'],
  ['audio worklets', () => typeof AudioWorkletNode !== 'undefined'],
  ['workers', () => typeof Worker !== 'undefined'],
  ['WebSockets', () => typeof WebSocket !== 'undefined'],
];
const NICE: ReadonlyArray<[name: string, isThere: () => boolean]> = [
  ['WebRTC', () => typeof RTCPeerConnection !== 'undefined'],
  ['choosing a speaker', () => 'setSinkId' in HTMLMediaElement.prototype],
];

const namesWithout = (facts: typeof NEEDS): string[] =>
  facts.filter(([, isThere]) => !isThere()).map(([name]) => name);

export function browserFinding(): Finding {
  const missing = namesWithout(NEEDS);
  if (missing.length > 0) {
    return {
      verdict: 'problem',
      sentence: `It lacks ${missing.join(', ')}. Use a current Chrome, Edge, Firefox or Safari; typing works here.`,
    };
  }
  const lesser = namesWithout(NICE);
  return {
    verdict: 'ok',
    sentence: `It has everything a call needs${lesser.length > 0 ? `; it lacks ${lesser.join(', ')}` : ''}.`,
  };
}
