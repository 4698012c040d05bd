// npm `@openai/agents-realtime`: a written turn with a tool, and with a 16-bit mono WAV file a spoken
// one. OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=va_… node node_agents.mjs question.wav

import { readFileSync } from 'node:fs';
import { RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { z } from 'zod';

const SILENCE = 120_000; // the SDK asks for semantic turn detection, which may wait 4 s for more
const getWeather = tool({
  name: 'get_weather',
  description: 'The weather in a city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `It is sunny in ${city}.`,
});
const agent = new RealtimeAgent({ name: 'Host', instructions: 'Be brief.', tools: [getWeather] });
const session = new RealtimeSession(agent, { transport: 'websocket' });

/** The samples of a 16-bit mono WAV file of any rate, and silence. */
function at24kHz(path) {
  const wav = readFileSync(path);
  const step = wav.readUInt32LE(24) / 24_000;
  const length = Math.floor((wav.length - 44) / 2 / step);
  const spoken = Array.from({ length }, (_, at) => wav.readInt16LE(44 + 2 * Math.floor(at * step)));
  return Int16Array.from([...spoken, ...new Array(SILENCE).fill(0)]);
}

let bytes = 0;
session.on('audio', ({ data }) => (bytes += data.byteLength));
session.on('transport_event', (event) => {
  if (event.type === 'conversation.item.input_audio_transcription.completed') {
    console.log('heard:', event.transcript);
  } else if (event.type === 'response.output_audio_transcript.done') {
    console.log(`answer: ${event.transcript} (${Math.round(bytes / 48)} ms of sound)`);
    bytes = 0;
    session.emit('answered');
  }
});
const answer = () => new Promise((resolve) => session.once('answered', resolve));

const url = `${process.env.OPENAI_BASE_URL.replace(/^http/, 'ws')}/realtime?model=gpt-realtime-2.1`;
await session.connect({ apiKey: process.env.OPENAI_API_KEY, url });
session.sendMessage('What is the weather in Paris?');
await answer();
for (const path of process.argv.slice(2)) {
  session.sendAudio(at24kHz(path).buffer);
  await answer();
}
session.close();
process.exit(0);
