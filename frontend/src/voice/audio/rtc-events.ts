/**
 * What the events of a WebRTC call mean. The provider plays the answer itself and says when: there is no
 * audio in the events, and what was heard is the time between its `output_audio_buffer` events (protocol
 * §4.4 E). Pure: the connection, the loudspeaker and the clock are given.
 */
import { forMainThread } from './event-elision.ts';
import type { TransportReport, WireEvent } from './messages.ts';
import { ResponseLedger } from './response-ledger.ts';
import { parseEvent } from './wire-event.ts';

export interface RtcPorts {
  /** Send one event over the data channel. */
  send(text: string): void;
  toMain(report: TransportReport): void;
  /** Keep the loudspeaker quiet although sound may still arrive. */
  silence(quiet: boolean): void;
  now(): number;
}

interface Playing {
  responseId: string;
  itemId: string;
  since: number;
}

export class RtcEvents {
  private readonly ports: RtcPorts;
  private readonly ledger = new ResponseLedger();
  private readonly itemOf = new Map<string, string>();
  private playing: Playing | null = null;
  private stoppedBy: 'speech' | 'manual' = 'manual';

  constructor(ports: RtcPorts) {
    this.ports = ports;
  }

  /** One message of the data channel. */
  receive(text: string): void {
    const event = parseEvent(text);
    if (!event) return;
    this.ledger.observe(event);
    if (event.type === 'response.output_item.added') this.noteItem(event);
    // First the event, then what it means: lines must exist before they are cut.
    this.ports.toMain({ type: 'events', events: [forMainThread(event, false)], sent: [] });
    const responseId = String(event['response_id']);
    if (event.type === 'output_audio_buffer.started') this.begin(responseId);
    else if (event.type === 'output_audio_buffer.stopped') this.finish();
    else if (event.type === 'output_audio_buffer.cleared') this.cut();
    else if (event.type === 'input_audio_buffer.speech_started' && this.ledger.speechInterrupts) this.hush('speech');
  }

  send(event: WireEvent): void {
    this.ports.send(JSON.stringify(event));
    this.ports.toMain({ type: 'events', events: [], sent: [event] });
  }

  /** The person stops the assistant by hand: quiet here at once, then at the provider. */
  interrupt(): void {
    if (this.ledger.hasActive) this.send({ type: 'response.cancel' });
    if (!this.playing) return;
    this.hush('manual');
    this.send({ type: 'output_audio_buffer.clear' });
  }

  /** Tell how far the answer has been played; call it some times a second. */
  progress(): void {
    if (!this.playing) return;
    const item_id = this.playing.itemId;
    const progress = { item_id, played_ms: this.playedMs(), buffered_ms: 0, rms: 0 };
    this.ports.toMain({ type: 'player', report: { type: 'progress', ...progress } });
  }

  private noteItem(event: WireEvent): void {
    const item = event['item'] as { id?: unknown; type?: unknown } | undefined;
    if (item?.type === 'message') this.itemOf.set(String(event['response_id']), String(item.id));
  }

  private begin(responseId: string): void {
    const itemId = this.itemOf.get(responseId);
    if (itemId === undefined) return;
    this.playing = { responseId, itemId, since: this.ports.now() };
    this.ports.silence(false);
    this.ports.toMain({ type: 'player', report: { type: 'started', item_id: itemId } });
  }

  private finish(): void {
    const { playing } = this;
    if (!playing) return;
    const played_ms = this.playedMs();
    this.playing = null;
    this.ports.toMain({ type: 'player', report: { type: 'finished', item_id: playing.itemId, played_ms } });
  }

  private cut(): void {
    const { playing } = this;
    if (!playing) return;
    const played_ms = this.playedMs();
    this.playing = null;
    const cut = { item_id: playing.itemId, content_index: 0, played_ms, dropped_ms: 0, heard_ms: played_ms };
    this.ports.toMain({ type: 'cut', cause: this.stoppedBy, cuts: [cut] });
    this.stoppedBy = 'manual';
  }

  private hush(cause: 'speech' | 'manual'): void {
    if (!this.playing) return;
    this.stoppedBy = cause;
    this.ports.silence(true);
  }

  private playedMs(): number {
    return this.playing ? Math.max(0, Math.round(this.ports.now() - this.playing.since)) : 0;
  }
}
