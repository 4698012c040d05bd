import { ApiError } from '../api/api-error.ts';
import type { LiveItem } from '../api/live.ts';
import { realtimeSubprotocols } from '../api/realtime.ts';
import type { RealtimeSessionGrant } from '../api/types.ts';
import {
  cancelFrame,
  errorOf,
  itemOf,
  outcomeOf,
  readServerEvent,
  respondFrame,
  type ServerEvent,
  textOf,
  userMessageFrame,
} from './text-session-frames.ts';

export interface TextSessionState {
  /** All lines said in this session, oldest first. */
  items: readonly LiveItem[];
  /** An answer is being made. */
  isAnswering: boolean;
  /** Why the last answer did not come; the question itself is stored. */
  answerError: ApiError | null;
}

export interface TextSessionOptions {
  /** Null: the server makes a conversation. */
  conversationId: string | null;
  mint(conversationId: string | null): Promise<RealtimeSessionGrant>;
  onConversation(conversationId: string): void;
  /** Called at most once per animation frame, however many deltas arrive. */
  onState(state: TextSessionState): void;
  openSocket?(url: string, protocols: string[]): WebSocket;
  requestFrame?(callback: () => void): number;
  idleMs?: number;
  openTimeoutMs?: number;
}

interface Pending {
  itemId: string;
  resolve(): void;
  reject(error: ApiError): void;
}

const IDLE_MS = 60_000;
const OPEN_TIMEOUT_MS = 15_000;
const ACKNOWLEDGE_TIMEOUT_MS = 15_000;

const REASON_BY_CLOSE: Readonly<Record<number, string>> = {
  1012: 'The server is restarting. Try again in a moment.',
  1013: 'The server is overloaded. Try again in a moment.',
  4401: 'You are signed out. Sign in again.',
  4402: 'Your allowance is used up.',
  4403: 'This is not allowed here.',
  4404: 'This conversation no longer exists.',
  4410: 'The session was ended by an administrator.',
  4429: 'Too many conversations are running at once. Close one and try again.',
  4502: 'The assistant cannot be reached. Try again.',
  4504: 'The assistant did not answer in time. Try again.',
};

const closeError = (code: number, reason: string): ApiError =>
  new ApiError(0, reason || `closed_${code}`, REASON_BY_CLOSE[code] ?? 'The connection was lost. Try again.');

/**
 * A conversation in writing over the Realtime protocol: opened by the first message, closed when nobody
 * has written for a while, opened again by the next. `close()` must be called when the page leaves it.
 */
