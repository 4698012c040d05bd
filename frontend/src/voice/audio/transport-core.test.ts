import { beforeEach, describe, expect, test } from 'vitest';

import { decodeBase64, encodeBase64 } from './base64.ts';
import type { PlayerCommand, TransportReport, WireEvent } from './messages.ts';
import { TransportCore, type SocketLike } from './transport-core.ts';

class FakeSocket implements SocketLike {
  bufferedAmount = 0;
  closedWith: number | undefined | null = null;
  readonly sent: WireEvent[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as WireEvent);
  }

  close(code?: number): void {
    this.closedWith = code;
    this.onclose?.({ code: code ?? 1005, reason: '' });
  }

  says(...events: WireEvent[]): void {
    for (const event of events) this.onmessage?.({ data: JSON.stringify(event) });
  }

  typesSent(): string[] {
    return this.sent.map((event) => event.type);
  }
}

let sockets: FakeSocket[];
let player: PlayerCommand[];
let reports: TransportReport[];
let timers: { run: () => void; delayMs: number }[];
let nowMs: number;
let core: TransportCore;

const frame = (value: number) => new Int16Array(480).fill(value).buffer;
const created: WireEvent = { type: 'session.created', session: {} };
const responseCreated = (id: string): WireEvent => ({ type: 'response.created', response: { id } });
const responseDone = (id: string): WireEvent => ({ type: 'response.done', response: { id, status: 'completed' } });
const delta = (item: string, response: string): WireEvent => ({
  type: 'response.output_audio.delta',
  item_id: item,
  response_id: response,
  content_index: 0,
  delta: encodeBase64(new Uint8Array(4800)),
});
const speechStarted: WireEvent = { type: 'input_audio_buffer.speech_started', item_id: 'u2' };

function dial(resuming = false): FakeSocket {
  core.open('ws://host/v1/realtime', ['realtime'], resuming);
  const socket = sockets.at(-1)!;
  socket.onopen?.();
  return socket;
}

function live(): FakeSocket {
  const socket = dial();
  socket.says(created);
  return socket;
}

const eventsSeen = () => reports.flatMap((report) => (report.type === 'events' ? report.events : []));

beforeEach(() => {
  sockets = [];
  player = [];
  reports = [];
  timers = [];
  nowMs = 0;
  core = new TransportCore({
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    toPlayer: (command) => player.push(command),
    toMain: (report) => reports.push(report),
    later: (run, delayMs) => timers.push({ run, delayMs }),
    now: () => nowMs,
  });
});

describe('microphone', () => {
  test('what is said before the session is ready is kept and sent in order, in long appends', () => {
    const socket = dial();
    for (let n = 0; n < 120; n++) core.capture(frame(n));
    expect(socket.sent).toEqual([]);
    socket.says(created);
    expect(socket.typesSent()).toEqual(Array(3).fill('input_audio_buffer.append'));
    const bytes = socket.sent.flatMap((event) => [...decodeBase64(String(event['audio']))]);
    const samples = new Int16Array(Uint8Array.from(bytes).buffer);
    expect(samples.length).toBe(120 * 480);
    expect([samples[0], samples[480], samples.at(-1)]).toEqual([0, 1, 119]);
  });

  test('at most fifteen seconds are kept, the newest', () => {
    const socket = dial();
    for (let n = 0; n < 1000; n++) core.capture(frame(n));
    socket.says(created);
    const first = decodeBase64(String(socket.sent[0]!['audio']));
    expect(new Int16Array(first.buffer)[0]).toBe(250);
  });

  test('each frame leaves as one append once live', () => {
    const socket = live();
    core.capture(frame(7));
    core.capture(frame(8));
    expect(socket.typesSent()).toEqual(['input_audio_buffer.append', 'input_audio_buffer.append']);
  });

  test('frames wait while the network is behind', () => {
    const socket = live();
    socket.bufferedAmount = 1_000_000;
    core.capture(frame(1));
    expect(socket.sent).toEqual([]);
    socket.bufferedAmount = 0;
    core.capture(frame(2));
    expect(socket.sent).toHaveLength(1);
    expect(decodeBase64(String(socket.sent[0]!['audio'])).length).toBe(1920);
  });
});

