/** The built files of this page: getting past what browsers remember of a failure, and why one is missing. */

/** `unreachable`: no answer. `renewed`: the server has another build by now. `refused`: neither explains it. */
export type Missing = 'unreachable' | 'renewed' | 'refused';

const ANSWER_TIMEOUT_MS = 4_000;

// Vite adds the style sheet of a part once, whatever becomes of it; such errors do not bubble.
const unstyled = new Set<HTMLLinkElement>();
/** What became of those that were fetched again, by address. */
const coming = new Map<string, Promise<unknown>>();
globalThis.addEventListener?.(
  'error',
  ({ target }) => {
    if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') unstyled.add(target);
  },
  true,
);

/** Begin a load and add to `own` the addresses of the style sheets it asks for, which Vite does at once. */
export function loadNoting<T>(load: () => Promise<T>, own: Set<string>): Promise<T> {
  const known = document.head.childElementCount;
  const loading = load();
  for (const added of [...document.head.children].slice(known)) {
    if (added instanceof HTMLLinkElement && added.rel === 'stylesheet') own.add(added.href);
  }
  return loading;
}

/** Fetch all style sheets that did not come, each in its own place. Rejects when one of `own` fails again. */
export async function fetchStylesAgain(own: ReadonlySet<string>): Promise<void> {
  const lost = [...unstyled];
  unstyled.clear();
  for (const link of lost) {
    const again = link.cloneNode() as HTMLLinkElement;
    const settled = new Promise<unknown>((resolve, reject) => {
      again.onload = resolve;
      again.onerror = reject;
    });
    // Nobody may wait for it.
    settled.catch(() => undefined);
    coming.set(again.href, settled);
    link.replaceWith(again);
  }
  await Promise.all([...own].map((address) => coming.get(address)));
}

/**
 * Import under a new address what could not be imported under its own. Firefox before HTML's change of 2026
 * remembers a failed module for as long as the page lives; Chromium asks again by itself.
 * @param load what imports it under its own address.
 * @param error what that was rejected with; it names a file that failed. Thrown again where that is not the
 *   file which `load` imports but one that it needs, whose failure only a new page forgets.
 */
export async function importAfresh<T extends object>(load: () => Promise<T>, error: unknown, attempt: number): Promise<T> {
  const [address, file] = /https?:\S+(\/[^/]+\.js)$/.exec(error instanceof Error ? error.message : '') ?? [];
  if (!address || !file || !String(load).includes(file)) throw error;
  const module = (await import(/* @vite-ignore */ `${address}?again=${attempt}`)) as T;
  // A file that holds more than the one part names its exports anew, and `load` alone knows how.
  if (!('default' in module)) throw error;
  return module;
}

/** Compares the page that the server gives now with the one that runs. Never rejects. */
export async function whyMissing(): Promise<Missing> {
  const entry = document.querySelector('script[type=module][src]')?.getAttribute('src') ?? '';
  try {
    const answer = await fetch('/', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    if (!answer.ok) return 'unreachable';
    return (await answer.text()).includes(entry) ? 'refused' : 'renewed';
  } catch {
    return 'unreachable';
  }
}
