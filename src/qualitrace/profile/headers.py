"""Files with header comments: rules (``reasoning/*.rq``) and operations (``graphql/operations``)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from qualitrace.profile.material import Material
from qualitrace.profile.model import OperationModel, RuleModel
from qualitrace.profile.problems import problem
from qualitrace.profile.turtle import read_text
from qualitrace.profile.vocabulary import PREFIXES
from qualitrace.text import Text

_HEADER = re.compile(r"#\s*([a-z]+)(?:\s+([A-Za-z-]+))?\s*[:：]\s*(.*)")
_SPARQL_NOISE = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>|'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\#[^\n]*""",
    re.DOTALL,
)
_SERVICE = re.compile(r"\bSERVICE\b", re.IGNORECASE)
_VARIABLE = re.compile(r"\?[A-Za-z][A-Za-z0-9_]*")
_POSITION = re.compile(r"error at (\d+):(\d+)")


def read_rule(material: Material, path: Path) -> RuleModel | None:
    """Read one SPARQL CONSTRUCT; None when it is not one (the problem is noted)."""
    shown = material.reader.relative(path)
    query = read_text(path, shown)
    found = headers(query)
    error = _rule_problem(query, {**PREFIXES, **material.reader.prefixes})
    if error is not None:
        line, zh, en = error
        material.problems.append(
            problem(
                f"这条规则不能用：{zh}",
                f"this rule cannot be used: {en}",
                where=f"{shown}:{line}" if line else shown,
                hint_zh="规则是一个 SPARQL CONSTRUCT 查询，不能访问网络。",
                hint_en="A rule is one SPARQL CONSTRUCT query and reaches no network.",
            )
        )
        return None
    says = Text({language: value for (key, language), (_, value) in found.items() if key == "says"})
    titles, day = titles_of(material, path, found), _day(material, path, found)
    return RuleModel(name=path.stem, titles=titles, query=query, path=path, says=says, day=day)


def _day(material: Material, path: Path, found: Mapping[tuple[str, str], tuple[int, str]]) -> str:
    """Return the variable that a dated rule names (``# dated: ?day``), without its question mark."""
    line, text = found.get(("dated", ""), (0, ""))
    if text and not _VARIABLE.fullmatch(text):
        material.problems.append(
            problem(
                "dated 一行应写一个变量",
                "the 'dated' line names one variable",
                where=f"{material.reader.relative(path)}:{line}",
                hint_zh="例如：# dated: ?day",
                hint_en="Such as: # dated: ?day",
            )
        )
        return ""
    return text[1:]


def read_operation(material: Material, path: Path) -> OperationModel:
    """Read one trusted operation. The document itself is checked against the schema by ``graphql``."""
    document = read_text(path, material.reader.relative(path))
    found = headers(document)
    return OperationModel(
        name=path.stem,
        titles=titles_of(material, path, found),
        document=document,
        variables=_variables(material, path, found),
        sample=found.get(("sample", ""), (0, ""))[1].lower() == "true",
    )


def headers(text: str) -> dict[tuple[str, str], tuple[int, str]]:
    """Return the comment lines at the top: (key, language) → (line number, value)."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            break
        match = _HEADER.fullmatch(line.strip())
        if match is not None:
            found[match[1], (match[2] or "").lower()] = (number, match[3].strip())
    return found


def titles_of(material: Material, path: Path, found: Mapping[tuple[str, str], tuple[int, str]]) -> Text:
    """Return the titles that a header gives; it is noted when there are none."""
    titles = Text({language: value for (key, language), (_, value) in found.items() if key == "title"})
    if not titles:
        material.problems.append(
            problem(
                "文件开头没有标题",
                "the file does not begin with a title",
                where=f"{material.reader.relative(path)}:1",
                hint_zh="请在开头写两行：# title zh: …　# title en: …",
                hint_en="Begin it with two lines: '# title zh: …' and '# title en: …'.",
            )
        )
    return titles


def _variables(
    material: Material, path: Path, found: Mapping[tuple[str, str], tuple[int, str]]
) -> Mapping[str, Any]:
    line, text = found.get(("variables", ""), (0, "{}"))
    try:
        value = json.loads(text)
        if not isinstance(value, dict):
            raise ValueError("not an object")
    except ValueError:
        material.problems.append(
            problem(
                "variables 一行不是 JSON 对象",
                "the 'variables' line is not a JSON object",
                where=f"{material.reader.relative(path)}:{line}",
                hint_zh='写在一行里，例如：# variables: {"asOf": "2025-03-01"}',
                hint_en='Write it on one line, such as: # variables: {"asOf": "2025-03-01"}',
            )
        )
        return {}
    return value


def _rule_problem(query: str, prefixes: dict[str, str]) -> tuple[int, str, str] | None:
    """Return (line, zh, en) when a query is no local CONSTRUCT. Only the parser runs.

    The profile's ``prefixes`` need no declaration in the query; its own win.
    """
    bare = _SPARQL_NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), query)
    remote = _SERVICE.search(bare)
    if remote is not None:
        return bare.count("\n", 0, remote.start()) + 1, "不允许 SERVICE", "SERVICE is not allowed"
    try:
        answer = ox.Store().query(query, prefixes=prefixes)
    except SyntaxError as error:
        where = _POSITION.search(str(error))
        line = int(where[1]) if where else 0
        detail = "Prefix not found" if "Prefix not found" in str(error) else str(error).split(",")[0]
        return line, detail, detail
    if not isinstance(answer, ox.QueryTriples) or not re.search(r"\bCONSTRUCT\b", bare, re.IGNORECASE):
        return 0, "不是 CONSTRUCT 查询", "it is not a CONSTRUCT query"
    return None
