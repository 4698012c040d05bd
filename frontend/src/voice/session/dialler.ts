/**
 * Opens the line of a call: the lost one again where its session goes on, or else a new session of the same
 * conversation, over the kind of line that works here.
 */
import type { RealtimeSessionGrant, RealtimeSessionOptions } from '../../api/types.ts';
import { NO_WAY, type LineKind, type WireEvent } from '../audio/messages.ts';
import type { CallMedia } from './call-media.ts';
import type { CallPorts } from './call-ports.ts';
import { faultOfMedia } from './fault-mapping.ts';
import { wayOf } from './line-way.ts';
import { Resumption } from './resumption.ts';
import { Route } from './route.ts';

export interface DialResult {
  /** A new session was made: what was known of the former one is over. */
  granted(grant: RealtimeSessionGrant): void;
  /** With something `faultOfMint` can read. */
  refused(problem: unknown): void;
}

export class Dialler {
  private readonly ports: CallPorts;
  private readonly route: Route;
  private readonly resumption = new Resumption();
  private number = 0;
  private reminted = false;
  /** The kind of the line in use; null before the first. */
  kind: LineKind | null = null;

  constructor(ports: CallPorts) {
    this.ports = ports;
    this.route = new Route(ports);
  }

  /** The line is not of the kind that was wished for. */
  get fellBack(): boolean {
    return this.route.isBlocked && this.kind === 'websocket';
  }

  /** A new call begins. */
  begin(): void {
    this.reminted = false;
    this.route.begin();
  }

  /** The line works. */
  live(): void {
    this.reminted = false;
  }

  /** The call is over: whatever is being dialled is not wanted any more. */
  forget(): void {
    this.number += 1;
    this.resumption.forget();
  }

  observe(event: WireEvent): void {
    this.resumption.observe(event);
  }

  /** The kind of line that is dialled next. */
  nextKind(): Promise<LineKind> {
    return this.route.kind();
  }

  /** The line's audio, ready before there is a session. */
  async prepare(media: CallMedia): Promise<void> {
    await media.prepare(await this.route.kind());
  }

  /** @param tapped copy assistant audio to the page, where the line can. */
  async dial(media: CallMedia, conversationId: string | null, tapped: boolean, result: DialResult): Promise<void> {
    const number = ++this.number;
    const { wayBack } = this.resumption;
    if (wayBack && this.kind === 'websocket') {
      media.transport?.open({ ...wayBack, resuming: true });
      return;
    }
    try {
      const kind = await this.route.kind();
      const [grant, transport] = await Promise.all([
        this.ports.mint(optionsFor(kind, conversationId)),
        media.prepare(kind).catch((error: unknown) => Promise.reject(faultOfMedia(error))),
      ]);
      if (number !== this.number || media.released) return;
      const way = { ...wayOf(grant), resuming: false };
      this.kind = kind;
      if (kind === 'websocket') this.resumption.begin(way);
      else this.resumption.forget();
      result.granted(grant);
      transport.tapAudio(tapped);
      transport.open(way);
    } catch (error) {
      if (number === this.number && !media.released) result.refused(error);
    }
  }

  /** Whether a way that does not get through is to be given up for another; dial again then. */
  changesWay(code: number, reason: string): boolean {
    if (code !== 0 || reason !== NO_WAY || this.kind !== 'webrtc') return false;
    this.route.fallBack();
    return true;
  }

  /** Whether a refused secret is to be replaced, which is done once; dial again then. */
  remints(): boolean {
    if (this.reminted) return false;
    this.reminted = true;
    this.resumption.forget();
    return true;
  }
}

function optionsFor(kind: LineKind, conversationId: string | null): RealtimeSessionOptions {
  const options: RealtimeSessionOptions = conversationId === null ? {} : { conversation_id: conversationId };
  return kind === 'webrtc' ? { ...options, transport: 'webrtc' } : options;
}