describe('interruption', () => {
  test('speech flushes the player at once and truncates to what was heard', () => {
    const socket = live();
    core.setOutputLatency(40);
    socket.says(responseCreated('r1'), delta('a1', 'r1'));
    player.length = 0;
    socket.says(speechStarted);
    expect(player).toEqual([{ type: 'flush' }]);
    core.flushed({ type: 'flushed', cuts: [{ item_id: 'a1', content_index: 0, played_ms: 90.7, dropped_ms: 9.3 }] });
    expect(socket.sent).toEqual([
      { type: 'conversation.item.truncate', item_id: 'a1', content_index: 0, audio_end_ms: 50 },
    ]);
    expect(reports.find((report) => report.type === 'cut')).toMatchObject({
      cause: 'speech',
      cuts: [{ item_id: 'a1', heard_ms: 50 }],
    });
  });

  test('late audio of the cancelled response is never played, the next response is', () => {
    const socket = live();
    socket.says(responseCreated('r1'), delta('a1', 'r1'), speechStarted);
    player.length = 0;
    socket.says(delta('a1', 'r1'), delta('a1b', 'r1'), responseDone('r1'));
    expect(player.filter((command) => command.type === 'audio')).toEqual([]);
    socket.says(responseCreated('r2'), delta('a2', 'r2'));
    expect(player.at(-1)).toMatchObject({ type: 'audio', item_id: 'a2' });
  });

  test('speech into silence sends no truncation and reports no cut', () => {
    const socket = live();
    socket.says(speechStarted);
    core.flushed({ type: 'flushed', cuts: [] });
    expect(socket.sent).toEqual([]);
    expect(reports.some((report) => report.type === 'cut')).toBe(false);
  });

  test('a session that does not interrupt on speech goes on playing', () => {
    const socket = dial();
    socket.says({
      type: 'session.created',
      session: { audio: { input: { turn_detection: { type: 'server_vad', interrupt_response: false } } } },
    });
    socket.says(responseCreated('r1'), delta('a1', 'r1'), speechStarted);
    expect(player.some((command) => command.type === 'flush')).toBe(false);
  });

  test('by hand: cancel while the response runs, then truncate', () => {
    const socket = live();
    socket.says(responseCreated('r1'), delta('a1', 'r1'));
    core.interrupt();
    core.flushed({ type: 'flushed', cuts: [{ item_id: 'a1', content_index: 0, played_ms: 30, dropped_ms: 70 }] });
    expect(socket.typesSent()).toEqual(['response.cancel', 'conversation.item.truncate']);
  });

  test('by hand after the response is done: truncate only', () => {
    const socket = live();
    socket.says(responseCreated('r1'), delta('a1', 'r1'), responseDone('r1'));
    core.interrupt();
    core.flushed({ type: 'flushed', cuts: [{ item_id: 'a1', content_index: 0, played_ms: 30, dropped_ms: 70 }] });
    expect(socket.typesSent()).toEqual(['conversation.item.truncate']);
  });

  test('an item of an earlier socket is not truncated on the new one', () => {
    live().says(responseCreated('r1'), delta('a1', 'r1'));
    const second = live();
    second.says(speechStarted);
    core.flushed({ type: 'flushed', cuts: [{ item_id: 'a1', content_index: 0, played_ms: 30, dropped_ms: 70 }] });
    expect(second.sent).toEqual([]);
  });
});

