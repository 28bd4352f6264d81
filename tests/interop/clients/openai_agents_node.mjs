// OpenAI's Agents SDK for JavaScript.
import { ERRAND, GREETING, STORY, RESULT, chunks, hold, require } from './conclusion.mjs';

const { RealtimeAgent, RealtimeSession, tool } = require('@openai/agents-realtime');
const { z } = require('zod');

const weather = tool({
  name: 'get_weather',
  description: 'Look up the weather.',
  parameters: z.object({ city: z.string() }),
  execute: async () => RESULT,
});


async function converse(told, url, key, sound) {
  const agent = new RealtimeAgent({ name: 'Guide', instructions: 'Be brief.', tools: [weather] });
  const session = new RealtimeSession(agent, { transport: 'websocket', model: 'gpt-realtime' });
  const kinds = ['agent_start', 'agent_end', 'agent_tool_start', 'agent_tool_end', 'audio', 'audio_start'];
  kinds.push('audio_stopped', 'audio_interrupted', 'history_added', 'history_updated', 'error');
  session.on('audio', (event) => (told.turn.audio_bytes += event.data.byteLength));
  session.on('agent_tool_start', (_context, _agent, used, { toolCall }) => {
    told.call(used.name, toolCall.arguments);
  });
  session.on('audio_interrupted', () => (told.turn.interrupted = true));
  session.on('error', (error) => told.fail(error.error ?? error));
  session.on('agent_end', (_context, _agent, said) => (told.turn.said += said ?? ''));
  session.transport.on('*', (event) => {
    if (event.type === 'conversation.item.input_audio_transcription.completed') told.hear(event.transcript);
  });
  for (const kind of kinds) session.on(kind, () => told.count(kind));

  await told.within('opening', () => session.connect({ apiKey: key, url: `${url}?model=gpt-realtime` }));
  await told.within('text', async () => {
    const ended = told.next('agent_end');
    session.sendMessage(GREETING);
    await ended;
  });
  await told.within('speech', async () => {
    const ended = told.next('agent_end');
    for (const chunk of chunks(sound)) session.sendAudio(new Uint8Array(chunk).buffer);
    await ended;
  });
  await told.within('function', async () => {
    const ended = told.next('agent_end', 2);
    session.sendMessage(ERRAND);
    await ended;
  });
  await told.within('interruption', async () => {
    const heard = told.next('audio');
    const cut = told.next('audio_interrupted');
    session.sendMessage(STORY);
    await heard;
    session.interrupt();
    await cut;
  });
  session.close();
}

await hold(converse, '@openai/agents-realtime');
