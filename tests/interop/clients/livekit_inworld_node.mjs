// Three utterances, the second given up, with LiveKit's plugin for Inworld in JavaScript as it is; prints what it told.
// `node livekit_inworld_node.mjs PACKAGES BASE_URL`, PACKAGES being the folder that holds node_modules.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, url] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(folder, 'package.json')));
const { initializeLogger } = require('@livekit/agents');
const { TTS } = require('@livekit/agents-plugin-inworld');

initializeLogger({ pretty: false, level: 'silent' });
setTimeout(() => process.exit(1), 20_000).unref();

// Speaks a text and returns the seconds and words that came of it; gives it up at the first if asked to.
async function speak(tts, text, giveUp = false) {
  const stream = tts.stream();
  for (const word of text.split(' ')) stream.pushText(`${word} `);
  stream.endInput();
  let seconds = 0;
  const words = [];
  for await (const event of stream) {
    if (typeof event === 'symbol') break; // the stream's end
    seconds += event.frame.samplesPerChannel / event.frame.sampleRate;
    words.push(...(event.timedTranscripts ?? []).map((each) => each.text));
    if (giveUp) {
      stream.close();
      break;
    }
  }
  return { seconds, words };
}

const options = { apiKey: 'dGVzdDp0ZXN0', wsURL: `${url}/`, voice: 'Ashley', timestampType: 'WORD' };
const tts = new TTS(options);
const errors = [];
tts.on('error', ({ error }) => errors.push(String(error)));
const first = await speak(tts, 'Hello there, my friend.');
await speak(tts, 'This one is cut off. '.repeat(10), true);
const second = await speak(tts, 'How are you today?');
await tts.close();
const told = { seconds: [first.seconds, second.seconds], words: [...first.words, ...second.words], errors };
process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
