// Elements and words of the page.
import { language } from "./language.js";

const SAID = JSON.parse(document.getElementById("words").textContent);

const TEXT = {
  zh: {
    unreachable: "问不到服务器：", badJson: "变量不是合法的 JSON：", none: "—", yes: "是", no: "否",
    holder: "在任", vacant: "空缺", who: "谁负责", way: "怎样追到的", on: "日期", partial: "路径太多，只列出一部分。",
    nobody: "这一天没有追到任何人，也没有发现缺口。", since: "自", until: "至", paths: "条路径", mends: "应由其补正：",
    stated: "文件写明", merged: "合并单元格", derived: "由编码推得", inferred: "规则推出", inherited: "未指名，由部门承担",
    sources: "出处", complete: "齐全", broken: "断在", gaps: "缺什么", total: "共", none_found: "没有问题。",
    more: "其余路径", first: "先列", byUnit: "按部门", nobodyActs: "无部门", fix: "建议",
    at: "断处", absence: "缺失", steward: "应由谁补正", node: "对象", asOf: "日期", totalCount: "总数", groups: "分组", nothing: "没有符合的对象。",
  },
  en: {
    unreachable: "The server cannot be reached:", badJson: "The variables are not JSON:", none: "—", yes: "yes", no: "no",
    holder: "holder", vacant: "vacant", who: "Who answers", way: "How it was traced", on: "On", partial: "There are more paths than are shown.",
    nobody: "On this day the trace reaches nobody, and no gap was found.", since: "since", until: "until", paths: "paths", mends: "To be mended by",
    stated: "stated", merged: "merged cell", derived: "from a code", inferred: "inferred by a rule", inherited: "nobody named: inherited from the unit",
    sources: "Sources", complete: "whole", broken: "broken at", gaps: "What is missing", total: "in all", none_found: "Nothing was found.",
    more: "More paths:", first: "Showing", byUnit: "By unit", nobodyActs: "no unit", fix: "To do",
    at: "broken at", absence: "missing", steward: "to be mended by", node: "node", asOf: "on", totalCount: "in all", groups: "by group", nothing: "Nothing fits.",
  },
};

export function t(key) {
  return TEXT[language()][key] ?? key;
}

/** The name of a field: what the profile calls it, else what the page calls it, else itself. */
export function words(name) {
  const said = SAID.names[name];
  if (said) return said[language()];
  return TEXT[language()][name] ?? name;
}

/** One of the listed values of a field, as the profile calls it; anything else as it is. */
export function valueWords(name, value) {
  return SAID.values[name]?.[value]?.[language()] ?? value;
}

/** Make an element. Attributes by name; children are elements or text. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}
