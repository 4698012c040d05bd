import { beforeEach, describe, expect, it, vi } from 'vitest';

import { TextSession, type TextSessionState } from './text-session.ts';

class FakeSocket extends EventTarget {
  readonly sent: Array<Record<string, unknown>> = [];
  closedWith: number | null = null;
  readonly protocols: string[];
  constructor(protocols: string[]) {
    super();
    this.protocols = protocols;
  }
  send(frame: string): void {
    this.sent.push(JSON.parse(frame) as Record<string, unknown>);
  }
  close(code?: number): void {
    this.closedWith = code ?? 1005;
  }
  receive(event: object): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(event) }));
  }
  drop(code: number, reason = ''): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason }));
  }
  lastItemId(): string {
    const create = this.sent.findLast((frame) => frame['type'] === 'conversation.item.create');
    return (create!['item'] as { id: string }).id;
  }
  types(): unknown[] {
    return this.sent.map((frame) => frame['type']);
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('a typed conversation', () => {
  let sockets: FakeSocket[];
  let state: TextSessionState | null;
  let paints: number;
  let conversations: string[];
  let frames: Array<() => void>;
  let session: TextSession;

  const paint = (): void => {
    for (const frame of frames.splice(0)) frame();
  };

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    state = null;
    paints = 0;
    conversations = [];
    frames = [];
    session = new TextSession({
      conversationId: null,
      mint: async (conversationId) => ({
        url: 'ws://host/v1/realtime',
        model: 'm',
        api_key: 'ek_secret',
        session_id: 'rtc_1_x',
        expires_at: 0,
        conversation_id: conversationId ?? 'new',
        voice_config: {
          voice: 'v',
          modalities: ['text'],
          input_audio_format: 'pcm16',
          output_audio_format: 'pcm16',
          input_audio_transcription: null,
          turn_detection: null,
        },
      }),
      onConversation: (id) => conversations.push(id),
      onState: (next) => {
        state = next;
        paints += 1;
      },
      openSocket: (_url, protocols) => {
        const socket = new FakeSocket(protocols);
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      requestFrame: (callback) => frames.push(callback),
      idleMs: 60_000,
    });
    return () => vi.useRealTimers();
  });

  async function say(text: string): Promise<FakeSocket> {
    const sent = session.send(text);
    await settle();
    const socket = sockets.at(-1)!;
    socket.receive({ type: 'session.created' });
    await settle();
    socket.receive({
      type: 'conversation.item.added',
      item: { id: socket.lastItemId(), role: 'user', type: 'message' },
    });
    await sent;
    return socket;
  }

  it('opens with the secret as subprotocol and tells which conversation it is', async () => {
    const socket = await say('hi');
    expect(socket.protocols).toEqual([
      'realtime',
      'openai-insecure-api-key.ek_secret',
      'voiceassist.v1',
    ]);
    expect(conversations).toEqual(['new']);
    expect(socket.types()).toEqual(['conversation.item.create', 'response.create']);
  });

  it('sends nothing before session.created', async () => {
    void session.send('hi').catch(() => undefined);
    await settle();
    expect(sockets[0]?.sent).toEqual([]);
  });

  it('paints many deltas once per animation frame', async () => {
    const socket = await say('hi');
    paint();
    const before = paints;
    for (const delta of ['One', ' two', ' three']) {
      socket.receive({ type: 'response.output_text.delta', item_id: 'A', delta });
    }
    expect(paints).toBe(before);
    paint();
    expect(paints).toBe(before + 1);
    expect(state?.items.at(-1)).toMatchObject({ itemId: 'A', text: 'One two three', isFinal: false });
  });

  it('takes the final text as the server gives it', async () => {
    const socket = await say('hi');
    socket.receive({ type: 'response.output_text.delta', item_id: 'A', delta: 'On' });
    socket.receive({ type: 'response.output_text.done', item_id: 'A', text: 'One.' });
    socket.receive({ type: 'response.done', response: { status: 'completed' } });
    paint();
    expect(state?.items.at(-1)).toMatchObject({ text: 'One.', isFinal: true });
    expect(state?.isAnswering).toBe(false);
  });

  it('rejects when the server refuses the message, so that the text stays with its writer', async () => {
    const sent = session.send('x');
    const refusal = expect(sent).rejects.toMatchObject({ code: 'invalid_value', detail: 'No.' });
    await settle();
    const socket = sockets[0]!;
    socket.receive({ type: 'session.created' });
    await settle();
    socket.receive({
      type: 'error',
      error: { code: 'invalid_value', message: 'No.', event_id: socket.sent[0]?.['event_id'] },
    });
    await refusal;
    expect(socket.types()).toEqual(['conversation.item.create']);
  });

  it('rejects when the connection is lost before the message was taken', async () => {
    const sent = session.send('x');
    const refusal = expect(sent).rejects.toMatchObject({ code: 'server_restarting' });
    await settle();
    sockets[0]?.receive({ type: 'session.created' });
    await settle();
    sockets[0]?.drop(1012, 'server_restarting');
    await refusal;
  });

  it('asks for the second answer only when the first is done', async () => {
    const socket = await say('one');
    const second = session.send('two');
    await settle();
    socket.receive({
      type: 'conversation.item.added',
      item: { id: socket.lastItemId(), role: 'user', type: 'message' },
    });
    await second;
    expect(socket.types().filter((type) => type === 'response.create')).toHaveLength(1);
    socket.receive({ type: 'response.done', response: { status: 'completed' } });
    expect(socket.types().filter((type) => type === 'response.create')).toHaveLength(2);
  });

  it('shows why an answer failed and asks again on demand', async () => {
    const socket = await say('hi');
    socket.receive({
      type: 'response.done',
      response: { status: 'failed', status_details: { error: { code: 'busy', message: 'Busy.' } } },
    });
    paint();
    expect(state?.answerError).toMatchObject({ code: 'busy', detail: 'Busy.' });
    await session.retryAnswer();
    paint();
    expect(state).toMatchObject({ answerError: null, isAnswering: true });
  });

  it('closes when nobody writes and opens anew in the same conversation', async () => {
    const socket = await say('hi');
    socket.receive({ type: 'response.done', response: { status: 'completed' } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.closedWith).toBe(1000);
    await say('again');
    expect(sockets).toHaveLength(2);
    expect(conversations).toEqual(['new']);
  });

  it('stays open while an answer is being made', async () => {
    const socket = await say('hi');
    await vi.advanceTimersByTimeAsync(90_000);
    expect(socket.closedWith).toBeNull();
  });

  it('gives up when the session does not open in time', async () => {
    const refusal = expect(session.send('x')).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(15_000);
    await refusal;
  });
});
