import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { importAfresh, whyMissing } from './page-files.ts';

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('document', { querySelector: () => ({ getAttribute: () => '/static/assets/main-old.js' }) });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const pageWith = (entry: string): Response => new Response(`<script type="module" src="${entry}"></script>`);

it('knows a server that has another build by now from one that gives no answer', async () => {
  fetched.mockResolvedValueOnce(pageWith('/static/assets/main-new.js'));
  expect(await whyMissing()).toBe('renewed');
  fetched.mockResolvedValueOnce(pageWith('/static/assets/main-old.js'));
  expect(await whyMissing()).toBe('refused');
  fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
  expect(await whyMissing()).toBe('unreachable');
  fetched.mockResolvedValueOnce(new Response('', { status: 502 }));
  expect(await whyMissing()).toBe('unreachable');
});

it('gives the first failure back where the browser names no file', async () => {
  const error = new TypeError('Importing a module script failed.');
  await expect(importAfresh(error, 1)).rejects.toBe(error);
});
