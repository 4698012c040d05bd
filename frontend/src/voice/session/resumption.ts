/** What a call needs to go on where its line broke: the way in, and the last event it has seen. */
import type { RealtimeSessionGrant } from '../../api/types.ts';
import type { WireEvent } from '../audio/messages.ts';

export interface WayBack {
  url: string;
  secret: string;
}

export class Resumption {
  private grant: Pick<RealtimeSessionGrant, 'url' | 'api_key'> | null = null;
  private lastEventId: string | null = null;

  /** A new session is about to be opened. */
  begin({ url, api_key }: RealtimeSessionGrant): void {
    this.grant = { url, api_key };
    this.lastEventId = null;
  }

  observe(event: WireEvent): void {
    if (typeof event.event_id === 'string') this.lastEventId = event.event_id;
  }

  /** The session is over, or refuses to be resumed. */
  forget(): void {
    this.grant = null;
    this.lastEventId = null;
  }

  /** The same session once more, behind the last event; null before it was ready. */
  get wayBack(): WayBack | null {
    if (!this.grant || this.lastEventId === null) return null;
    const url = new URL(this.grant.url);
    url.searchParams.set('after', this.lastEventId);
    return { url: url.href, secret: this.grant.api_key };
  }
}
