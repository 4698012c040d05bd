import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { LateCode, NotLoadedError } from './late-code.ts';
import { fetchStylesAgain, importAfresh, loadNoting, whyMissing } from './page-files.ts';

vi.mock('./page-files.ts', { spy: true });

const PART = { default: 'the part' };
const LOST = new TypeError('Failed to fetch dynamically imported module: https://host/static/assets/part-1.js');
let page: EventTarget;
/** What imports the part. */
const importing = () => vi.fn<() => Promise<typeof PART>>();

beforeEach(() => {
  vi.useFakeTimers();
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.mocked(loadNoting).mockImplementation((load) => load());
  vi.mocked(fetchStylesAgain).mockResolvedValue();
  vi.mocked(importAfresh).mockImplementation((_load, error) => Promise.reject(error));
  vi.mocked(whyMissing).mockResolvedValue('unreachable');
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

it('asks once, however many want it, and keeps what came', async () => {
  const load = importing().mockResolvedValue(PART);
  const code = new LateCode(load);
  expect(code.ask()).toBe(code.ask());
  await code.ask();
  await code.ask();
  code.wanted();
  expect(code.get()).toEqual({ module: PART, missing: null, isRetrying: false });
  expect(load).toHaveBeenCalledTimes(1);
});

it('says why it is missing, and tells everybody who waits when it came after all', async () => {
  vi.mocked(whyMissing).mockResolvedValue('renewed');
  const load = importing().mockRejectedValueOnce(LOST).mockResolvedValue(PART);
  const code = new LateCode(load);
  const seen: unknown[] = [];
  code.subscribe(() => seen.push([code.get().missing, code.get().isRetrying, code.get().module]));
  await code.ask();
  await code.ask();
  expect(seen).toEqual([
    ['renewed', false, null],
    ['renewed', true, null],
    [null, false, PART],
  ]);
});

it('tries three times more by itself, and then waits for a reason', async () => {
  const load = importing().mockRejectedValue(LOST);
  const code = new LateCode(load);
  await code.ask();
  const attemptsAfter = async (waitMs: number) => {
    await vi.advanceTimersByTimeAsync(waitMs);
    return load.mock.calls.length;
  };
  expect(await attemptsAfter(1_999)).toBe(1);
  expect(await attemptsAfter(1)).toBe(2);
  expect(await attemptsAfter(8_000)).toBe(3);
  expect(await attemptsAfter(30_000)).toBe(4);
  expect(await attemptsAfter(3_600_000)).toBe(4);
  code.wanted();
  expect(await attemptsAfter(0)).toBe(5);
  code.wanted();
  expect(await attemptsAfter(0)).toBe(5);
  page.dispatchEvent(new Event('online'));
  expect(await attemptsAfter(0)).toBe(6);
  expect(await attemptsAfter(2_000)).toBe(7);
});

it('leaves the page alone once it is there', async () => {
  const load = importing().mockRejectedValueOnce(LOST).mockResolvedValue(PART);
  const code = new LateCode(load);
  await code.ask();
  page.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(60_000);
  page.dispatchEvent(new Event('online'));
  expect(load).toHaveBeenCalledTimes(2);
});

it('asks for lost style sheets first, and under a new address where the browser remembers the failure', async () => {
  const load = importing().mockRejectedValue(LOST);
  const code = new LateCode(load);
  await code.ask();
  expect(importAfresh).not.toHaveBeenCalled();
  vi.mocked(fetchStylesAgain).mockRejectedValueOnce(new Error('no style'));
  await code.ask();
  expect(load).toHaveBeenCalledTimes(1);
  vi.mocked(importAfresh).mockResolvedValueOnce(PART);
  await code.ask();
  expect(importAfresh).toHaveBeenCalledWith(load, LOST, 2);
  expect(code.get().module).toBe(PART);
});

it('does not wait for ever, and takes what came later', async () => {
  const line = new EventTarget();
  const coming = new Promise<typeof PART>((resolve) => {
    line.addEventListener('mended', () => resolve(PART));
  });
  const code = new LateCode(() => coming);
  void code.ask();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(code.get().missing).toBe('unreachable');
  line.dispatchEvent(new Event('mended'));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(code.get().module).toBe(PART);
});

it('fails those by name who cannot go on without it', async () => {
  const load = importing().mockRejectedValueOnce(LOST).mockResolvedValue(PART);
  const code = new LateCode(load);
  await expect(code.need()).rejects.toThrow(NotLoadedError);
  expect(await code.need()).toBe(PART);
});
