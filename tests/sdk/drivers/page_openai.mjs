// npm's `openai` in a page, with the key in the subprotocol. `drive` is called from outside.

import OpenAI from 'openai';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { run } from './openai_steps.mjs';

globalThis.drive = async (baseURL, { key, steps }, speech) => {
  const bytes = Uint8Array.from(atob(speech), (char) => char.charCodeAt(0));
  // The client alone wants this word for any key; the socket class knows that `ek_` ones are meant
  // for pages.
  const client = new OpenAI({ apiKey: key, baseURL, dangerouslyAllowBrowser: true });
  return run(new OpenAIRealtimeWebSocket({ model: 'gpt-realtime-2.1' }, client), steps, bytes);
};
