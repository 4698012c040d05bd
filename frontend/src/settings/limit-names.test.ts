import { expect, it } from 'vitest';

import { limitLines } from './limit-names.ts';

it('names limits and gives their amounts in units people use', () => {
  expect(limitLines({ session_sec: 3600, frame_bytes: 4_194_304, tools: 128, idle_sec: 45 })).toEqual([
    { name: 'session_sec', label: 'Longest call', value: '60 min' },
    { name: 'frame_bytes', label: 'Largest frame', value: '4 MiB' },
    { name: 'tools', label: 'Tools per session', value: '128' },
    { name: 'idle_sec', label: 'A silent call ends after', value: '45 s' },
  ]);
});

it('shows a limit it does not know by its own name', () => {
  expect(limitLines({ upload_bytes: 512, nothing: null })).toEqual([
    { name: 'upload_bytes', label: 'upload bytes', value: '512 B' },
  ]);
});
