import { randomBytes } from 'node:crypto';

import { expect, it } from 'vitest';

import { type BundleFile, measureBundle } from './chunk-budgets.ts';

/** Bytes that gzip cannot shorten, so that sizes are what they say. */
const kib = (count: number): Uint8Array => randomBytes(count * 1024);

const chunk = (over: Partial<BundleFile> & { fileName: string }): BundleFile => ({
  source: '',
  imports: [],
  modules: ['/src/any.ts'],
  isEntry: false,
  css: [],
  ...over,
});

const sizes = (files: BundleFile[]): number[] => measureBundle(files).map((m) => Math.floor(m.gzipKiB));

it('counts what the entry imports as eager, with its styles', () => {
  const files = [
    chunk({ fileName: 'main.js', source: kib(3), imports: ['shared.js'], isEntry: true, css: ['main.css'] }),
    chunk({ fileName: 'shared.js', source: kib(2) }),
    chunk({ fileName: 'main.css', source: kib(1), modules: [] }),
    chunk({ fileName: 'lazy.js', source: kib(9) }),
  ];
  expect(sizes(files)).toEqual([5, 1, 0, 0]);
});

it('counts for a lazy chunk only what it adds, and worklets with voice', () => {
  const files = [
    chunk({ fileName: 'main.js', source: kib(1), imports: ['shared.js'], isEntry: true }),
    chunk({ fileName: 'shared.js', source: kib(4) }),
    chunk({
      fileName: 'voice.js',
      source: kib(2),
      imports: ['shared.js', 'machine.js'],
      modules: ['/x/src/voice/voice-mode-panel.tsx'],
    }),
    chunk({ fileName: 'machine.js', source: kib(3) }),
    chunk({ fileName: 'capture.worklet.js', source: kib(1), modules: [] }),
    chunk({ fileName: 'markdown.js', source: kib(6), modules: ['/x/src/chat/markdown.tsx'] }),
  ];
  expect(sizes(files)).toEqual([5, 0, 6, 6]);
});
