// Asking over GraphQL.
import { identity } from "./identity.js";
import { language } from "./language.js";
import { el } from "./page.js";

export async function ask(query, variables) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      ...identity(),
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json",
    },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** Errors as the office reads them: what, where, what to do. */
export function errorList(body) {
  return (body.errors ?? []).map((error) => {
    const { what = {}, where = "", hint = {} } = error.extensions ?? {};
    const said = what[language()] || error.message;
    const todo = hint[language()] || "";
    return el(
      "div", { class: "error", role: "alert" },
      el("p", {}, said),
      where ? el("p", { class: "hint" }, where) : null,
      todo ? el("p", { class: "hint" }, todo) : null,
    );
  });
}
