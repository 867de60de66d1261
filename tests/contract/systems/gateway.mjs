// A gateway before our API and another subgraph. Reads {url, headers, inspections, asked: [{query, variables}]}
// as JSON from standard input; prints the answers, and what the gateway asked our API for each.
import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { ApolloGateway, IntrospectAndCompose, RemoteGraphQLDataSource } from '@apollo/gateway';
import { serve } from './inspections.mjs';

const { url, headers, inspections, asked } = JSON.parse(readFileSync(0, 'utf8'));
const other = await serve(inspections);
let sent = [];

class Source extends RemoteGraphQLDataSource {
  willSendRequest({ request }) {
    if (this.url !== url) return;
    for (const [name, value] of Object.entries(headers ?? {})) request.http.headers.set(name, value);
    sent.push({ query: request.query, variables: request.variables });
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: new IntrospectAndCompose({
    subgraphs: [
      { name: 'registry', url },
      { name: 'inspections', url: other.url },
    ],
    introspectionHeaders: headers ?? {},
  }),
  buildService: ({ url }) => new Source({ url }),
  logger: { debug() {}, info() {}, warn() {}, error: console.error },
});

const { executor } = await gateway.load();
const answers = [];
for (const { query, variables } of asked) {
  sent = [];
  const document = parse(query);
  const [operation] = document.definitions.filter(({ kind }) => kind === 'OperationDefinition');
  const answer = await executor({
    document,
    operationName: operation.name?.value ?? null,
    operation,
    request: { query, variables },
    queryHash: query,
    source: query,
    context: {},
    cache: { get: async () => undefined, set: async () => {}, delete: async () => {} },
    overallCachePolicy: { restrict() {} },
    schema: null,
    metrics: {},
    logger: console,
  });
  answers.push({ answer, sent });
}
await gateway.stop();
other.server.close();
console.log(JSON.stringify(answers));
process.exit(0);
