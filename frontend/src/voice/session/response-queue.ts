/**
 * Asks for a response to typed text without breaking the rule of one active response per conversation
 * (protocol §4.4 F): while one runs, the wish waits for its `response.done`.
 */
import type { WireEvent } from '../audio/messages.ts';

const BUSY = 'conversation_already_has_active_response';

export class ResponseQueue {
  private readonly active = new Set<string>();
  private wanted = false;
  private asked = false;
  private readonly send: (event: WireEvent) => void;

  constructor(send: (event: WireEvent) => void) {
    this.send = send;
  }

  get busy(): boolean {
    return this.active.size > 0;
  }

  request(): void {
    this.wanted = true;
    this.ask();
  }

  observe(event: WireEvent): void {
    const id = String((event['response'] as { id?: unknown } | undefined)?.id);
    if (event.type === 'response.created') {
      this.active.add(id);
      this.asked = false;
    } else if (event.type === 'response.done') {
      this.active.delete(id);
      this.ask();
    } else if (event.type === 'error' && (event['error'] as { code?: unknown } | undefined)?.code === BUSY && this.asked) {
      this.asked = false;
      this.wanted = true;
    }
  }

  reset(): void {
    this.active.clear();
    this.wanted = false;
    this.asked = false;
  }

  private ask(): void {
    if (!this.wanted || this.busy) return;
    this.wanted = false;
    this.asked = true;
    this.send({ type: 'response.create' });
  }
}
