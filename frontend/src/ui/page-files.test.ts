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

/** Fails as it stands; what counts is that it names its file. */
const importPart = (): Promise<object> => Promise.reject(new Error('/part-1.js'));

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

it('imports nothing in place of the file that failed', async () => {
  for (const named of ['Importing a module script failed.', 'error loading module: https://host/assets/needed-1.js']) {
    const error = new TypeError(named);
    await expect(importAfresh(importPart, error, 1)).rejects.toBe(error);
  }
  const own = new TypeError('error loading module: https://host/assets/part-1.js');
  await expect(importAfresh(importPart, own, 1)).rejects.not.toBe(own);
});
