// Serves type definitions by @neo4j/graphql over plain HTTP: nothing beside the library is measured.
// node server.mjs PORT BOLT-ADDRESS FILE-OF-TYPES; the password of "neo4j" comes in PASSWORD.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import net from "node:net";
import { Neo4jGraphQL } from "@neo4j/graphql";
import { execute, parse, validate } from "graphql";
import neo4j from "neo4j-driver";

const [port, address, types] = process.argv.slice(2);
// The driver sends statements above 1,400 bytes in parts, and each then waits some 40 ms for the last to be
// acknowledged. That is no matter of who writes better Cypher, so it is spared this wait.
const connect = net.connect;
net.connect = (...given) => connect(...given).setNoDelay(true);
const driver = neo4j.driver(address, neo4j.auth.basic("neo4j", process.env.PASSWORD), { telemetryDisabled: true });
const schema = await new Neo4jGraphQL({ typeDefs: readFileSync(types, "utf8"), driver }).getSchema();
const documents = new Map(); // each is parsed and checked once, as ours are

function document(query) {
  let known = documents.get(query);
  if (!known) {
    const parsed = parse(query);
    const errors = validate(schema, parsed);
    if (errors.length) throw errors[0];
    documents.set(query, (known = parsed));
  }
  return known;
}

async function answer(body) {
  try {
    const { query, variables } = JSON.parse(body);
    return await execute({
      schema,
      document: document(query),
      variableValues: variables,
      contextValue: { sessionConfig: { database: "neo4j", defaultAccessMode: "READ" } },
    });
  } catch (error) {
    return { errors: [{ message: error.message }] };
  }
}

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    const content = Buffer.from(JSON.stringify(await answer(Buffer.concat(parts).toString() || "{}")));
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": content.length });
    response.end(content);
  });
}).listen(Number(port), "127.0.0.1");
