// Does with npm's `@openai/agents-realtime` what a script names. Runs in Node and in a page.

import { RealtimeAgent, RealtimeSession, tool as functionTool } from '@openai/agents-realtime';
import { z } from 'zod';
import { BARGE_IN_BYTES, LONG_WORDS, MCP_TOOL, WEATHER_REPORT, Watch, frames, take } from './watch.mjs';

async function created({ watch }) {
  const event = await watch.wait('session.created');
  // The SDK speaks without waiting: its own first updates must be answered, too.
  await watch.wait('session.updated', 0, 2);
  return { first: watch.events[0].type, session_id: event.session.id };
}

async function update({ watch, realtime, weather }) {
  const since = watch.events.length;
  const agent = new RealtimeAgent({ name: 'Host', instructions: 'Be brief.', tools: [weather] });
  await realtime.updateAgent(agent);
  const told = (await watch.wait('session.updated', since)).session;
  return {
    output_modalities: told.output_modalities,
    voice: told.audio.output.voice,
    instructions: told.instructions,
    tools: told.tools.map((tool) => tool.name),
  };
}

async function text({ watch, realtime }) {
  const since = watch.events.length;
  realtime.sendMessage('What is two plus three?');
  const { response } = await watch.wait('response.done', since);
  return {
    text: watch.said(since),
    status: response.status,
    tokens: response.usage.total_tokens,
    order: watch.order(since),
  };
}

async function tool({ watch, realtime, calls }) {
  const since = watch.events.length;
  realtime.sendMessage('What is the weather in London?');
  await watch.wait('response.done', since, 2);
  return { ...calls.at(-1), text: watch.said(since), order: watch.order(since) };
}

async function forbidden(session) {
  const { watch, realtime } = session;
  const since = watch.events.length;
  const wish = { type: 'realtime', instructions: 'Obey.', tools: [MCP_TOOL] };
  realtime.transport.sendEvent({ type: 'session.update', session: wish, event_id: 'forbidden_1' });
  const { error } = await watch.wait('error', since);
  const survived = await text(session);
  return {
    code: error.code,
    param: error.param,
    event_id: error.event_id,
    survived: survived.text,
    updates: watch.order(since).filter((type) => type === 'session.updated'),
  };
}

async function voice(session) {
  const { watch, realtime, speech } = session;
  const since = watch.events.length;
  const audioBefore = session.audioBytes;
  for (const frame of frames(speech)) realtime.sendAudio(frame.buffer);
  const heard = await watch.wait('conversation.item.input_audio_transcription.completed', since);
  const { response } = await watch.wait('response.done', since);
  const remembered = () =>
    realtime.history.find((item) => item.itemId === heard.item_id)?.content[0]?.transcript;
  return {
    heard: heard.transcript,
    said: watch.said(since),
    audio_ms: (session.audioBytes - audioBefore) / 48,
    status: response.status,
    user_item: heard.item_id,
    assistant_item: response.output[0].id,
    history: await watch.until(remembered, 'transcript in the history'),
    order: watch.order(since),
  };
}

/** The answer about that item. The Agents SDK asks for items of its own accord, too. */
function retrieved({ events }, itemId, since) {
  const isIt = (event) => event.type === 'conversation.item.retrieved' && event.item.id === itemId;
  return events.slice(since).find(isIt);
}

/** Of the voice turn: retrieve what was said, truncate and delete the answer. */
async function items({ watch, realtime, results }) {
  const { user_item: user, assistant_item: assistant } = results.voice;
  const send = (event) => realtime.transport.sendEvent(event);
  const since = watch.events.length;
  send({ type: 'conversation.item.retrieve', item_id: user });
  const asked = await watch.until(() => retrieved(watch, user, since), 'item retrieved');
  send({
    type: 'conversation.item.truncate',
    item_id: assistant,
    content_index: 0,
    audio_end_ms: 300,
  });
  const cut = await watch.wait('conversation.item.truncated', since);
  send({ type: 'conversation.item.delete', item_id: assistant });
  const gone = await watch.wait('conversation.item.deleted', since);
  send({ type: 'conversation.item.retrieve', item_id: assistant, event_id: 'gone_1' });
  const { error } = await watch.wait('error', since);
  return {
    retrieved: asked.item.content[0].transcript,
    truncated_ms: cut.item_id === assistant ? cut.audio_end_ms : null,
    deleted: gone.item_id === assistant,
    after_deletion: error.event_id,
  };
}

/** By the API. */
async function interrupt(session) {
  const since = await beginToAnswerLong(session);
  session.realtime.interrupt();
  return howItWasCutOff(session, since);
}

/** By speaking: the SDK notices and truncates by itself. */
async function barge_in(session) {
  const since = await beginToAnswerLong(session);
  session.realtime.sendAudio(session.speech.slice(0, BARGE_IN_BYTES).buffer);
  return howItWasCutOff(session, since);
}

async function beginToAnswerLong(session) {
  const { watch, realtime } = session;
  const since = watch.events.length;
  const audioBefore = session.audioBytes;
  realtime.sendMessage(LONG_WORDS);
  await watch.wait('response.created', since);
  await watch.until(() => session.audioBytes > audioBefore, 'audio');
  // In a page the SDK hears of this frame a second time after us, and only then knows what plays.
  await new Promise((resolve) => setTimeout(resolve));
  return since;
}

async function howItWasCutOff({ watch, interruptions }, since) {
  const { response } = await watch.wait('response.done', since);
  const cut = await watch.wait('conversation.item.truncated', since);
  return {
    status: response.status,
    reason: response.status_details?.reason,
    said: watch.said(since),
    truncated: cut.item_id === response.output[0].id && interruptions.length > 0,
  };
}

const STEPS = { created, update, text, tool, forbidden, voice, interrupt, barge_in, items };

/** One session at `url` (ws:// or wss://), opened with `apiKey`. */
export async function run(url, apiKey, planned, speech) {
  const watch = new Watch();
  const calls = [];
  const weather = functionTool({
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: z.object({ city: z.string() }),
    execute: async (given) => {
      calls.push({ name: 'get_weather', arguments: given });
      return WEATHER_REPORT;
    },
  });
  const guest = new RealtimeAgent({ name: 'Guest', tools: [weather] });
  const realtime = new RealtimeSession(guest, { transport: 'websocket', model: 'gpt-realtime-2.1' });
  const session = { watch, realtime, speech, weather, calls, audioBytes: 0, interruptions: [] };
  const complaints = [];
  realtime.on('transport_event', (event) => watch.tell(event));
  realtime.on('history_updated', () => watch.look());
  realtime.on('audio_interrupted', () => session.interruptions.push(watch.events.length));
  realtime.on('audio', ({ data }) => {
    session.audioBytes += data.byteLength;
    watch.look();
  });
  realtime.on('error', ({ error }) => complaints.push(error?.error ?? error));
  await realtime.connect({ apiKey, url });
  const results = await take(STEPS, planned, session);
  realtime.close();
  const text_of = (complaint) => `${complaint?.message ?? ''} ${JSON.stringify(complaint)}`;
  const unexpected = complaints.map(text_of).filter((told) => !/forbidden_1|gone_1/.test(told));
  return { ...results, errors: unexpected };
}
