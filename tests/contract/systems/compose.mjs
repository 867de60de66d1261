// Composes subgraphs: reads [{name, url, sdl}] as JSON from standard input, prints errors and hints.
import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

const given = JSON.parse(readFileSync(0, 'utf8'));
const found = composeServices(given.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
console.log(
  JSON.stringify({
    errors: (found.errors ?? []).map((error) => `${error.extensions?.code}: ${error.message}`),
    hints: (found.hints ?? []).map((hint) => `${hint.definition.code}: ${hint.message}`),
    supergraph: found.supergraphSdl ?? '',
  }),
);
