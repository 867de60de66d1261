// The page to write a query on. Text only ever becomes text nodes.
const article = document.getElementById("sparql");
const place = article.querySelector(".answer");

function element(name, text = "", ...children) {
  const made = document.createElement(name);
  made.append(text, ...children);
  return made;
}

function table(found) {
  const names = found.head.vars;
  const rows = found.results.bindings.map((one) =>
    element("tr", "", ...names.map((name) => element("td", one[name]?.value ?? ""))),
  );
  const head = element("tr", "", ...names.map((name) => element("th", name)));
  const made = element("div", "", element("table", "", head, ...rows));
  made.className = "scroll";
  return [element("p", String(rows.length)), made];
}

async function run(form) {
  const headers = {
    "Content-Type": "application/sparql-query",
    Accept: "application/sparql-results+json, text/turtle;q=0.9",
  };
  if (form.get("token")) headers.Authorization = `Bearer ${form.get("token")}`;
  if (form.get("purpose")) headers["Qualitrace-Purpose"] = encodeURIComponent(form.get("purpose"));
  const answer = await fetch("/sparql", { method: "POST", headers, body: form.get("query") });
  const text = await answer.text();
  if (!answer.ok) {
    const said = JSON.parse(text).errors[0];
    const box = element("p", [said.message, said.extensions?.where, said.extensions?.hint].filter(Boolean).join(" · "));
    box.className = "error";
    return [box];
  }
  if (!answer.headers.get("Content-Type").includes("results+json")) return [element("pre", text)];
  const found = JSON.parse(text);
  return "boolean" in found ? [element("p", String(found.boolean))] : table(found);
}

article.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = article.querySelector(".run");
  button.disabled = true;
  try {
    place.replaceChildren(...(await run(new FormData(event.target))));
  } catch (error) {
    place.replaceChildren(element("p", String(error)));
  } finally {
    button.disabled = false;
  }
});
