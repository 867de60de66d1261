// Asks a Qualitrace server who answered for an indicator on a day, and which duties lack a link.
//
//   QUALITRACE_URL=http://127.0.0.1:8000 QUALITRACE_TOKEN=… node dist/ask.js Indicator:ZB2.3.2 2025-03-01
import { BrokenDutiesDocument, TypedDocumentString, WhoAnsweredDocument } from "./questions.js";

const url = process.env.QUALITRACE_URL ?? "http://127.0.0.1:8000";
const headers: Record<string, string> = { "content-type": "application/json" };
if (process.env.QUALITRACE_TOKEN) headers.authorization = `Bearer ${process.env.QUALITRACE_TOKEN}`;
// Names of people are shown for a stated purpose only, and who asked is noted with it.
if (process.env.QUALITRACE_PURPOSE) {
  headers["qualitrace-purpose"] = encodeURIComponent(process.env.QUALITRACE_PURPOSE);
}

interface Answer<T> {
  data?: T | null;
  errors?: { message: string }[];
  extensions?: { withheld?: { what: { en: string } } };
}

async function ask<T, V>(question: TypedDocumentString<T, V>, variables: V): Promise<T> {
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers,
    body: JSON.stringify({ query: question.toString(), variables }),
  });
  const body = (await answer.json()) as Answer<T>;
  if (body.extensions?.withheld) console.error(body.extensions.withheld.what.en);
  if (!body.data || body.errors?.length) {
    throw new Error(body.errors?.map((error) => error.message).join("; ") ?? `HTTP ${answer.status}`);
  }
  return body.data;
}

const [indicator = "Indicator:ZB2.3.2", day = "2025-03-01"] = process.argv.slice(2);

const { trace } = await ask(WhoAnsweredDocument, { indicator, day, language: "en" });
for (const end of trace?.ends ?? []) {
  const who = end.node?.label ?? end.absence ?? end.node?.id ?? "nobody";
  console.log(`${who}\t${end.capacity ?? ""}\t${end.basis ?? ""}\t${end.node?.id ?? ""}`);
}
if (trace?.partial) console.log("(there is more)");

let after: string | null | undefined;
let broken = 0;
do {
  const { coverage } = await ask(BrokenDutiesDocument, { day, first: 20, after });
  broken += coverage?.verdicts.nodes.length ?? 0;
  after = coverage?.verdicts.pageInfo.hasNextPage ? coverage.verdicts.pageInfo.endCursor : null;
} while (after);
console.log(`${broken} duties lack a link`);
