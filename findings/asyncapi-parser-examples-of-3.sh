#!/usr/bin/env bash
# AsyncAPI's own parser checks the examples of messages in documents of version 2, and not in those of version 3.
#
# With:      @asyncapi/parser 3.6.6 (npm), node 20
# Behaviour: An example that breaks the payload of its message is an error in a 2.6.0 document, which then counts as
#            invalid. The same message with the same example in a 3.0.0 or 3.1.0 document is valid without a word, so
#            that a document that moves to 3 loses this check unseen.
# Seen on 2026-11-30:
#   2.6.0: invalid, "type" property must be equal to constant
#   3.0.0: valid
#   3.1.0: valid
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts @asyncapi/parser@3.6.6)

expected='2.6.0: invalid, "type" property must be equal to constant
3.0.0: valid
3.1.0: valid'

cat >"$folder/parse.mjs" <<'JAVASCRIPT'
import { Parser } from '@asyncapi/parser';

const message = {
  name: 'response.cancel',
  payload: { type: 'object', required: ['type'], properties: { type: { const: 'response.cancel' } } },
  examples: [{ payload: { type: 'response.create' } }],
};
const info = { title: 'Realtime', version: '1' };
const of2 = { asyncapi: '2.6.0', info, channels: { '/v1/realtime': { publish: { message } } } };
const of3 = (version) => ({
  asyncapi: version,
  info,
  channels: { realtime: { address: '/v1/realtime', messages: { cancel: message } } },
  operations: { hear: { action: 'receive', channel: { $ref: '#/channels/realtime' } } },
});
for (const document of [of2, of3('3.0.0'), of3('3.1.0')]) {
  const parsed = await new Parser().parse(JSON.stringify(document));
  const errors = parsed.diagnostics.filter((each) => each.severity === 0).map((each) => each.message);
  console.log(`${document.asyncapi}: ${parsed.document ? 'valid' : ['invalid', ...errors].join(', ')}`);
}
JAVASCRIPT
seen=$(cd "$folder" && node parse.mjs)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "asyncapi-parser-examples-of-3: this has changed" >&2; exit 1; }
echo "asyncapi-parser-examples-of-3: as described"
