// Reads an AsyncAPI document with @asyncapi/parser and prints what it sees in it, as JSON.
// Usage: node asyncapi_referee.mjs FOLDER-OF-NODE-MODULES DOCUMENT
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, path] = process.argv.slice(2);
const { Parser, fromFile } = createRequire(join(folder, "x"))("@asyncapi/parser");
const { document, diagnostics } = await fromFile(new Parser(), path).parse();

const operation = (each) => ({
  id: each.id(),
  action: each.action(),
  messages: each.messages().all().map((message) => message.name()),
});
const channel = (each) => ({
  address: each.address(),
  operations: each.operations().all().map(operation),
});

console.log(JSON.stringify({
  errors: diagnostics.filter((each) => each.severity === 0)
    .map((each) => `${each.code} at /${each.path.join("/")}: ${each.message}`),
  version: document?.version(),
  title: document?.info().title(),
  channels: document?.channels().all().map(channel) ?? [],
}));
