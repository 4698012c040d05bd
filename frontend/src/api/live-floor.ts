import { validAccessToken } from './auth.ts';
import { answer, api } from './client.ts';
import { keepSocket, type KeptSocket } from './feed.ts';
import { reasonHeader } from './review.ts';
import type { LiveCall, LiveFloor, LiveLine, OpenedCall } from './types.ts';

/** What changed on the floor since the last one; the first holds everything (docs/review.md). */
export interface FloorFrame {
  type: 'live.floor';
  now: string;
  whole: boolean;
  more: boolean;
  calls: LiveCall[];
  gone: string[];
  captions: Record<string, LiveLine[]>;
  refused: Array<{ session_id: string; code: string; detail: string }>;
}

export const fetchLiveFloor = (signal?: AbortSignal): Promise<LiveFloor> =>
  answer(api.GET('/api/review/live/', { signal: signal ?? null }));

/** Reading somebody else's writes one access-log row per visit; `reason` is stored with it. */
export const fetchLiveCall = (sessionId: string, reason: string): Promise<OpenedCall> =>
  answer(
    api.GET('/api/review/live/{session_id}/', {
      params: { path: { session_id: sessionId }, header: reasonHeader(reason) },
    }),
  );

interface FloorListeners {
  onFrame(frame: FloorFrame): void;
  onConnected(): void;
  onLost(): void;
}

/** Keeps the feed of the live floor connected. */
export const startFloorFeed = ({ onFrame, ...listeners }: FloorListeners): KeptSocket =>
  keepSocket({
    url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws/review/live`,
    token: validAccessToken,
    ...listeners,
    onData(data) {
      const frame = readFrame(data);
      if (frame) onFrame(frame);
    },
  });

function readFrame(data: unknown): FloorFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const body = JSON.parse(data) as Partial<FloorFrame> | null;
    return body?.type === 'live.floor' ? (body as FloorFrame) : null;
  } catch {
    return null;
  }
}