describe('events', () => {
  test('audio reaches the main thread only as its length', () => {
    live().says(responseCreated('r1'), delta('a1', 'r1'));
    timers.forEach((timer) => timer.run());
    const seen = eventsSeen().find((event) => event.type === 'response.output_audio.delta')!;
    expect(seen).not.toHaveProperty('delta');
    expect(seen['audio_ms']).toBe(100);
  });

  test('a storm of events is posted in batches, in order', () => {
    const socket = live();
    for (let n = 0; n < 50; n++) socket.says({ type: 'x', n });
    expect(timers).toHaveLength(1);
    timers[0]!.run();
    expect(reports.filter((report) => report.type === 'events').length).toBe(2);
    expect(eventsSeen().slice(1).map((event) => event['n'])).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test('an item ends by its own event or with its response', () => {
    const socket = live();
    socket.says(responseCreated('r1'), delta('a1', 'r1'), { type: 'response.output_audio.done', item_id: 'a1' });
    expect(player.at(-1)).toEqual({ type: 'end', item_id: 'a1' });
    socket.says(responseCreated('r2'), delta('a2', 'r2'), responseDone('r2'));
    expect(player.at(-1)).toEqual({ type: 'end', item_id: 'a2' });
  });

  test('a frame that is no event is passed over', () => {
    const socket = live();
    socket.onmessage?.({ data: 'not json' });
    socket.onmessage?.({ data: '7' });
    socket.says({ ...delta('a1', 'r1'), delta: '!!!' });
    expect(player.some((command) => command.type === 'audio')).toBe(false);
  });

  test('a tapped call copies audio to the main thread', () => {
    const socket = live();
    core.tapAudio(true);
    socket.says(delta('a1', 'r1'));
    const chunk = reports.find((report) => report.type === 'audio-chunk');
    expect(chunk?.pcm.byteLength).toBe(4800);
  });
});

describe('ending', () => {
  test('ending while the assistant speaks reports what was heard, then closes with 1000', () => {
    const socket = live();
    socket.says(responseCreated('r1'), delta('a1', 'r1'));
    core.close();
    expect(socket.closedWith).toBeNull();
    core.flushed({ type: 'flushed', cuts: [{ item_id: 'a1', content_index: 0, played_ms: 30, dropped_ms: 70 }] });
    expect(socket.typesSent()).toEqual(['conversation.item.truncate']);
    expect(socket.closedWith).toBe(1000);
    expect(reports.at(-1)).toMatchObject({ type: 'closed', code: 1000 });
  });

  test('a player that does not answer does not keep the socket open', () => {
    const socket = live();
    core.close();
    timers.find((timer) => timer.delayMs === 100)!.run();
    expect(socket.closedWith).toBe(1000);
  });

  test('a lost line leaves the player what it has and says so with code and reason', () => {
    const socket = live();
    socket.says(responseCreated('r1'), delta('a1', 'r1'));
    socket.onclose?.({ code: 1012, reason: 'server_draining' });
    expect(player.some((command) => command.type === 'flush')).toBe(false);
    expect(reports.at(-1)).toEqual({ type: 'closed', code: 1012, reason: 'server_draining', opened: true });
    core.send({ type: 'response.create' });
    expect(socket.sent).toEqual([]);
  });

  test('dialling again lets go of the former socket silently', () => {
    const first = live();
    live();
    expect(first.closedWith).toBeUndefined();
    expect(reports.some((report) => report.type === 'closed')).toBe(false);
  });
});

const resumed = (recovered: boolean): WireEvent => ({ type: 'voiceassist.session.resumed', recovered });
const lose = (socket: FakeSocket) => socket.onclose?.({ code: 1006, reason: '' });

describe('a line that comes back', () => {
  test('goes on with the same answer: its sound, its end, its interruption', () => {
    const first = live();
    first.says(responseCreated('r1'), delta('a1', 'r1'));
    lose(first);
    const second = dial(true);
    second.says(resumed(true), delta('a1', 'r1'), { type: 'response.output_audio.done', item_id: 'a1' });
    expect(player.map((command) => command.type)).toEqual(['audio', 'audio', 'end']);
    core.interrupt();
    core.flushed({ type: 'flushed', cuts: [{ item_id: 'a1', content_index: 0, played_ms: 30, dropped_ms: 70 }] });
    expect(second.typesSent()).toEqual(['response.cancel', 'conversation.item.truncate']);
  });

  test('does not bring back the sound of an answer that was stopped before', () => {
    const first = live();
    first.says(responseCreated('r1'), delta('a1', 'r1'), speechStarted);
    lose(first);
    player.length = 0;
    dial(true).says(resumed(true), delta('a1', 'r1'));
    expect(player).toEqual([]);
  });

  test('sends what was said meanwhile once the session is there again', () => {
    const first = live();
    lose(first);
    core.capture(frame(1));
    core.capture(frame(2));
    const second = dial(true);
    expect(second.sent).toEqual([]);
    second.says(resumed(true));
    expect(second.typesSent()).toEqual(['input_audio_buffer.append']);
  });

  test('without what was missed, ends what it knew and listens again', () => {
    const first = live();
    first.says(responseCreated('r1'), delta('a1', 'r1'));
    lose(first);
    const second = dial(true);
    second.says(resumed(false));
    expect(player.at(-1)).toEqual({ type: 'end', item_id: 'a1' });
    core.interrupt();
    expect(second.sent).toEqual([]);
    core.capture(frame(1));
    expect(second.typesSent()).toEqual(['input_audio_buffer.append']);
  });

  test('as a new session ends what the old one was saying', () => {
    const first = live();
    first.says(responseCreated('r1'), delta('a1', 'r1'));
    lose(first);
    dial();
    expect(player.at(-1)).toEqual({ type: 'end', item_id: 'a1' });
  });
});

test('a page that goes away hangs up without asking the player', () => {
  const socket = live();
  socket.says(responseCreated('r1'), delta('a1', 'r1'));
  core.close(true);
  expect(socket.closedWith).toBe(1000);
});
