/** A browser that does not tell when it is idle has drawn the first screen by then. */
const IDLE_AFTER_MS = 2_000;

/** Run it once the browser has nothing better to do. Answers what calls it off. */
export function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(run, IDLE_AFTER_MS);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run);
  return () => cancelIdleCallback(handle);
}
