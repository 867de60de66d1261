"""A small kitchen, as facts, behind the questions a registry answers."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from qualitrace.errors import QueryError, UnknownNodeError
from qualitrace.journal.model import Changeset
from qualitrace.profile import Profile, load_profile
from qualitrace.store import INFERRED, PROFILE, STATED, OxigraphEngine
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, XSD, Fact, iri, literal
from qualitrace.text import Text
from qualitrace.tracing import TraceIndex
from qualitrace.tracing.model import Coverage, CoverageTable, Trace, Verdict, Way
from qualitrace.tracing.ways import SHOWN
from qualitrace.validation.model import Finding, Report, RuleReport, Severity

KITCHEN = Path(__file__).resolve().parent.parent / "profiles" / "kitchen"
BASE = "https://kitchen.example/id/"
TERMS = "https://kitchen.example/terms#"
SCHEME = "https://kitchen.example/scheme/"
DAY = dt.date(2024, 6, 15)


def profile() -> Profile:
    return load_profile(KITCHEN)


def name(local: str) -> str:
    return BASE + local


def node(local: str, class_: str, label: str = "", code: str = "", **links: str | list[str]) -> list[Fact]:
    """Facts of one node; a link's value is a local identifier or an N-Triples literal."""
    subject = name(local)
    facts = [Fact(subject, RDF_TYPE, iri(TERMS + class_))]
    if label:
        facts.append(Fact(subject, RDFS_LABEL, literal(label, language="zh")))
    if code:
        facts.append(Fact(subject, SKOS_NOTATION, literal(code)))
    for predicate, values in links.items():
        for value in [values] if isinstance(values, str) else values:
            term = value if value.startswith(('"', "<")) else iri(name(value))
            facts.append(Fact(subject, TERMS + predicate.rstrip("_"), term))
    return facts


def date(text: str) -> str:
    return literal(text, datatype=XSD + "date")


def decimal(text: str) -> str:
    return literal(text, datatype=XSD + "decimal")


FACTS = [
    *node("area/cold", "Area", "冷菜间"),
    *node("station/salad", "Station", "沙拉台", inArea="area/cold", leadRole="role/lead"),
    *node("station/fish", "Station", "鱼台", inArea="area/cold"),
    *node("role/lead", "Role", "冷菜主管", filledBy=["shift/1", "shift/2"]),
    *node("role/night", "Role", "夜班员"),
    *node("cook/1", "Cook", "厨师甲（示例）", "C1", cardNumber='"123"'),
    *node("cook/2", "Cook", "厨师乙（示例）", "C2"),
    *node("shift/1", "Shift", "", worker="cook/1", from_=date("2024-01-01"), until=date("2024-06-10")),
    *node("shift/2", "Shift", "", worker="cook/2", from_=date("2024-06-11"), standIn=f"<{SCHEME}stand-in>"),
    *node("hazard/H1", "Hazard", "冷藏温度过高", "H1", controlledBy="point/P1", arisesAt="station/salad"),
    *node("hazard/H2", "Hazard", "交叉污染", "H2", controlledBy="point/P2"),
    *node("hazard/H10", "Hazard", "异物", "H10", arisesAt="station/fish"),
    *node(
        "point/P1",
        "CriticalControlPoint",
        "冷藏",
        "P1",
        procedure="procedure/S1",
        limit="limit/P1",
        atStation="station/salad",
    ),
    *node("point/P2", "ControlPoint", "分案", "P2", procedure=["procedure/S2", "procedure/S3"]),
    *node("procedure/S1", "Procedure", "量温", "S1", carriedOutBy="role/lead"),
    *node("procedure/S2", "Procedure", "分色", "S2", carriedOutBy="role/night"),
    *node("procedure/S3", "Procedure", "消毒", "S3"),
    *node("limit/P1", "Limit", "", lowest=decimal("0"), highest=decimal("5"), unit='"℃"'),
    *(
        fact
        for number, value in enumerate(("3.5", "4.0", "7.25"))
        for fact in node(
            f"reading/P1/{number}",
            "Reading",
            "",
            readingOf="point/P1",
            takenOn=date(f"2024-06-{10 + number}"),
            value=decimal(value),
        )
    ),
]
INFERRED_FACTS = [
    *(
        Fact(
            name(f"reading/P1/{number}"),
            TERMS + "outcome",
            f"<{SCHEME}{'outside' if number == 2 else 'within'}>",
        )
        for number in range(3)
    ),
    Fact(name("point/P1"), RDF_TYPE, iri(TERMS + "ControlPoint")),
]


def _finding(rule: str, severity: Severity, focus: str, unit: str, unit_label: str) -> Finding:
    return Finding(
        rule=f"https://kitchen.example/shapes#{rule}",
        component="http://www.w3.org/ns/shacl#MinCountConstraintComponent",
        severity=severity,
        focus=name(focus),
        path=f"<{TERMS}limit>",
        value="",
        message=Text(zh="这个控制点没有限值。", en="This control point has no limit."),
        fix=Text(zh="请填写最低值或最高值。", en="Fill in the lowest or the highest value."),
        unit=name(unit) if unit else "",
        unit_label=Text(zh=unit_label) if unit_label else Text(),
    )


