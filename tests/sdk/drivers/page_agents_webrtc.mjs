// npm's `@openai/agents-realtime` in a page, by WebRTC: only `baseUrl` is ours. `drive` is called
// from outside; the microphone is the browser's own.

import {
  OpenAIRealtimeWebRTC,
  RealtimeAgent,
  RealtimeSession,
  tool as functionTool,
} from '@openai/agents-realtime';
import { z } from 'zod';
import { WEATHER_REPORT, Watch } from './watch.mjs';

globalThis.drive = async (baseURL, apiKey) => {
  const watch = new Watch();
  const calls = [];
  const complaints = [];
  const weather = functionTool({
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: z.object({ city: z.string() }),
    execute: async (given) => {
      calls.push(given);
      return WEATHER_REPORT;
    },
  });
  const audioElement = document.createElement('audio');
  const transport = new OpenAIRealtimeWebRTC({ baseUrl: `${baseURL}/realtime/calls`, audioElement });
  const agent = new RealtimeAgent({ name: 'Host', instructions: 'Be brief.', tools: [weather] });
  const realtime = new RealtimeSession(agent, { transport, model: 'gpt-realtime-2.1' });
  realtime.on('transport_event', (event) => watch.tell(event));
  realtime.on('history_updated', () => watch.look());
  realtime.on('error', ({ error }) => complaints.push(JSON.stringify(error?.error ?? error)));
  await realtime.connect({ apiKey });

  // Spoken, from the browser's microphone.
  const heard = await watch.wait('conversation.item.input_audio_transcription.completed');
  const spoken = await watch.wait('response.done');
  await watch.wait('output_audio_buffer.stopped');
  const remembered = () =>
    realtime.history.find((item) => item.itemId === heard.item_id)?.content[0]?.transcript;
  const history = await watch.until(remembered, 'transcript in the history');
  const voice = { heard: heard.transcript, said: watch.said(0), status: spoken.response.status };

  // A tool, by a typed question.
  const since = watch.events.length;
  realtime.sendMessage('What is the weather in London?');
  await watch.wait('response.done', since, 2);
  const tool = { calls, said: watch.said(since) };

  // A long answer, interrupted by the API.
  const before = watch.events.length;
  realtime.sendMessage('count to twenty');
  await watch.wait('output_audio_buffer.started', before);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  realtime.interrupt();
  await watch.wait('output_audio_buffer.cleared', before);

  const report = {
    call_id: transport.callId,
    voice: { ...voice, history, played: !audioElement.paused },
    tool,
    errors: complaints,
  };
  realtime.close();
  return report;
};
