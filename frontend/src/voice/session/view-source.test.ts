import { expect, test, vi } from 'vitest';

import { ViewSource } from './view-source.ts';

function watched() {
  const shown = { state: 'listening' };
  const frames: (() => void)[] = [];
  const source = new ViewSource(() => ({ ...shown }), (run) => frames.push(run));
  const heard = vi.fn<() => void>();
  const leave = source.subscribe(heard);
  return { shown, frames, source, heard, leave };
}

test('what changed is told with the next frame, once', () => {
  const { shown, frames, source, heard } = watched();
  expect(source.get().state).toBe('listening');
  shown.state = 'speaking';
  source.changed();
  source.changed();
  expect([heard.mock.calls.length, frames.length]).toEqual([0, 1]);
  frames[0]?.();
  expect(heard).toHaveBeenCalledOnce();
  expect(source.get().state).toBe('speaking');
});

test('what looks the same asks for no frame and stays the same picture', () => {
  const { frames, source } = watched();
  const before = source.get();
  source.changed();
  expect(frames).toEqual([]);
  expect(source.get()).toBe(before);
});

test('while nobody looks no frame is asked for, and whoever looks sees what is', () => {
  const { shown, frames, source, leave } = watched();
  expect(source.get().state).toBe('listening');
  leave();
  shown.state = 'ended';
  source.changed();
  expect(frames).toEqual([]);
  expect(source.get().state).toBe('ended');
});