export class TextSession {
  readonly #options: TextSessionOptions;
  readonly #items = new Map<string, LiveItem>();
  readonly #pending = new Map<string, Pending>();
  #conversationId: string | null;
  #socket: WebSocket | null = null;
  #opening: Promise<WebSocket> | null = null;
  #sequence = 0;
  #isAnswering = false;
  #isAnswerOwed = false;
  #answerError: ApiError | null = null;
  #isFrameAsked = false;
  #isClosed = false;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TextSessionOptions) {
    this.#options = options;
    this.#conversationId = options.conversationId;
  }

  /** Resolves when the server has taken the message; throws ApiError when it has not, and the text is the caller's to keep. */
  async send(text: string): Promise<void> {
    const socket = await this.#open();
    this.#sequence += 1;
    const eventId = `evt_text_${this.#sequence}`;
    // OpenAI caps client-made item ids at 32 characters.
    const itemId = `item_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;
    const taken = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new ApiError(0, 'timeout', 'The server did not take the message. Try again.')),
        ACKNOWLEDGE_TIMEOUT_MS,
      );
      this.#pending.set(eventId, {
        itemId,
        resolve: () => (clearTimeout(timer), resolve()),
        reject: (error) => (clearTimeout(timer), reject(error)),
      });
    });
    this.#answerError = null;
    socket.send(userMessageFrame(eventId, itemId, text));
    try {
      await taken;
    } finally {
      this.#pending.delete(eventId);
    }
    this.#put({ itemId, role: 'user', text, isFinal: true, status: 'completed' });
    this.#ask();
  }

  /** Asks for the answer that failed to come. */
  async retryAnswer(): Promise<void> {
    this.#answerError = null;
    await this.#open();
    this.#ask();
  }

  stopAnswer(): void {
    this.#isAnswerOwed = false;
    if (this.#isAnswering) this.#socket?.send(cancelFrame());
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  #ask(): void {
    this.#isAnswerOwed = true;
    this.#answerIfFree();
    this.#changed();
  }

  /** One response at a time: what is owed waits for `response.done`. */
  #answerIfFree(): void {
    if (!this.#isAnswerOwed || this.#isAnswering || !this.#socket) return;
    this.#isAnswerOwed = false;
    this.#isAnswering = true;
    this.#sequence += 1;
    this.#socket.send(respondFrame(`evt_respond_${this.#sequence}`));
  }

  #open(): Promise<WebSocket> {
    if (this.#isClosed) return Promise.reject(new ApiError(0, 'closed', 'This page was left.'));
    if (this.#socket) return Promise.resolve(this.#socket);
    this.#opening ??= this.#dial().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #dial(): Promise<WebSocket> {
    const grant = await this.#options.mint(this.#conversationId);
    if (this.#conversationId !== grant.conversation_id) {
      this.#conversationId = grant.conversation_id;
      this.#options.onConversation(grant.conversation_id);
    }
    const openSocket = this.#options.openSocket ?? ((url, protocols) => new WebSocket(url, protocols));
    const socket = openSocket(grant.url, realtimeSubprotocols(grant.api_key));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new ApiError(0, 'timeout', 'The assistant did not answer in time. Try again.'));
        socket.close(1000);
      }, this.#options.openTimeoutMs ?? OPEN_TIMEOUT_MS);
      socket.addEventListener('message', (message) => {
        const event = readServerEvent(message.data);
        if (event?.type === 'session.created') {
          clearTimeout(timer);
          resolve();
        }
        if (event) this.#receive(event);
      });
      socket.addEventListener('close', (event) => {
        clearTimeout(timer);
        const error = closeError(event.code, event.reason);
        reject(error);
        if (this.#socket === socket) this.#lost(error);
      });
    });
    if (this.#isClosed) {
      socket.close(1000);
      throw new ApiError(0, 'closed', 'This page was left.');
    }
    this.#socket = socket;
    this.#restIdle();
    return socket;
  }

  #lost(error: ApiError): void {
    this.#socket = null;
    clearTimeout(this.#idleTimer);
    for (const pending of this.#pending.values()) pending.reject(error);
    if (this.#isAnswering) this.#answerError = error;
    this.#isAnswering = false;
    this.#isAnswerOwed = false;
    for (const item of this.#items.values()) {
      if (!item.isFinal) this.#put({ ...item, isFinal: true, status: 'failed' });
    }
    this.#changed();
  }

  #receive(event: ServerEvent): void {
    this.#restIdle();
    const itemId = textOf(event['item_id']);
    switch (event.type) {
      case 'conversation.item.added':
      case 'conversation.item.created':
        this.#itemAdded(itemOf(event));
        break;
      case 'response.created':
        this.#isAnswering = true;
        break;
      case 'response.output_text.delta':
      case 'response.output_audio_transcript.delta':
        this.#append(itemId, textOf(event['delta']));
        break;
      case 'response.output_text.done':
        this.#finish(itemId, textOf(event['text']));
        break;
      case 'response.output_audio_transcript.done':
        this.#finish(itemId, textOf(event['transcript']));
        break;
      case 'response.done':
        this.#responseDone(outcomeOf(event));
        break;
      case 'error':
        this.#refused(errorOf(event));
        break;
      default:
        return;
    }
    this.#changed();
  }

  #itemAdded(item: { id: string; role: string; type: string }): void {
    for (const pending of this.#pending.values()) {
      if (pending.itemId === item.id) pending.resolve();
    }
    if (item.role === 'assistant' && item.type === 'message' && !this.#items.has(item.id)) {
      this.#put({ itemId: item.id, role: 'assistant', text: '', isFinal: false, status: 'in_progress' });
    }
  }

  #append(itemId: string, delta: string): void {
    const item = this.#items.get(itemId);
    this.#put({
      itemId,
      role: 'assistant',
      text: (item?.text ?? '') + delta,
      isFinal: false,
      status: 'in_progress',
    });
  }

  #finish(itemId: string, text: string): void {
    this.#put({ itemId, role: 'assistant', text, isFinal: true, status: 'completed' });
  }

  #responseDone(outcome: { status: string; code: string; message: string }): void {
    this.#isAnswering = false;
    for (const item of this.#items.values()) {
      if (!item.isFinal) this.#put({ ...item, isFinal: true, status: 'completed' });
    }
    if (outcome.status === 'failed') {
      this.#answerError = new ApiError(
        0,
        outcome.code || 'response_failed',
        outcome.message || 'The assistant could not answer.',
      );
    }
    this.#answerIfFree();
  }

  #refused(error: { code: string; message: string; eventId: string }): void {
    const refusal = new ApiError(0, error.code, error.message);
    const pending = this.#pending.get(error.eventId);
    if (pending) {
      pending.reject(refusal);
    } else if (error.eventId.startsWith('evt_respond_')) {
      this.#isAnswering = false;
      this.#answerError = refusal;
    }
  }

  #put(item: LiveItem): void {
    this.#items.set(item.itemId, item);
  }

  #restIdle(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      if (this.#isAnswering || this.#pending.size > 0) return this.#restIdle();
      const socket = this.#socket;
      this.#socket = null;
      socket?.close(1000);
    }, this.#options.idleMs ?? IDLE_MS);
  }

  #changed(): void {
    if (this.#isFrameAsked) return;
    this.#isFrameAsked = true;
    (this.#options.requestFrame ?? requestAnimationFrame)(() => {
      this.#isFrameAsked = false;
      if (this.#isClosed) return;
      this.#options.onState({
        items: [...this.#items.values()],
        isAnswering: this.#isAnswering || this.#isAnswerOwed,
        answerError: this.#answerError,
      });
    });
  }
}
