// npm's `openai` in Node. Environment: OPENAI_BASE_URL, SPEECH_PCM (24 kHz mono PCM16), RUNS (JSON
// list of {key, steps}, a session each). Prints a line of JSON for each.

import { readFileSync } from 'node:fs';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { run } from './openai_steps.mjs';

const speech = new Uint8Array(readFileSync(process.env.SPEECH_PCM));
for (const { key, steps } of JSON.parse(process.env.RUNS)) {
  const connection = new OpenAIRealtimeWS({ model: 'gpt-realtime-2.1' }, new OpenAI({ apiKey: key }));
  console.log(JSON.stringify(await run(connection, steps, speech)));
}
process.exit(0);
