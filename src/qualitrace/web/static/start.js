// The start page: asks over GraphQL and shows the answers. Text only ever becomes text nodes.
import { ask, errorList } from "./ask.js";
import { language, setLanguage } from "./language.js";
import { el, t, words } from "./page.js";
import { showAnswer } from "./show.js";

const asked = new Map(); // answer element → what fills it, so that a change of language asks again

async function run(place, button, work) {
  asked.set(place, () => run(place, button, work));
  button.disabled = true;
  try {
    place.replaceChildren(...(await work()));
  } catch (error) {
    place.replaceChildren(el("p", { class: "error" }, `${t("unreachable")} ${error.message}`));
  } finally {
    button.disabled = false;
  }
}

function onSubmit(article, work) {
  const form = article.querySelector("form");
  const place = article.querySelector(".answer");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    article.classList.add("asked");
    run(place, form.querySelector(".run"), () => work(new FormData(form)));
  });
}

function inputFor(name, value) {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(String(value));
  const kind = isDate ? "date" : typeof value === "number" ? "number" : "text";
  const box = el("input", { name, type: kind, value: String(value) });
  return el("label", {}, el("span", { "data-word": name }, words(name)), box);
}

function typed(values, form) {
  const variables = { ...values };
  for (const [name, value] of Object.entries(values)) {
    const given = form.get(name);
    if (given === null) continue;
    variables[name] = typeof value === "number" ? Number(given) : given === "" ? null : given;
  }
  return variables;
}

document.querySelectorAll(".questions .question").forEach((article, index) => {
  const query = article.querySelector(".document").textContent;
  const inputs = article.querySelector(".inputs");
  const values = JSON.parse(inputs.dataset.variables);
  const shown = Object.entries(values).filter(([name, value]) => name !== "language" && typeof value !== "object");
  inputs.append(...shown.map(([name, value]) => inputFor(name, value)));
  onSubmit(article, async (form) => {
    const variables = typed(values, form);
    if (/\$language\b/.test(query)) variables.language = language();
    history.replaceState(null, "", `#ask-${index + 1}`);
    return showAnswer(await ask(query, variables));
  });
});

const TRACE = `query ($node: String!, $to: NodeClass!, $asOf: Date, $backwards: Boolean!, $language: String) {
  trace(node: $node, to: $to, asOf: $asOf, backwards: $backwards, first: 50) {
    asOf backwards partial start { ...N }
    ends { ending basis paths capacity(language: $language) absence(language: $language) validFrom validTo node { ...N } steward { ...N } }
    paths { ending basis capacity(language: $language) absence(language: $language) end { ...N } steward { ...N }
      steps { basis capacity(language: $language) validFrom validTo property { label(language: $language) } source { ...N } target { ...N } sources { place } } }
  }
}
fragment N on Node { id code label(language: $language) classLabel(language: $language) }`;

const tracer = document.getElementById("tracer");
if (tracer) {
  onSubmit(tracer, async (form) => {
    const variables = {
      node: form.get("node"), to: form.get("to"), asOf: form.get("asOf") || null,
      backwards: form.get("backwards") !== null, language: language(),
    };
    return showAnswer(await ask(TRACE, variables));
  });
}

const COVERAGE = `query ($of: NodeClass!, $language: String) {
  coverage(of: $of) {
    ofLabel(language: $language) asOf total complete
    gaps { count absence(language: $language) missing { label(language: $language) } }
    verdicts(complete: false, first: 50) {
      totalCount
      nodes { absence(language: $language) node { ...N } at { ...N } steward { ...N } }
    }
  }
}
fragment N on Node { id code label(language: $language) classLabel(language: $language) }`;

for (const bar of document.querySelectorAll(".bar")) {
  bar.addEventListener("click", () =>
    run(document.getElementById("coverage"), bar, async () =>
      showAnswer(await ask(COVERAGE, { of: bar.dataset.class, language: language() })),
    ),
  );
}

const FINDINGS = `query ($language: String) {
  findings(language: $language, first: 100) {
    totalCount
    groups(by: UNIT) { key total violations warnings infos label(language: $language) }
    nodes { severity message fix ruleLabel(language: $language) node { ...N } unit { ...N } sources { place } }
  }
}
fragment N on Node { id code label(language: $language) classLabel(language: $language) }`;

document.getElementById("findings")?.addEventListener("click", (event) =>
  run(document.getElementById("found"), event.currentTarget, async () =>
    showAnswer(await ask(FINDINGS, { language: language() })),
  ),
);

for (const button of document.querySelectorAll(".class")) {
  const query = `query ($language: String) {
    ${button.dataset.root}(first: 50) { totalCount nodes { id code label(language: $language) } }
  }`;
  button.addEventListener("click", () =>
    run(document.getElementById("list"), button, async () => showAnswer(await ask(query, { language: language() }))),
  );
}

onSubmit(document.getElementById("writer"), async (form) => {
  let variables;
  try {
    variables = JSON.parse(form.get("variables") || "{}");
  } catch (error) {
    return [el("p", { class: "error" }, `${t("badJson")} ${error.message}`)];
  }
  const body = await ask(form.get("query"), variables);
  return [...errorList(body), el("pre", { class: "document" }, JSON.stringify(body.data ?? null, null, 2))];
});

function translate() {
  for (const option of document.querySelectorAll("option[data-zh]")) option.textContent = option.dataset[language()];
  for (const label of document.querySelectorAll("[data-word]")) label.textContent = words(label.dataset.word);
}

document.getElementById("language").addEventListener("click", () => {
  setLanguage(language() === "zh" ? "en" : "zh");
  translate();
  for (const again of [...asked.values()]) again();
});
translate();

// A link such as /#ask-1 opens the page with that question asked.
const linked = /^#ask-(\d+)$/.exec(location.hash);
if (linked) document.querySelectorAll(".questions form")[Number(linked[1]) - 1]?.requestSubmit();
