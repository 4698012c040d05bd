/**
 * What the threads of a call say to each other. Audio goes worklet ↔ transport worker over their own
 * ports and never touches the main thread.
 *
 *   main ──CaptureControl──► capture processor ──CapturedFrame──► transport worker ──► WebSocket
 *   main ◄──PlayerReport──── player processor ◄──PlayerCommand── transport worker ◄── WebSocket
 *                                  └───────────PlayerAnswer──► transport worker
 *   main ──TransportCommand──► transport worker ──TransportReport──► main
 */
import type { Cut, Progress } from './playback-queue.ts';

export type { Cut, Progress } from './playback-queue.ts';

/** The first event of a line that asked to resume its session (docs/private-events.md). */
export const RESUMED = 'voiceassist.session.resumed';
/** What this page measures of its playing: for our own server alone. */
export const PLAYOUT = 'voiceassist.playout';

/** One event of the Realtime protocol, either direction. Unknown types pass. */
export interface WireEvent {
  type: string;
  event_id?: string;
  [field: string]: unknown;
}

/** Hands a worklet its direct line to the transport worker; the port itself travels in the transfer list. */
export interface WirePort {
  type: 'wire';
  port: MessagePort;
}

export type CaptureControl = WirePort | { type: 'mute'; muted: boolean };
export type CaptureReport = { type: 'mic-level'; rms: number; flat: boolean };
/** PCM16 little endian, 24 kHz mono, 20 ms; transferred. */
export type CapturedFrame = ArrayBuffer;

export type PlayerCommand =
  | { type: 'audio'; item_id: string; content_index: number; pcm: ArrayBuffer }
  | { type: 'end'; item_id: string }
  | { type: 'flush' };
export type PlayerAnswer = { type: 'flushed'; cuts: Cut[] };
export type PlayerReport =
  /** waited_ms: since its first sound was here; only where this page plays it. */
  | { type: 'started'; item_id: string; waited_ms?: number }
  | { type: 'finished'; item_id: string; played_ms: number }
  | { type: 'starved'; item_id: string }
  | ({ type: 'progress' } & Progress)
  | { type: 'silent' };

export type TransportCommand =
  | { type: 'wire'; capture: MessagePort; player: MessagePort }
  | { type: 'open'; url: string; protocols: string[]; resuming: boolean }
  | { type: 'send'; event: WireEvent }
  | { type: 'interrupt' }
  | { type: 'output-latency'; ms: number }
  | { type: 'tap-audio'; on: boolean }
  | { type: 'close'; atOnce: boolean };

/** What was cut, with the position that was *heard*: played minus what still sat in the device's buffer. */
export interface HeardCut extends Cut {
  heard_ms: number;
}

/** How events and sound travel. */
export type LineKind = 'websocket' | 'webrtc';

/** What opens a line. */
export interface LineWay {
  url: string;
  secret: string;
  sessionId: string;
  /** It is the session of the former line, not a new one. */
  resuming: boolean;
  /** Where a WebRTC call is made, and the servers that help it through. */
  calls: { url: string; iceServers: RTCIceServer[] };
}

/** The line of a call, whatever carries it. Reports come through the function it was made with. */
export interface CallTransport {
  open(way: LineWay): void;
  send(event: WireEvent): void;
  interrupt(): void;
  setOutputLatency(ms: number): void;
  tapAudio(on: boolean): void;
  /** Resolves when nothing is held any more. @param atOnce the page is going away. */
  close(atOnce: boolean): Promise<void>;
}

/** Reasons of a `closed` report with code 0: the way itself failed, another may work. */
export const NO_WAY = 'no_way_through';

export type TransportReport =
  | { type: 'events'; events: WireEvent[]; sent: WireEvent[] }
  | { type: 'cut'; cause: 'speech' | 'manual'; cuts: HeardCut[] }
  | { type: 'audio-chunk'; item_id: string; pcm: ArrayBuffer }
  | { type: 'player'; report: PlayerReport }
  | { type: 'closed'; code: number; reason: string; opened: boolean };
