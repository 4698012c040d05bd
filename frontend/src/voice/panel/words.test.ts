import { describe, expect, test } from 'vitest';

import { Scene } from '../session/conversation-script.ts';
import { connectionWord, hintWords, stateWords } from './words.ts';

describe('words of a call', () => {
  test('a muted microphone is named while the assistant speaks too', async () => {
    const scene = (await new Scene().connected()).bot('a1', 'Hello');
    scene.plays({ type: 'started', item_id: 'a1' });
    expect(stateWords(scene.call.getView())).toBe('Speaking');
    expect(hintWords(scene.call.getView())).toBe('Tap or press Esc to interrupt');
    scene.call.setMuted(true);
    expect(stateWords(scene.call.getView())).toBe('Speaking · Muted');
  });

  test('speech into a muted microphone earns a hint', async () => {
    const scene = await new Scene().connected();
    scene.call.setMuted(true);
    expect([stateWords(scene.call.getView()), hintWords(scene.call.getView())]).toEqual(['Muted', '']);
    scene.microphone(0.2, false);
    expect(hintWords(scene.call.getView())).toBe('You’re muted — press M');
  });

  test('the connection has a word of its own', async () => {
    const scene = new Scene();
    expect(connectionWord(scene.call.getView())).toBe('Not connected');
    await scene.connected();
    expect(connectionWord(scene.call.getView())).toBe('Connected');
    scene.closes(1006);
    expect(connectionWord(scene.call.getView())).toBe('Reconnecting');
    expect(stateWords(scene.call.getView())).toBe('Connection lost. Reconnecting (1/5)…');
    scene.call.end();
    expect(stateWords(scene.call.getView())).toBe('Call ended');
  });
});
