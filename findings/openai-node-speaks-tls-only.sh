#!/usr/bin/env bash
# The Realtime client of OpenAI's SDK for JavaScript speaks TLS, whatever address it is given.
#
# With:      openai 7.59.0, ws 8.21.0 (npm), node 20
# Behaviour: A client with an `http:` base URL opens Realtime at `wss:`, where a plain server gets a TLS handshake; a URL of
#            one's own (`buildRealtimeURL`) with `ws:` is refused. So a mock on loopback needs a certificate and its
#            authority in NODE_EXTRA_CA_CERTS. The SDK for Python takes `websocket_base_url="ws://…"`.
# Seen on 2026-12-01:
#   given http:, dialled wss:
#   the server got: a TLS handshake
#   given ws: by hand: Custom Realtime WebSocket URLs must use the wss: protocol.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-audit --no-fund --ignore-scripts openai@7.59.0 ws@8.21.0)

expected='given http:, dialled wss:
the server got: a TLS handshake
given ws: by hand: Custom Realtime WebSocket URLs must use the wss: protocol.'

cat >"$folder/dial.mjs" <<'JAVASCRIPT'
import { once } from 'node:events';
import { createServer } from 'node:net';
import { OpenAI } from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const address = `127.0.0.1:${server.address().port}/v1`;
const client = new OpenAI({ apiKey: 'any', baseURL: `http://${address}` });
const connection = new OpenAIRealtimeWS({ model: 'gpt-realtime' }, client);
connection.on('error', () => {}); // nobody answers
console.log(`given http:, dialled ${connection.url.protocol}`);
const [socket] = await once(server, 'connection');
const [first] = await once(socket, 'data');
console.log(`the server got: ${first[0] === 0x16 ? 'a TLS handshake' : String(first).split('\r')[0]}`);
try {
  const buildRealtimeURL = () => new URL(`ws://${address}/realtime`);
  new OpenAIRealtimeWS({ model: 'gpt-realtime', buildRealtimeURL }, client);
  console.log('given ws: by hand: dialled');
} catch (error) {
  console.log(`given ws: by hand: ${error.message}`);
}
process.exit(0);
JAVASCRIPT

seen=$(cd "$folder" && timeout 30 node dial.mjs)

diff <(printf '%s\n' "$expected") <(printf '%s\n' "$seen") || { echo "openai-node-speaks-tls-only: this has changed" >&2; exit 1; }
echo "openai-node-speaks-tls-only: as described"
