// What a client concluded from its conversation, gathered by its driver and printed as JSON; as `conclusion.py` does.
// `node DRIVER PACKAGES URL KEY SOUND SECONDS`, PACKAGES being the folder that holds node_modules.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const GREETING = 'Hello there.';
export const ERRAND = 'What is the weather in Paris?';
export const STORY = 'Tell me a long story.';
export const RESULT = 'sunny';

const CHUNK_BYTES = 4800; // 100 ms
const LONGEST_LINE = 300;
const [folder, url, key, sound, seconds] = process.argv.slice(2);
export const require = createRequire(pathToFileURL(join(folder, 'package.json')));

class TurnUnended extends Error {}

export class Conclusion {
  turns = {};
  turn = {};
  events = {};
  heard = [];
  errors = [];
  warnings = [];
  dropped = [];
  unused = [];
  #waiting = new Set();

  // Holds one turn. Throws if it has not ended in time.
  async within(name, talk) {
    const turn = { ended: false, said: '', audio_bytes: 0, calls: [], interrupted: false, seconds: 0 };
    this.turn = this.turns[name] = turn;
    const begun = performance.now();
    let bound;
    const late = new Promise((_, reject) => {
      bound = setTimeout(() => reject(new TurnUnended()), 1000 * Number(seconds));
    });
    try {
      await Promise.race([talk(turn), late]);
      turn.ended = true;
    } finally {
      clearTimeout(bound);
      turn.seconds = Math.round(performance.now() - begun) / 1000;
    }
  }

  // Counts an event or callback and lets go on who waits for it.
  count(kind) {
    this.events[kind] = (this.events[kind] ?? 0) + 1;
    for (const each of this.#waiting) {
      if (each.kind === kind && --each.count === 0) {
        this.#waiting.delete(each);
        each.resolve();
      }
    }
  }

  // Returns a promise of the next event of a kind, or of so many; made before what brings it about is sent.
  next(kind, count = 1) {
    return new Promise((resolve) => this.#waiting.add({ kind, count, resolve }));
  }

  // Notes what the client says that its user said.
  hear(text) {
    this.heard.push(String(text ?? ''));
  }

  // Notes a call; arguments that are no JSON stay as they are.
  call(name, text) {
    let given = text ?? null;
    try {
      given = JSON.parse(text);
    } catch {
      // The client has not looked into them.
    }
    this.turn.calls.push({ name: String(name ?? ''), arguments: given });
    return given;
  }

  fail(error) {
    this.errors.push(String(error?.message ?? JSON.stringify(error)).slice(0, LONGEST_LINE));
  }
}

export function* chunks(bytes) {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

// Holds the conversation and prints what the client concluded.
export async function hold(converse, ...packages) {
  const told = new Conclusion();
  process.on('warning', (warning) => told.warnings.push(String(warning).slice(0, LONGEST_LINE)));
  process.on('unhandledRejection', (error) => told.fail(error));
  process.on('uncaughtException', (error) => told.fail(error));
  for (const level of ['warn', 'error', 'debug', 'info', 'log']) {
    const to = { warn: told.warnings, error: told.errors }[level] ?? [];
    console[level] = (...words) => to.push(words.map(String).join(' ').slice(0, LONGEST_LINE));
  }
  try {
    await converse(told, url, key, readFileSync(sound));
  } catch (error) {
    if (!(error instanceof TurnUnended)) told.fail(error);
  }
  const version = (name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'))).version;
  const versions = Object.fromEntries(packages.map((name) => [name, version(name)]));
  const { turns, events, heard, errors, warnings, dropped, unused } = told;
  const spent = Object.values(turns).reduce((sum, turn) => sum + turn.seconds, 0);
  const line = { versions, turns, events, heard, errors, warnings, dropped, unused, seconds: spent };
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0)); // what it leaves running is not ours
}
