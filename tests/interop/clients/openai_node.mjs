// OpenAI's SDK for JavaScript: it parses events; what follows from them is its user's business, and so the driver's.
// It speaks wss only.
import { ERRAND, GREETING, RESULT, STORY, chunks, hold, require } from './conclusion.mjs';

const { OpenAI } = require('openai');
const { OpenAIRealtimeWS } = require('openai/realtime/ws');

const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'Look up the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

async function converse(told, url, key, sound) {
  const baseURL = url.replace('wss://', 'https://').replace(/\/realtime$/, '');
  const client = new OpenAI({ apiKey: key, baseURL });
  const connection = new OpenAIRealtimeWS({ model: 'gpt-realtime' }, client);
  let done;
  connection.on('event', (event) => told.count(event.type));
  connection.on('error', (error) => told.fail(error));
  connection.on('response.output_text.delta', (event) => (told.turn.said += event.delta));
  connection.on('response.output_audio_transcript.delta', (event) => (told.turn.said += event.delta));
  connection.on('response.output_audio.delta', (event) => {
    told.turn.audio_bytes += Buffer.from(event.delta, 'base64').length;
  });
  connection.on('response.function_call_arguments.done', (event) => {
    told.call(event.name, event.arguments);
  });
  connection.on('conversation.item.input_audio_transcription.completed', (event) => {
    told.hear(event.transcript);
  });
  connection.on('response.done', (event) => (done = event.response));

  const respond = () => connection.send({ type: 'response.create' });
  const create = (item) => connection.send({ type: 'conversation.item.create', item });
  const ask = (text) => {
    create({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
    respond();
  };

  await told.within('opening', async () => {
    await told.next('session.created');
    const session = { type: 'realtime', tools: [WEATHER], audio: { input: { transcription: { model: 'whisper-1' } } } };
    connection.send({ type: 'session.update', session });
    await told.next('session.updated');
  });
  await told.within('text', async () => {
    ask(GREETING);
    await told.next('response.done');
  });
  await told.within('speech', async () => {
    for (const chunk of chunks(sound)) {
      connection.send({ type: 'input_audio_buffer.append', audio: chunk.toString('base64') });
    }
    await told.next('response.done');
  });
  await told.within('function', async () => {
    ask(ERRAND);
    await told.next('response.done');
    for (const { call_id } of (done.output ?? []).filter((item) => item.type === 'function_call')) {
      create({ type: 'function_call_output', call_id, output: RESULT });
    }
    respond();
    await told.next('response.done');
  });
  await told.within('interruption', async (turn) => {
    ask(STORY);
    await told.next('response.output_audio.delta');
    connection.send({ type: 'response.cancel' });
    await told.next('response.done');
    turn.interrupted = done.status === 'cancelled';
  });
  connection.close();
}

await hold(converse, 'openai', 'ws');
