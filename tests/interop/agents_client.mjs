// A conversation held by OpenAI's Agents SDK for JavaScript, as it is; prints what the SDK told of it.
// `node agents_client.mjs PACKAGE URL MODALITY TURNS TEXT`, PACKAGE being the folder that holds node_modules.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, url, modality, turns, text] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(folder, 'package.json')));
const { RealtimeAgent, RealtimeSession, tool } = require('@openai/agents-realtime');
const { z } = require('zod');

const limit = setTimeout(() => process.exit(1), 20_000);
const tell = (type, error = '') => console.log(JSON.stringify({ type, error }));

const weather = tool({
  name: 'get_weather',
  description: 'Look up the weather.',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});
const agent = new RealtimeAgent({ name: 'Guide', instructions: 'Be brief.', tools: [weather] });
const session = new RealtimeSession(agent, {
  transport: 'websocket',
  model: 'gpt-realtime',
  config: { outputModalities: [modality] },
});

let ended = 0;
session.on('error', (error) => tell('error', JSON.stringify(error)));
session.on('audio', () => tell('audio'));
session.on('agent_tool_end', () => tell('tool_end'));
session.on('agent_end', () => {
  tell('agent_end');
  ended += 1;
  if (ended === Number(turns)) {
    session.close();
    clearTimeout(limit);
  }
});
await session.connect({ apiKey: 'x', url });
session.sendMessage(text);
