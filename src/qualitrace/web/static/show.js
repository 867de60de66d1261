// Showing answers: traces as chains, coverage as bars, lists as tables. Shapes are told by their fields.
import { errorList } from "./ask.js";
import { el, t, valueWords, words } from "./page.js";
import { showTrace } from "./trace.js";

export function showAnswer(body) {
  return [...errorList(body), ...showData(body.data)];
}

export function showData(data) {
  const parts = Object.entries(data ?? {}).filter(([, value]) => value !== null);
  return parts.map(([key, value]) => {
    const block = el("section", { class: "block" }, show(value));
    if (parts.length > 1 && !isTrace(value) && !isCoverage(value)) block.prepend(el("h4", {}, words(key)));
    return block;
  });
}

const isTrace = (v) => Array.isArray(v?.paths) || Array.isArray(v?.ends);
const isCoverage = (v) => typeof v?.total === "number" && typeof v?.complete === "number" && !("key" in v);
const isFindings = (v) => Array.isArray(v?.nodes) && v.nodes.some((n) => n && "severity" in n && "message" in n);
const isGroups = (v) => Array.isArray(v) && v.length > 0 && typeof v[0]?.violations === "number";
const isConnection = (v) => Array.isArray(v?.nodes) || Array.isArray(v?.edges);
const NAMING = ["id", "iri", "label", "code", "classLabel", "__typename"];
const isList = (v) => Array.isArray(v) && v.some((one) => one && typeof one === "object" && !isRef(one));
const isRef = (v) => v !== null && typeof v === "object" && !Array.isArray(v) && Object.keys(v).every((k) => NAMING.includes(k));

function show(value, key = "") {
  if (value === null || value === undefined) return t("none");
  if (typeof value === "boolean") return el("span", { class: value ? "good" : "bad" }, t(value ? "yes" : "no"));
  if (typeof value !== "object") return String(valueWords(key, value));
  if (isTrace(value)) return showTrace(value);
  if (isCoverage(value)) return showCoverage(value);
  if (isFindings(value)) return showFindings(value);
  if (isConnection(value)) return showConnection(value);
  if (isGroups(value)) return showGroups(value);
  if (Array.isArray(value)) return showList(value, key);
  if (isRef(value)) return showRef(value);
  return showObject(value);
}

export function showRef(node) {
  if (!node) return t("none");
  const name = node.label || node.id || node.classLabel || t("none");
  return el("span", { class: "ref", title: node.id }, node.code && node.code !== name ? el("small", {}, node.code) : null, name);
}

function showObject(value) {
  const named = ["label", "code", "id"].filter((key) => key in value);
  const fields = Object.entries(value).filter(([key]) => !NAMING.includes(key));
  const head = named.length ? el("p", {}, el("b", {}, showRef(value))) : null;
  const traces = fields.filter(([, v]) => isTrace(v));
  const plain = fields.filter(([, v]) => !isTrace(v) && !isList(v));
  const lists = fields.filter(([, v]) => isList(v));
  const list = el("dl", {}, plain.map(([key, v]) => [el("dt", {}, words(key)), el("dd", {}, show(v, key))]).flat());
  const below = lists.map(([key, v]) => [el("h4", {}, words(key)), show(v, key)]).flat();
  return el("div", {}, head, plain.length ? list : null, below, traces.map(([, v]) => showTrace(v)));
}

function showList(values, key) {
  if (values.length === 0) return t("none");
  if (values.every((v) => v === null || typeof v !== "object")) return values.map((v) => valueWords(key, v) ?? t("none")).join("，");
  if (values.every(isRef)) return el("div", { class: "chips" }, values.map((v) => el("span", { class: "chip" }, showRef(v))));
  return showRows(values);
}

// What holds a trace needs the whole width; anything else is a row.
function showRows(values) {
  const wide = values.length === 1 || values.some((v) => v && Object.values(v).some(isTrace));
  return wide ? el("div", {}, values.filter(Boolean).map((v) => el("div", { class: "card" }, showObject(v)))) : showTable(values);
}

