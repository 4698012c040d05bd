/** One notice of `/ws/feed`: a hint that something changed, never the change itself. */
export interface Notice {
  type: string;
  conversation_id: string;
  seq: number;
}

interface SocketOptions {
  url: string;
  /** A token for the next connection; null means signed out, and the feed stops. */
  token(): Promise<string | null>;
  openSocket?(url: string, protocols: string[]): WebSocket;
  random?(): number;
}

export interface FeedOptions extends SocketOptions {
  onNotice(notice: Notice): void;
  /** Connected (again): notices may have been missed, so everything shown should be fetched anew. */
  onConnected(): void;
}

export interface KeptSocketOptions extends SocketOptions {
  onData(data: unknown): void;
  onConnected(): void;
  onLost?(): void;
}

export interface KeptSocket {
  /** Lost where nothing is connected. */
  send(text: string): void;
  /** End it for good. */
  stop(): void;
}

const NOT_AUTHENTICATED = 4401;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A connection that held this long was a good one: the next pause starts small again. */
const STEADY_AFTER_MS = 10_000;

/** The pause before attempt `failures` (from 1), doubling, ±20 % so that tabs do not return in step. */
export function reconnectPauseMs(failures: number, random: number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  return Math.round(pause * (0.8 + 0.4 * random));
}

export function readNotice(data: unknown): Notice | null {
  if (typeof data !== 'string') return null;
  try {
    const body = JSON.parse(data) as Partial<Notice> | null;
    if (typeof body?.type !== 'string' || typeof body.conversation_id !== 'string') return null;
    return { type: body.type, conversation_id: body.conversation_id, seq: Number(body.seq ?? 0) };
  } catch {
    return null;
  }
}

/** Keeps the feed of notices connected. Call the returned function to end it for good. */
export function startFeed({ onNotice, ...options }: FeedOptions): () => void {
  const { stop } = keepSocket({
    ...options,
    onData(data) {
      const notice = readNotice(data);
      if (notice) onNotice(notice);
    },
  });
  return stop;
}

/** Keeps one socket of a page connected: whenever it breaks, again, with a pause that grows. */
export function keepSocket(options: KeptSocketOptions): KeptSocket {
  const openSocket = options.openSocket ?? ((url, protocols) => new WebSocket(url, protocols));
  const random = options.random ?? Math.random;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isStopped = false;

  const again = (): void => {
    if (isStopped) return;
    failures += 1;
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), reconnectPauseMs(failures, random()));
  };

  async function connect(): Promise<void> {
    let token: string | null;
    try {
      token = await options.token();
    } catch {
      again();
      return;
    }
    if (token === null || isStopped) return;
    const opened = openSocket(options.url, ['voiceassist.feed', `voiceassist.token.${token}`]);
    socket = opened;
    let openedAtMs = 0;
    opened.addEventListener('open', () => {
      openedAtMs = Date.now();
      options.onConnected();
    });
    opened.addEventListener('message', (event) => options.onData(event.data));
    opened.addEventListener('close', (event) => {
      if (socket === opened) socket = null;
      if (!isStopped) options.onLost?.();
      if (openedAtMs > 0 && Date.now() - openedAtMs > STEADY_AFTER_MS) failures = 0;
      if (event.code === NOT_AUTHENTICATED) failures = Math.max(failures, 1);
      again();
    });
  }

  const hurry = (): void => {
    if (socket !== null || isStopped) return;
    failures = 0;
    clearTimeout(timer);
    void connect();
  };
  globalThis.addEventListener?.('online', hurry);
  void connect();

  return {
    send(text) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', hurry);
      socket?.close(1000);
    },
  };
}
