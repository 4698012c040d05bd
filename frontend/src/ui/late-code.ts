/**
 * Code that is fetched when it is first needed. A bad connection may swallow it: nothing else of the page is
 * lost then, and it is asked for again.
 */
import { fetchStylesAgain, importAfresh, loadNoting, type Missing, whyMissing } from './page-files.ts';

export interface LateState<T> {
  module: T | null;
  /** Why the last attempt failed; null while none has. */
  missing: Missing | null;
  /** It is being asked for again. */
  isRetrying: boolean;
}

/** What somebody gets who cannot go on without the code. */
export class NotLoadedError extends Error {
  override name = 'NotLoadedError';
}

const RETRY_AFTER_MS = [2_000, 8_000, 30_000];
/** An import has no time-out of its own. One that comes later is found by the next attempt. */
const ATTEMPT_TIMEOUT_MS = 20_000;

export class LateCode<T extends object> {
  private readonly load: () => Promise<T>;
  private readonly listeners = new Set<() => void>();
  private readonly styles = new Set<string>();
  private state: LateState<T> = { module: null, missing: null, isRetrying: false };
  private asking: Promise<void> | null = null;
  private failures = 0;
  private failedAtMs = 0;
  private waits = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param load `() => import('./part.tsx')` and no more: which file it is can be read in it. */
  constructor(load: () => Promise<T>) {
    this.load = load;
  }

  get = (): LateState<T> => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /**
   * Ask for it unless it is here or on its way. Never rejects: `get` says what came of it. After a failure it
   * is asked for thrice more by itself, and whenever the browser is online again.
   */
  ask = (): Promise<void> => {
    if (this.state.module) return Promise.resolve();
    this.asking ??= this.attempt().finally(() => {
      this.asking = null;
    });
    return this.asking;
  };

  /** Somebody new wants it: a reason to ask again for what was missing a while ago. */
  wanted = (): void => {
    if (this.state.missing && Date.now() - this.failedAtMs >= (RETRY_AFTER_MS[0] ?? 0)) void this.ask();
  };

  /** @throws NotLoadedError */
  async need(): Promise<T> {
    await this.ask();
    if (!this.state.module) throw new NotLoadedError();
    return this.state.module;
  }

  private readonly online = (): void => {
    this.waits = 0;
    void this.ask();
  };

  private async attempt(): Promise<void> {
    clearTimeout(this.timer);
    if (this.state.missing) this.tell({ ...this.state, isRetrying: true });
    try {
      const module = await inTime(this.fetch());
      removeEventListener('online', this.online);
      this.tell({ module, missing: null, isRetrying: false });
    } catch {
      this.failures += 1;
      this.tell({ module: null, missing: await whyMissing(), isRetrying: false });
      this.failedAtMs = Date.now();
      addEventListener('online', this.online);
      const waitMs = RETRY_AFTER_MS[this.waits++];
      if (waitMs !== undefined) this.timer = setTimeout(this.ask, waitMs);
    }
  }

  private async fetch(): Promise<T> {
    if (this.failures === 0) return loadNoting(this.load, this.styles);
    await fetchStylesAgain(this.styles);
    return loadNoting(this.load, this.styles).catch((error: unknown) => importAfresh(this.load, error, this.failures));
  }

  private tell(state: LateState<T>): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

function inTime<T>(coming: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new NotLoadedError()), ATTEMPT_TIMEOUT_MS);
    coming.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
