/** What a call needs to go on where its line broke: the way in, and the last event it has seen. */
import type { LineWay, WireEvent } from '../audio/messages.ts';

export type WayBack = Omit<LineWay, 'resuming'>;

export class Resumption {
  private way: WayBack | null = null;
  private lastEventId: string | null = null;

  /** A new session is about to be opened. */
  begin(way: WayBack): void {
    this.way = way;
    this.lastEventId = null;
  }

  observe(event: WireEvent): void {
    if (typeof event.event_id === 'string') this.lastEventId = event.event_id;
  }

  /** The session is over, or refuses to be resumed. */
  forget(): void {
    this.way = null;
    this.lastEventId = null;
  }

  /** The same session once more, behind the last event; null before it was ready. */
  get wayBack(): WayBack | null {
    if (!this.way || this.lastEventId === null) return null;
    const url = new URL(this.way.url);
    url.searchParams.set('after', this.lastEventId);
    return { ...this.way, url: url.href };
  }
}
