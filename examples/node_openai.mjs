// npm `openai`: a written turn, and with a 16-bit mono WAV file a spoken one. The package speaks
// only wss: `make run TLS=1`, NODE_EXTRA_CA_CERTS=.local/tls/cert.pem, then
// OPENAI_BASE_URL=https://127.0.0.1:8443/v1 OPENAI_API_KEY=va_… node node_openai.mjs question.wav

import { readFileSync } from 'node:fs';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

const SILENCE = 24_000; // a second: how the server hears that a question is over
// Address and key come from OPENAI_BASE_URL and OPENAI_API_KEY.
const realtime = new OpenAIRealtimeWS({ model: 'gpt-realtime-2.1' }, new OpenAI());
const next = (type) => new Promise((resolve) => realtime.once(type, resolve));
realtime.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});

/** The samples of a 16-bit mono WAV file of any rate, and silence. */
function at24kHz(path) {
  const wav = readFileSync(path);
  const step = wav.readUInt32LE(24) / 24_000;
  const length = Math.floor((wav.length - 44) / 2 / step);
  const spoken = Array.from({ length }, (_, at) => wav.readInt16LE(44 + 2 * Math.floor(at * step)));
  return Int16Array.from([...spoken, ...new Array(SILENCE).fill(0)]);
}

const answerIn = (modality) =>
  realtime.send({
    type: 'session.update',
    session: { type: 'realtime', output_modalities: [modality] },
  });

async function ask(text) {
  answerIn('text');
  const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
  realtime.send({ type: 'conversation.item.create', item });
  realtime.send({ type: 'response.create' });
  const [said] = await Promise.all([next('response.output_text.done'), next('response.done')]);
  console.log('answer:', said.text);
}

async function speak(samples) {
  answerIn('audio');
  let bytes = 0;
  realtime.on('response.output_audio.delta', ({ delta }) => (bytes += atob(delta).length));
  realtime.send({
    type: 'input_audio_buffer.append',
    audio: Buffer.from(samples.buffer).toString('base64'),
  });
  const heard = next('conversation.item.input_audio_transcription.completed');
  const said = next('response.output_audio_transcript.done');
  console.log('heard:', (await heard).transcript);
  console.log(`answer: ${(await said).transcript} (${Math.round(bytes / 48)} ms of sound)`);
}

await next('session.created');
await ask('What is two plus three?');
for (const path of process.argv.slice(2)) await speak(at24kHz(path));
realtime.close();
