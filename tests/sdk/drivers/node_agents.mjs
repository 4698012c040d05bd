// npm's `@openai/agents-realtime` in Node. Environment: OPENAI_BASE_URL, SPEECH_PCM (24 kHz mono
// PCM16), RUNS (JSON list of {key, steps}, a session each). Prints a line of JSON for each.

import { readFileSync } from 'node:fs';
import { run } from './agents_steps.mjs';

const speech = new Uint8Array(readFileSync(process.env.SPEECH_PCM));
const url = `${process.env.OPENAI_BASE_URL.replace(/^http/, 'ws')}/realtime?model=gpt-realtime-2.1`;
for (const { key, steps } of JSON.parse(process.env.RUNS)) {
  console.log(JSON.stringify(await run(url, key, steps, speech)));
}
process.exit(0);
