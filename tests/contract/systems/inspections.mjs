// Another college system: an inspector's diary about stations, which it knows by our identifiers only.
import { createServer } from 'node:http';
import { graphql, parse } from 'graphql';
import { buildSubgraphSchema } from '@apollo/subgraph';

export const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])

  type Query {
    inspections(after: String): InspectionPage!
  }

  type InspectionPage {
    nodes: [Inspection!]!
    pageInfo: PageInfo!
  }

  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }

  type Inspection @key(fields: "number") {
    number: Int!
    on: String!
    station: Station
  }

  type Station @key(fields: "id") {
    id: ID!
    inspections: [Inspection!]!
  }
`;

export function subgraph(inspections) {
  const resolvers = {
    Query: {
      inspections: () => ({
        nodes: inspections,
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      }),
    },
    Inspection: { station: ({ station }) => station && { __typename: 'Station', id: station } },
    Station: { inspections: ({ id }) => inspections.filter(({ station }) => station === id) },
  };
  return buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers });
}

export async function serve(inspections) {
  const schema = subgraph(inspections);
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { query, variables, operationName } = JSON.parse(Buffer.concat(chunks).toString());
    const answer = await graphql({ schema, source: query, variableValues: variables, operationName });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${server.address().port}/` };
}
