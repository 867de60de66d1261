// A trace as a picture: who answers, then the way there, link by link.
import { el, t } from "./page.js";

const SHOWN = 8; // paths that are drawn at once; the others unfold
const lower = (text) => String(text ?? "").toLowerCase();

export function showTrace(trace) {
  const paths = trace.paths ?? [];
  const ends = trace.ends ?? [];
  const start = trace.start?.label ?? trace.start?.id;
  const parts = [];
  if (start || trace.asOf) parts.push(el("p", { class: "note" }, [start, trace.asOf && `${t("on")} ${trace.asOf}`].filter(Boolean).join(" · ")));
  if (trace.partial) parts.push(el("p", { class: "warn" }, t("partial")));
  if (ends.length) parts.push(el("h4", {}, t("who")), el("ul", { class: "ends" }, ends.map((end) => showEnd(end, paths))));
  if (!ends.length && !paths.length) parts.push(el("p", { class: "note" }, t("nobody")));
  if (paths.length) {
    const shown = paths.map((path) => el("li", {}, showPath(path, trace.backwards)));
    const more = shown.splice(SHOWN);
    parts.push(el("h4", {}, t("way")), el("ol", { class: "paths" }, shown));
    if (more.length) parts.push(el("details", {}, el("summary", {}, `${t("more")} ${more.length}`), el("ol", { class: "paths" }, more)));
    parts.push(legend(paths));
  }
  return el("div", { class: "trace" }, parts);
}

function standing(end) {
  if (end.ending === "ABSENT") return "vacant";
  return end.capacity ? "acting" : "holder";
}

/** The last named node before the end: the post that somebody holds, say. */
function before(end, paths) {
  const path = paths.find((one) => one.end?.id === end.node?.id && one.ending === end.ending && one.capacity === end.capacity);
  const nodes = (path?.steps ?? []).map((step) => step.source).filter((node) => node?.label && node.id !== end.node?.id);
  return nodes.length > 1 ? nodes[nodes.length - 1] : null;
}

function showEnd(end, paths) {
  const kind = standing(end);
  const inherits = end.basis === "INHERITED";
  const label = kind === "vacant" ? end.absence || t("vacant") : end.capacity || t("holder");
  const facts = [];
  if (end.validFrom) facts.push(`${t("since")} ${end.validFrom}`);
  if (end.validTo) facts.push(`${t("until")} ${end.validTo}`);
  if (end.basis) facts.push(t(lower(end.basis)));
  if (end.paths > 1) facts.push(`${end.paths} ${t("paths")}`);
  return el(
    "li", { class: `end ${kind}${inherits ? " inherits" : ""}` },
    el("span", { class: "badge" }, label),
    el("b", {}, kind === "vacant" && end.node?.label ? el("small", {}, end.node.classLabel, " ") : null, named(end.node)),
    kind !== "vacant" && before(end, paths) ? el("span", {}, named(before(end, paths))) : null,
    el("small", {}, facts.join(" · ")),
    kind === "vacant" && end.steward ? el("small", {}, `${t("mends")} ${named(end.steward)}`) : null,
  );
}

function named(node) {
  if (!node) return t("none");
  return node.label || [node.classLabel, node.code].filter(Boolean).join(" ") || node.id;
}

function showPath(path, backwards) {
  const steps = backwards ? [...path.steps].reverse() : path.steps;
  const items = [];
  steps.forEach((step, index) => {
    if (index === 0) items.push(el("li", {}, stop(step.source, "")));
    const last = index === steps.length - 1 && !backwards;
    const kind = last && path.ending === "REACHED" ? standing(path) : "";
    items.push(el("li", {}, link(step), stop(step.target, kind, step)));
  });
  if (!steps.length) items.push(el("li", {}, stop(path.end, "")));
  if (path.ending === "ABSENT") {
    const steward = path.steward ? el("small", {}, `${t("mends")} ${named(path.steward)}`) : null;
    const gap = el("div", { class: "stop vacant" }, el("span", {}, path.absence || t("vacant")), steward);
    items.push(el("li", {}, el("div", { class: "link" }), gap));
  }
  return el("div", {}, el("ol", { class: "chain" }, items), places(steps));
}

function stop(node, kind, step = {}) {
  const dates = [step.validFrom, step.validTo].some(Boolean) ? `${step.validFrom ?? ""} – ${step.validTo ?? ""}` : "";
  const about = [node?.label ? node.classLabel : "", node?.code && node.code !== node.label ? node.code : ""].filter(Boolean).join(" ");
  const under = [step.capacity, dates].filter(Boolean).join(" · ");
  const name = node?.label || node?.classLabel || node?.id || t("none");
  return el(
    "div", { class: `stop ${kind}`, title: node?.id },
    about ? el("small", {}, about) : null,
    el("span", {}, name),
    under ? el("small", {}, under) : null,
  );
}

function link(step) {
  const basis = lower(step.basis);
  return el(
    "div", { class: `link ${basis}`, title: t(basis) },
    el("span", { class: "over" }, step.property?.label ?? ""),
    el("span", { class: "under" }, ""),
  );
}

function places(steps) {
  const all = [...new Set(steps.flatMap((step) => (step.sources ?? []).map((source) => source.place)))];
  if (!all.length) return null;
  return el("details", { class: "places" }, el("summary", {}, `${t("sources")} ${all.length}`), el("ul", {}, all.map((place) => el("li", {}, place))));
}

function legend(paths) {
  const used = new Set(paths.flatMap((path) => path.steps.map((step) => lower(step.basis))));
  const order = ["stated", "merged", "derived", "inferred", "inherited"].filter((basis) => used.has(basis));
  return el("p", { class: "legend" }, order.map((basis) => el("span", {}, el("i", { class: basis }), t(basis))));
}