function showTable(rows) {
  const present = rows.filter((row) => row !== null);
  const keys = [...new Set(present.flatMap((row) => Object.keys(row)))];
  const named = keys.some((key) => ["label", "code"].includes(key));
  const columns = keys.filter((key) => !(named ? NAMING : ["__typename"]).includes(key));
  const numeric = (v) => typeof v === "number";
  const head = el("tr", {}, named ? el("th", {}, "") : null, columns.map((key) => el("th", {}, words(key))));
  const body = present.map((row) =>
    el(
      "tr", {},
      named ? el("td", {}, showRef(row)) : null,
      columns.map((key) => el("td", { class: numeric(row[key]) ? "num" : null }, show(row[key], key))),
    ),
  );
  return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), el("tbody", {}, body)));
}

function showConnection(connection) {
  const nodes = connection.nodes ?? connection.edges.map((edge) => edge?.node);
  const total = connection.totalCount;
  const extras = Object.entries(connection).filter(([key]) => !["nodes", "edges", "totalCount", "pageInfo"].includes(key));
  return el(
    "div", {},
    extras.map(([key, value]) => [el("h4", {}, words(key)), show(value, key)]).flat(),
    nodes.length ? (nodes.every(isRef) ? showTable(nodes) : showRows(nodes)) : el("p", { class: "note" }, t("nothing")),
    total > nodes.length ? el("p", { class: "note" }, `${t("first")} ${nodes.length} / ${total}`) : null,
  );
}

function bar(what, complete, total) {
  return el(
    "div", { class: "row-bar" },
    el("span", { class: "what" }, what),
    el("progress", { max: total || 1, value: complete }),
    el("span", { class: "figure" }, el("b", {}, String(complete)), ` / ${total}`),
  );
}

function showCoverage(coverage) {
  const parts = [bar(coverage.ofLabel ?? coverage.of ?? t("complete"), coverage.complete, coverage.total)];
  if (coverage.gaps?.length) {
    const chips = coverage.gaps.map((gap) =>
      el("span", { class: "chip" }, el("b", {}, String(gap.count)), " ", gap.absence || gap.missing?.label || t("absence")),
    );
    parts.push(el("h4", {}, t("gaps")), el("div", { class: "chips" }, chips));
  }
  const verdicts = coverage.verdicts;
  if (verdicts?.nodes?.length) parts.push(el("h4", {}, t("broken")), showConnection(verdicts));
  if (coverage.groups) {
    const worst = [...coverage.groups].sort((a, b) => b.total - b.complete - (a.total - a.complete));
    const bars = worst.map((group) => bar(group.node ? showRef(group.node) : t("nobodyActs"), group.complete, group.total));
    parts.push(el("h4", {}, t("groups")), ...bars);
  }
  return el("div", {}, parts);
}

function showFindings(findings) {
  const rows = findings.nodes.map((finding) =>
    el(
      "tr", {},
      el("td", {}, el("span", { class: `dot ${String(finding.severity).toLowerCase()}` }), finding.message,
        finding.fix ? el("div", { class: "note" }, `${t("fix")}：${finding.fix}`) : null),
      el("td", {}, showRef(finding.node), el("div", { class: "note" }, (finding.sources ?? []).slice(0, 1).map((s) => s.place))),
      el("td", {}, finding.unit ? showRef(finding.unit) : t("nobodyActs")),
    ),
  );
  const head = el("tr", {}, el("th", {}, t("absence")), el("th", {}, t("node")), el("th", {}, t("steward")));
  return el(
    "div", {},
    findings.groups ? [el("h4", {}, t("byUnit")), showGroups(findings.groups)] : null,
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), el("tbody", {}, rows))),
    findings.totalCount > rows.length ? el("p", { class: "note" }, `${t("first")} ${rows.length} / ${findings.totalCount}`) : null,
  );
}

function showGroups(groups) {
  return el(
    "div", { class: "chips" },
    groups.map((group) => el("span", { class: "chip" }, group.node?.label ?? group.label ?? group.key ?? t("nobodyActs"), " ", el("b", {}, String(group.total)))),
  );
}
