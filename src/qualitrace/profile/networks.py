"""Questions about the network of links: ``reasoning/network/*.rq`` (floor 0).

Such a question is a SPARQL SELECT: what it selects are the links, or who holds what, of a network.
``# kind:`` says what is looked for in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from qualitrace.errors import ProfileError
from qualitrace.profile.headers import headers, titles_of
from qualitrace.profile.material import Material
from qualitrace.profile.model import NetworkModel
from qualitrace.profile.problems import problem
from qualitrace.profile.turtle import read_text
from qualitrace.profile.vocabulary import PREFIXES
from qualitrace.text import Text

FOLDER = "network"

_VARIABLE = re.compile(r"\?[A-Za-z][A-Za-z0-9_]*")
_POSITION = re.compile(r"error at (\d+):(\d+)")
_NOISE = re.compile(
    r"""<[^<>"{}|^`\\\x00-\x20]*>|'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\#[^\n]*""",
    re.DOTALL,
)
_SERVICE = re.compile(r"(?<![\w?$:])SERVICE(?![\w:])", re.IGNORECASE)
_SELECT = re.compile(r"(?<![\w?$:])SELECT(?![\w:])", re.IGNORECASE)
_TEXTS = ("title", "says", "remedy")
_DATE = '"2000-01-01"^^<http://www.w3.org/2001/XMLSchema#date>'


@dataclass(frozen=True, slots=True)
class NetworkKind:
    """What is looked for: the variables it reads, and its settings as they are when nothing is said."""

    variables: tuple[str, ...]
    optional: tuple[str, ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict)


KINDS: Mapping[str, NetworkKind] = {
    "cycles": NetworkKind(("from", "to"), ("by",)),
    "islands": NetworkKind(("node", "from", "to"), ("anchor",)),
    "failure-points": NetworkKind(("start", "from", "to", "point", "end"), ("of",), {"bound": 1, "most": 20}),
    "load": NetworkKind(("who", "item"), (), {"bound": 3, "least": 2}),
    "conflicts": NetworkKind(("first", "second", "who", "holds"), ("because",)),
    "concentration": NetworkKind(("whole", "part", "item"), (), {"bound": 0.5, "least": 2}),
}


def is_network(path: Path, reasoning: Path) -> bool:
    """Tell whether a file below ``reasoning/`` is such a question, by the folder it lies in."""
    return FOLDER in path.relative_to(reasoning).parts[:-1]


def read_network(material: Material, path: Path) -> NetworkModel | None:
    """Read one question; None when it cannot be used (the problems are noted)."""
    shown = material.reader.relative(path)
    query = read_text(path, shown)
    found = headers(query)
    line, kind = found.get(("kind", ""), (1, ""))
    if kind not in KINDS:
        listed = ", ".join(KINDS)
        material.problems.append(_wrong(f"{shown}:{line}", _unknown_kind(kind), _kinds(listed)))
        return None
    prefixes = {**PREFIXES, **material.reader.prefixes}
    before = len(material.problems)
    material.problems += _query_problems(query, shown, kind, prefixes)
    settings = dict(KINDS[kind].settings)
    for name, number in _settings(material, shown, kind, found):
        settings[name] = number
    day = _day(material, shown, found, query)
    titles = titles_of(material, path, found)
    if len(material.problems) > before:
        return None
    says, remedy = (
        Text({language: text for (key, language), (_, text) in found.items() if key == wanted})
        for wanted in ("says", "remedy")
    )
    return NetworkModel(path.stem, titles, says, remedy, kind, settings, query, path, day)


def on_day(question: NetworkModel, day: str) -> str:
    """Return a question's query with its variable for the date (``xsd:date``) filled in."""
    return _filled(question.query, question.day, f'"{day}"^^<http://www.w3.org/2001/XMLSchema#date>')


def _filled(query: str, variable: str, value: str) -> str:
    """Put a value in the place of a variable; names within texts, addresses and comments stay."""
    if not variable:
        return query
    wanted = re.compile(rf"({_NOISE.pattern})|[?$]{re.escape(variable)}\b", re.DOTALL)
    return wanted.sub(lambda found: found[1] or value, query)


