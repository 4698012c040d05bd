// What a session told so far, and waiting for more of it. Runs in Node and in a page.

const TIMEOUT_MS = 40_000;
export const FRAME_BYTES = 9_600;
export const BARGE_IN_BYTES = 72_000; // 1.5 s
// The demonstration voice says again what it has no answer to: minutes of speech to interrupt.
export const LONG_WORDS = 'The committee considered the harvest and adjourned. '.repeat(100);
export const WEATHER_REPORT = 'It is foggy and 12 degrees in London.';
export const MCP_TOOL = {
  type: 'mcp',
  server_label: 'notes',
  server_url: 'https://notes.example.org',
};

export class Watch {
  events = [];
  failure = undefined;
  #waiting = new Set();

  tell(event) {
    this.events.push(event);
    this.look();
  }

  fail(error) {
    this.failure ??= error instanceof Error ? error : new Error(JSON.stringify(error));
    this.look();
  }

  /** Ask all conditions again; call it when something else than an event has changed. */
  look() {
    for (const ask of this.#waiting) ask();
  }

  /** What `happened` returns, once that is something. */
  until(happened, what) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(reject, new Error(`no ${what} ${this.#lately()}`)), TIMEOUT_MS);
      const settle = (how, value) => {
        clearTimeout(timer);
        this.#waiting.delete(ask);
        how(value);
      };
      const ask = () => {
        const found = happened();
        if (found) settle(resolve, found);
        else if (this.failure) settle(reject, this.failure);
      };
      this.#waiting.add(ask);
      ask();
    });
  }

  #lately() {
    const types = this.events.slice(-12).map(({ type, error }) => (error ? JSON.stringify(error) : type));
    return `after ${types.join(', ')}`;
  }

  wait(type, since = 0, nth = 1) {
    const found = () => this.events.slice(since).filter((e) => e.type === type)[nth - 1];
    return this.until(found, `${nth} ${type}`);
  }

  /** The events since then, deltas dropped. */
  order(since) {
    const types = this.events.slice(since).map((event) => event.type);
    return types.filter((type) => !type.endsWith('.delta'));
  }

  said(since) {
    const finals = this.events.slice(since).flatMap((event) => {
      if (event.type === 'response.output_text.done') return [event.text];
      return event.type === 'response.output_audio_transcript.done' ? [event.transcript] : [];
    });
    return finals.join(' ');
  }
}

/** Take the steps that were planned, in the order of `steps`; what came of each, by name. */
export async function take(steps, planned, session) {
  const results = { seconds: {} };
  session.results = results;
  for (const [name, step] of Object.entries(steps)) {
    if (!planned.includes(name)) continue;
    const started = performance.now();
    try {
      results[name] = await step(session);
    } catch (error) {
      results.failed = `${name}: ${error.message}`;
      break;
    }
    results.seconds[name] = Math.round((performance.now() - started) / 100) / 10;
  }
  return results;
}

export function base64(bytes) {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}

export function frames(pcm) {
  const count = Math.ceil(pcm.length / FRAME_BYTES);
  return Array.from({ length: count }, (_, number) =>
    pcm.slice(number * FRAME_BYTES, (number + 1) * FRAME_BYTES),
  );
}