FINDINGS = [
    _finding("pointHasLimit", Severity.WARNING, "point/P2", "area/cold", "冷菜间"),
    _finding("pointHasProcedure", Severity.INFO, "point/P1", "area/cold", "冷菜间"),
    _finding("hazardIsControlled", Severity.VIOLATION, "hazard/H10", "", ""),
]


class Kitchen:
    """Answers what the API asks, from facts given; the report is a made-up one."""

    def __init__(
        self,
        facts: Iterable[Fact] = FACTS,
        inferred: Iterable[Fact] = INFERRED_FACTS,
        *,
        profile_: Profile | None = None,
        findings: Iterable[Finding] = FINDINGS,
    ) -> None:
        self.profile = profile_ or profile()
        self.base = BASE
        self.engine = OxigraphEngine()
        self.engine.load(PROFILE, self.profile.ontology.serialize(format="nt"))
        self.engine.change(STATED, facts, ())
        self.engine.change(INFERRED, inferred, ())
        self.position = 1
        self._findings = tuple(findings)

    def resolve(self, name_: str) -> str:
        for candidate in (name_, BASE + name_) if ":" in name_ else (BASE + name_,):
            if any(True for _ in self.engine.facts(subject=candidate)):
                return candidate
        raise UnknownNodeError(
            Text(zh=f"登记库里没有“{name_}”。", en=f"There is no “{name_}” in the registry.")
        )

    def trace(
        self,
        node: str,
        to: str,
        *,
        as_of: dt.date | None = None,
        backwards: bool = False,
        shortest: bool = False,
        limit: int = 10_000,
        max_depth: int = 16,
    ) -> Trace:
        return self.index.trace(
            self.resolve(node),
            to,
            as_of=as_of or DAY,
            backwards=backwards,
            shortest=shortest,
            limit=limit,
            max_depth=max_depth,
        )

    @property
    def index(self) -> TraceIndex:
        return TraceIndex.build(self.engine, self.profile)

    def coverage(self, of: str, *, as_of: dt.date | None = None) -> Coverage:
        return self.index.coverage(of, as_of=as_of or DAY)

    def coverage_by(
        self,
        of: str,
        by: Sequence[Way] = (),
        *,
        as_of: dt.date | None = None,
        since: dt.date | None = None,
    ) -> CoverageTable:
        return self.index.coverage_by(of, by, as_of=as_of or DAY, since=since)

    def grouped(self, table: CoverageTable, by: Sequence[Way]) -> CoverageTable:
        return self.index.grouped(table, by)

    def leads_to(
        self,
        nodes: Iterable[str],
        by: str,
        *,
        as_of: dt.date | None = None,
        shown: frozenset[str] = SHOWN,
    ) -> dict[str, frozenset[str]]:
        return self.index.leads_to(nodes, by, as_of=as_of or DAY, shown=shown)

    def verdict(self, node: str, *, as_of: dt.date | None = None) -> Verdict | None:
        return self.index.verdict(node, as_of=as_of or DAY)

    def reading(self) -> AbstractContextManager[None]:
        return nullcontext()

    def at(self, moment: str) -> Kitchen:
        return self

    def on(self, day: dt.date) -> Kitchen:
        gone = self.index.absent(day)
        made = copy.copy(self)
        made.engine = self.engine.copy()
        for graph in (STATED, INFERRED):
            held = list(made.engine.facts(graph))
            made.engine.change(graph, (), [f for f in held if {f.subject, f.object[1:-1]} & gone])
        return made if gone else self

    def refresh(self) -> int:
        return 0

    def changesets(self, after: int = 0) -> Iterator[Changeset]:
        yield Changeset(1, "", "示例", "2024-06-15T00:00:00.000000Z", "", (), (), (), id="ab" * 32)

    def validate(self) -> Report:
        return Report(
            self._findings,
            (
                RuleReport(
                    "https://kitchen.example/shapes#pointHasLimit",
                    Text(zh="控制点有限值", en="Control points have a limit"),
                    Severity.WARNING,
                    targeted=2,
                    failed=1,
                ),
            ),
        )


class Remembering(Kitchen):
    """A kitchen that stands at 2, knew half of what it says of its nodes at 1, and nothing at 0.

    Asked for a state again, it returns the same.
    """

    def __init__(self, facts: Iterable[Fact] = FACTS, inferred: Iterable[Fact] = (), **more: Any) -> None:
        super().__init__(facts, inferred, **more)
        self.position = 2
        self.states: dict[object, Kitchen] = {}

    def at(self, moment: str) -> Kitchen:
        if moment not in ("0", "1", "2"):
            raise QueryError(Text(zh=f"没有登记时间“{moment}”。", en=f"“{moment}” is no moment."))
        return self if moment == str(self.position) else self._state(moment, lambda: self._before(moment))

    def on(self, day: dt.date) -> Kitchen:
        return self._state(day, lambda: Kitchen.on(self, day))

    def _state(self, key: object, make: Callable[[], Kitchen]) -> Kitchen:
        if key not in self.states:
            self.states[key] = made = make()
            if isinstance(made, Remembering) and made is not self:
                made.states = {}
        return self.states[key]

    def _before(self, moment: str) -> Kitchen:
        made = copy.copy(self)
        made.engine, made.position = self.engine.copy(), int(moment)
        for graph in (STATED, INFERRED):
            held = sorted(made.engine.facts(graph))
            said = [fact for fact in held if fact.predicate != RDF_TYPE]
            made.engine.change(graph, (), said[::2] if made.position else held)
        return made