def _query_problems(query: str, shown: str, kind: str, prefixes: Mapping[str, str]) -> Iterator[ProfileError]:
    """Find what is wrong with the query itself. Only the parser runs."""
    bare = _NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), query)
    remote, select = _SERVICE.search(bare), _SELECT.search(bare)
    if remote is not None:
        yield _wrong(
            f"{shown}:{_line(bare, remote.start())}", Text(zh="不允许 SERVICE", en="SERVICE is not allowed")
        )
        return
    try:
        answer = ox.Store().query(query, prefixes=dict(prefixes))
    except SyntaxError as error:
        where = _POSITION.search(str(error))
        detail = "Prefix not found" if "Prefix not found" in str(error) else str(error).split(",")[0]
        yield _wrong(f"{shown}:{where[1]}" if where else shown, Text(zh=detail, en=detail))
        return
    place = f"{shown}:{_line(bare, select.start())}" if select else shown
    if not isinstance(answer, ox.QuerySolutions):
        yield _wrong(place, Text(zh="不是 SELECT 查询", en="it is not a SELECT query"))
        return
    given = {variable.value for variable in answer.variables}
    wanted = KINDS[kind]
    missing = [name for name in wanted.variables if name not in given]
    extra = sorted(given - {*wanted.variables, *wanted.optional})
    if missing:
        listed = "、".join(f"?{name}" for name in missing)
        yield _wrong(
            place,
            Text(
                zh=f"“{kind}”要查出 {listed}",
                en=f"“{kind}” needs {listed.replace('、', ', ')} to be selected",
            ),
            _variables(kind),
        )
    if extra:
        listed = "、".join(f"?{name}" for name in extra)
        yield _wrong(
            place,
            Text(zh=f"“{kind}”用不到 {listed}", en=f"“{kind}” makes no use of {listed.replace('、', ', ')}"),
            _variables(kind),
        )


def _settings(
    material: Material, shown: str, kind: str, found: Mapping[tuple[str, str], tuple[int, str]]
) -> Iterator[tuple[str, float]]:
    known = KINDS[kind].settings
    for (key, language), (line, value) in found.items():
        if key in (*_TEXTS, "kind", "dated") or language:
            continue
        if key not in known:
            listed = ", ".join(known) or "—"
            what = Text(zh=f"“{kind}”没有“{key}”这一项", en=f"“{kind}” has no setting “{key}”")
            hint = Text(zh=f"可以写的有：{listed}", en=f"It may have: {listed}")
            material.problems.append(_wrong(f"{shown}:{line}", what, hint))
            continue
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < 0:
            what = Text(zh=f"“{key}”应是一个不小于 0 的数", en=f"“{key}” is a number, 0 or more")
            material.problems.append(_wrong(f"{shown}:{line}", what))
            continue
        yield key, number


def _day(material: Material, shown: str, found: Mapping[tuple[str, str], tuple[int, str]], query: str) -> str:
    line, text = found.get(("dated", ""), (0, ""))
    if not text:
        return ""
    if not _VARIABLE.fullmatch(text):
        what = Text(zh="dated 一行应写一个变量", en="the 'dated' line names one variable")
        material.problems.append(
            _wrong(f"{shown}:{line}", what, Text(zh="例如：# dated: ?day", en="Such as: # dated: ?day"))
        )
        return ""
    try:
        ox.Store().query(_filled(query, text[1:], _DATE), prefixes={**PREFIXES, **material.reader.prefixes})
    except SyntaxError:
        what = Text(
            zh=f"{text} 代表所问的日期，不能另给它值",
            en=f"{text} stands for the date asked about: it may not be given another value",
        )
        if not any(one.where.startswith(shown) for one in material.problems):
            material.problems.append(_wrong(f"{shown}:{line}", what))
    return text[1:]


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _unknown_kind(kind: str) -> Text:
    if not kind:
        return Text(zh="没有写明 kind", en="it names no kind")
    return Text(zh=f"没有“{kind}”这种分析", en=f"there is no analysis of the kind “{kind}”")


def _kinds(listed: str) -> Text:
    return Text(
        zh=f"可用的有：{listed}，例如：# kind: cycles", en=f"There are: {listed}; such as: # kind: cycles"
    )


def _variables(kind: str) -> Text:
    needed = " ".join(f"?{name}" for name in KINDS[kind].variables)
    more = " ".join(f"?{name}" for name in KINDS[kind].optional)
    zh = f"请写 SELECT {needed}" + (f"，还可以有 {more}" if more else "")
    en = f"Write SELECT {needed}" + (f", and {more} if you like" if more else "")
    return Text(zh=zh, en=en)


def _wrong(where: str, what: Text, hint: Text | None = None) -> ProfileError:
    return problem(
        f"这个网络问题不能用：{what.best('zh')}",
        f"this question about the network cannot be used: {what.best('en')}",
        where=where,
        hint_zh=hint.best("zh") if hint else "请改正这一行；写法见 docs/profile.md。",
        hint_en=hint.best("en") if hint else "Correct this line; docs/profile.md says how it is written.",
    )
