import { describe, expect, test } from 'vitest';

import { Scene } from './conversation-script.ts';
import type { TranscriptUpdate } from './live-transcript.ts';

describe('LiveTranscript', () => {
  test('both sides are announced, partial and final, and the answer in step with its sound', async () => {
    const scene = new Scene();
    const updates: TranscriptUpdate[] = [];
    scene.call.listeners = { transcript: (update) => updates.push(update) };
    await scene.connected();
    scene.hears(
      { type: 'input_audio_buffer.speech_started', item_id: 'u1' },
      { type: 'conversation.item.input_audio_transcription.delta', item_id: 'u1', delta: 'go for' },
      { type: 'conversation.item.input_audio_transcription.completed', item_id: 'u1', transcript: 'Go forward.' },
    );
    scene.bot('a1', 'Going forward ten meters now');
    expect(scene.call.getView().items[1]).toMatchObject({ text: '', isFinal: false });
    scene.plays({ type: 'started', item_id: 'a1' });
    scene.plays({ type: 'progress', item_id: 'a1', played_ms: 300, buffered_ms: 700, rms: 0.1 });
    expect(scene.call.getView().items[1]?.text).toBe('Going forward');
    scene.plays({ type: 'finished', item_id: 'a1', played_ms: 1000 });
    expect(updates).toEqual([
      { text: 'go for', is_final: false, role: 'user' },
      { text: 'Go forward.', is_final: true, role: 'user' },
      { text: 'Going forward', is_final: false, role: 'assistant' },
      { text: 'Going forward ten meters now', is_final: true, role: 'assistant' },
    ]);
    expect(scene.call.getView().turns).toBe(1);
  });

  test('typed words and text answers are lines too', async () => {
    const scene = await new Scene().connected();
    scene.hears(
      {
        type: 'conversation.item.added',
        item: { id: 'u1', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      },
      { type: 'response.output_text.delta', item_id: 'a1', delta: 'Hel' },
      { type: 'response.output_text.delta', item_id: 'a1', delta: 'lo' },
      { type: 'response.output_text.done', item_id: 'a1', text: 'Hello' },
      { type: 'response.done', response: { id: 'r', status: 'completed', output: [{ id: 'a1' }] } },
    );
    expect(scene.call.getView().items).toEqual([
      { itemId: 'u1', role: 'user', text: 'hi', isFinal: true, status: 'completed' },
      { itemId: 'a1', role: 'assistant', text: 'Hello', isFinal: true, status: 'completed' },
    ]);
  });

  test('sound that makes no further word audible changes nothing that is shown', async () => {
    const scene = await new Scene().connected();
    scene.bot('a1', 'Going forward ten meters now');
    scene.plays({ type: 'started', item_id: 'a1' });
    scene.plays({ type: 'progress', item_id: 'a1', played_ms: 300, buffered_ms: 700, rms: 0.1 });
    const before = scene.call.getView();
    scene.plays({ type: 'progress', item_id: 'a1', played_ms: 301, buffered_ms: 699, rms: 0.1 });
    expect(scene.call.getView().items).toBe(before.items);
    scene.plays({ type: 'finished', item_id: 'a1', played_ms: 1000 });
    expect(scene.call.getView().items).not.toBe(before.items);
  });

  test('what was never finished is settled when the call ends', async () => {
    const scene = await new Scene().connected();
    scene.hears({ type: 'input_audio_buffer.speech_started', item_id: 'u1' });
    scene.bot('a1', 'Hello how are you');
    scene.plays({ type: 'started', item_id: 'a1' });
    scene.plays({ type: 'progress', item_id: 'a1', played_ms: 500, buffered_ms: 500, rms: 0.1 });
    scene.call.end();
    expect(scene.call.getView().items).toEqual([
      {
        itemId: 'a1',
        role: 'assistant',
        text: 'Hello how are you',
        isFinal: true,
        status: 'interrupted',
        heardText: 'Hello how',
      },
    ]);
  });
});
