import { describe, expect, test } from 'vitest';

import type { TransportReport, WireEvent } from './messages.ts';
import { RtcEvents } from './rtc-events.ts';

class Call {
  nowMs = 0;
  quiet = false;
  readonly sent: WireEvent[] = [];
  readonly reports: TransportReport[] = [];
  readonly events = new RtcEvents({
    send: (text) => void this.sent.push(JSON.parse(text) as WireEvent),
    toMain: (report) => void (report.type !== 'events' && this.reports.push(report)),
    silence: (quiet) => {
      this.quiet = quiet;
    },
    now: () => this.nowMs,
  });

  hears(...events: WireEvent[]): this {
    for (const event of events) this.events.receive(JSON.stringify(event));
    return this;
  }

  speaks(): this {
    return this.hears(
      { type: 'response.created', response: { id: 'r1' } },
      { type: 'response.output_item.added', response_id: 'r1', item: { id: 'a1', type: 'message' } },
      { type: 'output_audio_buffer.started', response_id: 'r1' },
    );
  }
}

const started = { type: 'player', report: { type: 'started', item_id: 'a1' } };
const cutAfter = (ms: number, cause: string) => ({
  type: 'cut',
  cause,
  cuts: [{ item_id: 'a1', content_index: 0, played_ms: ms, dropped_ms: 0, heard_ms: ms }],
});

describe('the events of a WebRTC call', () => {
  test('playback is told as it happens at the provider', () => {
    const call = new Call().speaks();
    call.nowMs = 300;
    call.events.progress();
    call.nowMs = 1200;
    call.hears({ type: 'output_audio_buffer.stopped', response_id: 'r1' });
    expect(call.reports).toEqual([
      started,
      { type: 'player', report: { type: 'progress', item_id: 'a1', played_ms: 300, buffered_ms: 0, rms: 0 } },
      { type: 'player', report: { type: 'finished', item_id: 'a1', played_ms: 1200 } },
    ]);
    call.events.progress();
    expect(call.reports).toHaveLength(3);
  });

  test('speech silences the answer at once and tells what was heard when the provider has cleared it', () => {
    const call = new Call().speaks();
    call.nowMs = 700;
    call.hears({ type: 'input_audio_buffer.speech_started', item_id: 'u2' });
    expect(call.quiet).toBe(true);
    call.hears({ type: 'output_audio_buffer.cleared', response_id: 'r1' });
    expect(call.reports).toEqual([started, cutAfter(700, 'speech')]);
    call.speaks();
    expect(call.quiet).toBe(false);
  });

  test('speech that may not interrupt silences nothing', () => {
    const call = new Call();
    const turn_detection = { type: 'server_vad', interrupt_response: false };
    call.hears({ type: 'session.updated', session: { audio: { input: { turn_detection } } } }).speaks();
    call.hears({ type: 'input_audio_buffer.speech_started', item_id: 'u2' });
    expect(call.quiet).toBe(false);
  });

  test('an interruption by hand cancels what is made and clears what is played', () => {
    const call = new Call().speaks();
    call.events.interrupt();
    expect(call.sent.map(({ type }) => type)).toEqual(['response.cancel', 'output_audio_buffer.clear']);
    expect(call.quiet).toBe(true);
    call.nowMs = 50;
    call.hears({ type: 'output_audio_buffer.cleared', response_id: 'r1' });
    expect(call.reports.at(-1)).toEqual(cutAfter(50, 'manual'));
  });

  test('an answer that is made but plays already to its end is only cleared', () => {
    const call = new Call().speaks().hears({ type: 'response.done', response: { id: 'r1' } });
    call.events.interrupt();
    expect(call.sent.map(({ type }) => type)).toEqual(['output_audio_buffer.clear']);
  });

  test('with nothing to stop an interruption sends nothing', () => {
    const call = new Call();
    call.events.interrupt();
    expect([call.sent, call.quiet]).toEqual([[], false]);
  });
});
