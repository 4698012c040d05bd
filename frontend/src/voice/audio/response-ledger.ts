/** Which responses run, which items had audio on this socket, and whose late audio is to be thrown away. */
import type { Cut, WireEvent } from './messages.ts';

export class ResponseLedger {
  /** Whether the session's turn detection cancels the answer when the user speaks (protocol §5). */
  speechInterrupts = true;
  private readonly active = new Set<string>();
  private readonly droppedResponses = new Set<string>();
  private readonly droppedItems = new Set<string>();
  private readonly withAudio = new Map<string, string>();

  /** A new socket: ids of the old one mean nothing to it. */
  reset(): void {
    this.speechInterrupts = true;
    this.active.clear();
    this.droppedResponses.clear();
    this.droppedItems.clear();
    this.withAudio.clear();
  }

  get hasActive(): boolean {
    return this.active.size > 0;
  }

  observe(event: WireEvent): void {
    if (event.type === 'response.created') this.active.add(responseId(event));
    else if (event.type === 'response.done') this.active.delete(responseId(event));
    else if (event.type === 'session.created' || event.type === 'session.updated') {
      this.speechInterrupts = interruptsOnSpeech(event['session']);
    }
  }

  /** Audio of this item was handed to the player, so the server can truncate it. */
  noteAudio(delta: WireEvent): void {
    this.withAudio.set(String(delta['item_id']), String(delta['response_id']));
  }

  hasAudioOf(itemId: string): boolean {
    return this.withAudio.has(itemId);
  }

  /** Everything running is being cancelled: its remaining audio is not to be played. */
  dropActive(): void {
    for (const id of this.active) this.droppedResponses.add(id);
  }

  dropItems(cuts: readonly Cut[]): void {
    for (const cut of cuts) this.droppedItems.add(cut.item_id);
  }

  isDropped(delta: WireEvent): boolean {
    return this.droppedItems.has(String(delta['item_id'])) || this.droppedResponses.has(String(delta['response_id']));
  }

  /** All items that had audio on this socket. */
  get items(): string[] {
    return [...this.withAudio.keys()];
  }

  /** Items with audio of the response that this `response.done` finishes. */
  itemsOf(done: WireEvent): string[] {
    const id = responseId(done);
    return [...this.withAudio].filter(([, response]) => response === id).map(([itemId]) => itemId);
  }
}

function responseId(event: WireEvent): string {
  const response = event['response'] as { id?: unknown } | undefined;
  return String(response?.id);
}

function interruptsOnSpeech(session: unknown): boolean {
  const detection = (session as { audio?: { input?: { turn_detection?: unknown } } } | undefined)?.audio?.input
    ?.turn_detection;
  return (detection as { interrupt_response?: unknown } | null | undefined)?.interrupt_response !== false;
}
