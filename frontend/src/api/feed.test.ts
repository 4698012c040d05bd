import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Notice, readNotice, reconnectPauseMs, startFeed } from './feed.ts';

class FakeSocket extends EventTarget {
  closedWith: number | null = null;
  readonly protocols: string[];
  constructor(protocols: string[]) {
    super();
    this.protocols = protocols;
  }
  close(code?: number): void {
    this.closedWith = code ?? 1005;
  }
  open(): void {
    this.dispatchEvent(new Event('open'));
  }
  receive(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
  drop(code: number): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

describe('the feed of notices', () => {
  let sockets: FakeSocket[];
  let notices: Notice[];
  let connected: number;
  let token: string | null;
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    notices = [];
    connected = 0;
    token = 'a.b.c';
    stop = startFeed({
      url: 'ws://host/ws/feed',
      token: async () => token,
      onNotice: (notice) => notices.push(notice),
      onConnected: () => (connected += 1),
      openSocket: (_url, protocols) => {
        const socket = new FakeSocket(protocols);
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      random: () => 0.5,
    });
  });

  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  it('offers the token as a subprotocol, never in the address', async () => {
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets[0]?.protocols).toEqual(['voiceassist.feed', 'voiceassist.token.a.b.c']);
  });

  it('hands on notices and ignores what is none', async () => {
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]?.open();
    sockets[0]?.receive('{"type":"item.updated","conversation_id":"c","seq":4}');
    sockets[0]?.receive('not json');
    sockets[0]?.receive('{"type":"hello"}');
    expect(notices).toEqual([{ type: 'item.updated', conversation_id: 'c', seq: 4 }]);
    expect(connected).toBe(1);
  });

  it('connects again after a pause with a fresh token', async () => {
    await vi.advanceTimersByTimeAsync(0);
    sockets[0]?.open();
    token = 'd.e.f';
    sockets[0]?.drop(1012);
    await vi.advanceTimersByTimeAsync(499);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets[1]?.protocols).toContain('voiceassist.token.d.e.f');
  });

  it('stops when signed out', async () => {
    await vi.advanceTimersByTimeAsync(0);
    token = null;
    sockets[0]?.drop(4401);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets).toHaveLength(1);
  });

  it('does not come back once stopped', async () => {
    await vi.advanceTimersByTimeAsync(0);
    stop();
    expect(sockets[0]?.closedWith).toBe(1000);
    sockets[0]?.drop(1000);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets).toHaveLength(1);
  });
});

it('doubles the pause up to half a minute and spreads it', () => {
  expect(reconnectPauseMs(1, 0.5)).toBe(500);
  expect(reconnectPauseMs(3, 0.5)).toBe(2000);
  expect(reconnectPauseMs(20, 0.5)).toBe(30_000);
  expect(reconnectPauseMs(1, 0)).toBe(400);
  expect(reconnectPauseMs(1, 1)).toBe(600);
});

it('reads a notice without seq as 0', () => {
  expect(readNotice('{"type":"session.ended","conversation_id":"c"}')?.seq).toBe(0);
});
