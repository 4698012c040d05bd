import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { NO_WAY, type TransportReport } from './messages.ts';
import { RtcTransport } from './rtc-transport.ts';

const CALLS = 'https://voice.example.org/v1/realtime/calls';
const HANG_UP = `${CALLS}/rtc_1_x/hangup`;

/** A peer connection of a browser whose network the test plays. */
class Peer {
  iceGatheringState = 'complete';
  connectionState = 'new';
  localDescription = { sdp: 'v=0' };
  onconnectionstatechange: (() => void) | null = null;
  readonly channel = { readyState: 'connecting', onopen: () => {}, onclose: () => {}, close: () => {} };
  addTransceiver = () => ({ sender: { replaceTrack: () => Promise.resolve() } });
  createDataChannel = () => this.channel;
  createOffer = () => Promise.resolve({});
  setLocalDescription = () => Promise.resolve();
  setRemoteDescription = () => Promise.resolve();
  close = () => {};

  opens(): void {
    this.channel.readyState = 'open';
    this.channel.onopen();
  }

  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

class Scene {
  readonly peer = new Peer();
  readonly posted: string[] = [];
  readonly closed: TransportReport[] = [];
  readonly line: RtcTransport;
  /** What the server says when it is asked how the session ended. */
  ended = { code: 1000, reason: '' };

  constructor(answer: (() => Promise<Response>) | null) {
    const { peer, posted } = this;
    vi.stubGlobal('RTCPeerConnection', function fake() {
      return peer;
    });
    vi.stubGlobal('fetch', (url: string) => {
      posted.push(url);
      return url === CALLS && answer ? answer() : new Promise(() => {});
    });
    const audio = { onOutgoing: () => {}, playRemote: () => {}, silenceRemote: () => {} };
    this.line = new RtcTransport(audio, () => Promise.resolve(this.ended), (report) => {
      if (report.type === 'closed') this.closed.push(report);
    });
    const calls = { url: CALLS, iceServers: [] };
    this.line.open({ url: 'wss://voice.example.org', secret: 'ek_1', sessionId: 'rtc_1_x', resuming: false, calls });
  }
}

const answered = () => Promise.resolve(new Response('v=0', { status: 201 }));

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a call over WebRTC', () => {
  test('that is not answered in time is given up and hung up all the same', async () => {
    const scene = new Scene(null);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(scene.closed).toMatchObject([{ code: 0, reason: NO_WAY, opened: false }]);
    expect(scene.posted).toEqual([CALLS, HANG_UP]);
  });

  test('that is refused is not hung up', async () => {
    const refusal = { error: { code: 'quota_exhausted' } };
    const scene = new Scene(() => Promise.resolve(new Response(JSON.stringify(refusal), { status: 402 })));
    await vi.advanceTimersByTimeAsync(0);
    expect(scene.closed).toMatchObject([{ code: 4402, reason: 'quota_exhausted' }]);
    expect(scene.posted).toEqual([CALLS]);
  });

  test('whose line breaks was not hung up, whatever the provider made of it', async () => {
    const scene = new Scene(answered);
    await vi.advanceTimersByTimeAsync(0);
    scene.peer.opens();
    scene.peer.becomes('failed');
    await vi.advanceTimersByTimeAsync(0);
    expect(scene.closed).toMatchObject([{ code: 1006, reason: '' }]);
  });

  test('is given three seconds to mend its line, and no more', async () => {
    const scene = new Scene(answered);
    await vi.advanceTimersByTimeAsync(0);
    scene.peer.opens();
    scene.peer.becomes('disconnected');
    await vi.advanceTimersByTimeAsync(2_900);
    scene.peer.becomes('connected');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(scene.closed).toEqual([]);
    scene.peer.becomes('disconnected');
    await vi.advanceTimersByTimeAsync(3_000);
    expect(scene.closed).toMatchObject([{ code: 1006 }]);
  });

  test('that was closed ended as the server says', async () => {
    const scene = new Scene(answered);
    await vi.advanceTimersByTimeAsync(0);
    scene.peer.opens();
    scene.ended = { code: 4402, reason: 'quota_exhausted' };
    scene.peer.channel.onclose();
    await vi.advanceTimersByTimeAsync(0);
    expect(scene.closed).toMatchObject([{ code: 4402, reason: 'quota_exhausted' }]);
    expect(scene.posted).toEqual([CALLS]);
  });
});
