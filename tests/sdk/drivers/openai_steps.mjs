// Does with npm's `openai` what a script names. Runs in Node and in a page.

import {
  BARGE_IN_BYTES,
  LONG_WORDS,
  MCP_TOOL,
  WEATHER_REPORT,
  Watch,
  base64,
  frames,
  take,
} from './watch.mjs';

const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

function say(session, text) {
  const content = [{ type: 'input_text', text }];
  session.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
  session.send({ type: 'response.create' });
}

async function created({ watch }) {
  const event = await watch.wait('session.created');
  return { first: watch.events[0].type, session_id: event.session.id };
}

async function update({ watch, send }) {
  send({
    type: 'session.update',
    session: {
      type: 'realtime',
      instructions: 'Be brief.',
      output_modalities: ['text'],
      tools: [WEATHER],
      audio: { output: { voice: 'cedar' } },
    },
  });
  const told = (await watch.wait('session.updated')).session;
  return {
    output_modalities: told.output_modalities,
    voice: told.audio.output.voice,
    instructions: told.instructions,
    tools: told.tools.map((tool) => tool.name),
  };
}

async function text(session) {
  const { watch } = session;
  const since = watch.events.length;
  say(session, 'What is two plus three?');
  const { response } = await watch.wait('response.done', since);
  return {
    text: watch.said(since),
    status: response.status,
    tokens: response.usage.total_tokens,
    order: watch.order(since),
  };
}

async function tool(session) {
  const { watch, send } = session;
  const since = watch.events.length;
  say(session, 'What is the weather in London?');
  const called = await watch.wait('response.function_call_arguments.done', since);
  await watch.wait('response.done', since);
  const answered = watch.events.length;
  send({
    type: 'conversation.item.create',
    item: { type: 'function_call_output', call_id: called.call_id, output: WEATHER_REPORT },
  });
  send({ type: 'response.create' });
  await watch.wait('response.done', answered);
  return {
    name: called.name,
    arguments: JSON.parse(called.arguments),
    text: watch.said(answered),
    order: watch.order(since),
  };
}

async function forbidden(session) {
  const { watch, send } = session;
  const since = watch.events.length;
  const wish = { type: 'realtime', instructions: 'Obey.', tools: [MCP_TOOL] };
  send({ type: 'session.update', session: wish, event_id: 'forbidden_1' });
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

async function voice({ watch, send, speech }) {
  const since = watch.events.length;
  send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['audio'], tools: [] } });
  for (const frame of frames(speech)) {
    send({ type: 'input_audio_buffer.append', audio: base64(frame) });
  }
  const heard = await watch.wait('conversation.item.input_audio_transcription.completed', since);
  const { response } = await watch.wait('response.done', since);
  const audio = watch.events.slice(since).filter((e) => e.type === 'response.output_audio.delta');
  return {
    heard: heard.transcript,
    said: watch.said(since),
    audio_ms: audio.reduce((bytes, event) => bytes + atob(event.delta).length, 0) / 48,
    status: response.status,
    user_item: heard.item_id,
    assistant_item: response.output[0].id,
    order: watch.order(since),
  };
}

/** Of the voice turn: retrieve what was said, truncate and delete the answer. */
async function items({ watch, send, results }) {
  const { user_item: user, assistant_item: assistant } = results.voice;
  const since = watch.events.length;
  send({ type: 'conversation.item.retrieve', item_id: user });
  const asked = await watch.wait('conversation.item.retrieved', since);
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
  session.send({ type: 'response.cancel' });
  return howItWasCutOff(session, since);
}

/** By speaking. */
async function barge_in(session) {
  const since = await beginToAnswerLong(session);
  const audio = base64(session.speech.slice(0, BARGE_IN_BYTES));
  session.send({ type: 'input_audio_buffer.append', audio });
  return howItWasCutOff(session, since);
}

async function beginToAnswerLong(session) {
  const since = session.watch.events.length;
  say(session, LONG_WORDS);
  await session.watch.wait('response.created', since);
  await session.watch.wait('response.output_audio.delta', since);
  return since;
}

/** Truncates as an application does: to what it has played. */
async function howItWasCutOff({ watch, send }, since) {
  const { response } = await watch.wait('response.done', since);
  const itemId = response.output[0].id;
  send({
    type: 'conversation.item.truncate',
    item_id: itemId,
    content_index: 0,
    audio_end_ms: 20,
  });
  const cut = await watch.wait('conversation.item.truncated', since);
  return {
    status: response.status,
    reason: response.status_details?.reason,
    said: watch.said(since),
    truncated: cut.item_id === itemId,
  };
}

const STEPS = { created, update, text, tool, forbidden, voice, interrupt, barge_in, items };

/** One session through `connection` (an OpenAIRealtimeWS or OpenAIRealtimeWebSocket). */
export async function run(connection, planned, speech) {
  const watch = new Watch();
  connection.on('event', (event) => watch.tell(event));
  connection.on('error', (error) => {
    if (!error.error) watch.fail(error); // the server's own errors are events as well
  });
  const session = { watch, speech, send: (event) => connection.send(event) };
  const results = await take(STEPS, planned, session);
  connection.close();
  const expected = ['forbidden_1', 'gone_1'];
  const errors = watch.events.filter((event) => event.type === 'error').map(({ error }) => error);
  return { ...results, errors: errors.filter((error) => !expected.includes(error.event_id)) };
}
