// npm's `@openai/agents-realtime` in a page, with the key in the subprotocol. `drive` is called
// from outside.

import { run } from './agents_steps.mjs';

globalThis.drive = async (baseURL, { key, steps }, speech) => {
  const bytes = Uint8Array.from(atob(speech), (char) => char.charCodeAt(0));
  const url = `${baseURL.replace(/^http/, 'ws')}/realtime?model=gpt-realtime-2.1`;
  return run(url, key, steps, bytes);
};
