// Subscribes with the clients that others use: reads {socket, stream, token, query, events} as JSON from
// standard input; prints what graphql-ws and graphql-sse were told, and how a refusal looks to them.
import { readFileSync } from 'node:fs';
import { createClient as overSocket } from 'graphql-ws';
import { createClient as overStream } from 'graphql-sse';
import WebSocket from 'ws';

const { socket, stream, token, query, wrong, events } = JSON.parse(readFileSync(0, 'utf8'));
const headers = token ? { Authorization: `Bearer ${token}` } : {};

async function told(client, asked) {
  const found = [];
  try {
    for await (const one of client.iterate(asked)) {
      found.push(one);
      if (found.length === events || one.errors) break;
    }
  } catch (error) {
    const errors = Array.isArray(error) ? error : [error];
    return { found, error: errors.map(({ message, code, reason }) => ({ message, code, reason })) };
  }
  return { found };
}

const clients = {
  socket: () =>
    overSocket({ url: socket, webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0, keepAlive: 100 }),
  stream: () => overStream({ url: stream, headers, retryAttempts: 0 }),
};
const answers = {};
for (const [name, make] of Object.entries(clients)) {
  const client = make();
  answers[name] = {
    right: await told(client, { query, variables: { after: 0 } }),
    wrong: await told(client, { query: wrong }),
  };
  client.dispose();
}
console.log(JSON.stringify(answers));
process.exit(0);
