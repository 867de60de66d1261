"""A small registry whose personal data is marked, random changes of it, and all that a view says."""

from __future__ import annotations

import datetime as dt
import io
import random
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from qualitrace import exporting
from qualitrace.errors import NotConformingError, QualitraceError
from qualitrace.journal import Basis, Source, SourcedFact
from qualitrace.profile.model import Profile
from qualitrace.registry import Change, Registry
from qualitrace.registry.past import Past
from qualitrace.registry.records import report_json
from qualitrace.registry.seen import Seen
from qualitrace.store import INFERRED, PROFILE, STATED
from qualitrace.terms import QT, RDF_TYPE, RDFS_LABEL, SKOS, XSD, Fact, iri, iri_of, is_iri, literal
from qualitrace.validation.grouping import GroupBy
from qualitrace.validation.report import report_graph
from tests.deciding import decided

QA = "https://w3id.org/qualitrace/qa#"
PLACE = Source("test", "", 1, "", Basis.STATED)
TODAY = dt.date.today()
PERSON, APPOINTMENT = QA + "Person", QA + "Appointment"
PERSONAL = (RDFS_LABEL, SKOS + "prefLabel", QT + "alias", QA + "email", QA + "phone")
MARK = "SECRET"

UNITS = ["单位名称,单位类别,纵向系统,负责人岗位", *(f"示例{n}处,职能部门,资源建设,处长" for n in "甲乙丙")]
STAFF = ["工号,姓名,部门,科室,岗位,任职方式,任职起,任职止"] + [
    f"S{n},{MARK}-name-{n}-.,示例{unit}处,综合科,{post},{how},{start},{end}"
    for n, (unit, post, how, start, end) in enumerate(
        [
            ("甲", "处长", "", "2022-01-01", "2023-12-31"),
            ("甲", "处长", "代理", "2024-01-01", ""),
            ("甲", "干事", "", "2024-01-01", ""),
            ("乙", "处长", "", "2022-01-01", ""),
            ("乙", "干事", "", "2022-01-01", "2098-12-31"),
            ("丙", "处长", "", "2022-01-01", ""),
            ("丙", "干事", "", "2097-01-01", ""),
        ]
    )
]


def made(folder: Path, profile: Profile) -> Registry:
    """Three units, posts and people; every personal value is marked."""
    registry = Registry.create(folder / "r.db", profile)
    paths = []
    for name, lines in {"units.csv": UNITS, "staff.csv": STAFF}.items():
        paths.append(folder / name)
        paths[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    registry.commit(registry.prepare(paths), author=f"{MARK}-author", message=f"{MARK}-message")
    added = []
    for at, person in enumerate(people(registry)):
        added.append(Fact(person, QA + "email", literal(f"{MARK}-mail-{at}-.@college.example")))
        added.append(Fact(person, QA + "phone", literal(f"{MARK}-phone-{at}-.")))
    assert change(registry, added, [])
    return registry


def people(registry: Registry | Past) -> list[str]:
    return sorted(f.subject for f in registry.engine.facts(predicate=RDF_TYPE, object=iri(PERSON)))


def change(registry: Registry, added: list[Fact], removed: list[Fact]) -> bool:
    """Commit facts, wherever they were stated; returns whether the rules let them in."""
    places = registry.sources(removed)
    gone = [SourcedFact(fact, place) for fact in removed for place in places.get(fact, ())]
    new = [SourcedFact(fact, PLACE) for fact in added if not _held(registry, fact)]
    try:
        change = decided(registry, Change((), tuple(new), tuple(gone)))
        registry.commit(change, author=f"{MARK}-author", message=f"{MARK}-why")
    except NotConformingError:
        return False
    return True


def _held(registry: Registry, fact: Fact) -> bool:
    return any(
        True
        for _ in registry.engine.facts(
            STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object
        )
    )


class Changes:
    """Random changes: people come, go, move, are renamed; dates, classes and links change."""

    def __init__(self, registry: Registry, seed: int) -> None:
        self.registry = registry
        self.chance = random.Random(seed)
        self.number = 0
        self.done = self.rejected = 0

    def step(self) -> None:
        kinds = [self.moved, self.dated, self.renamed, self.retyped, self.dropped, self.new, self.reposted]
        added, removed = self.chance.choice(kinds)()
        if added or removed:
            if change(self.registry, added, removed):
                self.done += 1
            else:
                self.rejected += 1

    def facts(self, predicate: str, **more: str) -> list[Fact]:
        return sorted(self.registry.engine.facts(STATED, predicate=predicate, **more))

    def some(self, facts: list[Fact]) -> Fact | None:
        return self.chance.choice(facts) if facts else None

    def secret(self, kind: str) -> str:
        self.number += 1
        return literal(f"{MARK}-{kind}-new{self.number}-.")

    def moved(self) -> tuple[list[Fact], list[Fact]]:
        link, post = self.some(self.facts(QA + "hasAppointment")), self.some(self.facts(QA + "postOf"))
        return ([link._replace(subject=post.subject)], [link]) if link and post else ([], [])

    def reposted(self) -> tuple[list[Fact], list[Fact]]:
        one, other = self.some(self.facts(QA + "postOf")), self.some(self.facts(QA + "postOf"))
        return ([one._replace(object=other.object)], [one]) if one and other else ([], [])

    def dated(self) -> tuple[list[Fact], list[Fact]]:
        one = self.some(self.facts(QA + "appointee"))
        if one is None:
            return [], []
        before = list(self.registry.engine.facts(STATED, subject=one.subject, predicate=QA + "endDate"))
        day = self.chance.choice(["2023-06-30", "2099-06-30"])
        return [Fact(one.subject, QA + "endDate", literal(day, datatype=XSD + "date"))], before

    def renamed(self) -> tuple[list[Fact], list[Fact]]:
        person, predicate = self.chance.choice(people(self.registry)), self.chance.choice(PERSONAL)
        before = list(self.registry.engine.facts(STATED, subject=person, predicate=predicate))
        return [Fact(person, predicate, self.secret("text"))], before if self.chance.random() < 0.7 else []

    def retyped(self) -> tuple[list[Fact], list[Fact]]:
        person = self.chance.choice(people(self.registry))
        said = Fact(person, RDF_TYPE, iri(PERSON))
        return (
            ([Fact(person, RDF_TYPE, iri(QA + "Group"))], []) if self.chance.random() < 0.5 else ([], [said])
        )

    def dropped(self) -> tuple[list[Fact], list[Fact]]:
        one = self.some(self.facts(self.chance.choice([*PERSONAL, QA + "appointee", QA + "hasAppointment"])))
        return ([], [one]) if one else ([], [])

    def new(self) -> tuple[list[Fact], list[Fact]]:
        self.number += 1
        person = f"{self.registry.base}person/N{self.number}"
        told = [Fact(person, RDF_TYPE, iri(PERSON)), Fact(person, RDFS_LABEL, self.secret("name"))]
        link = self.some(self.facts(QA + "appointee"))
        return ([*told, link._replace(object=iri(person))], [link]) if link else (told, [])


def units_of(state: Registry | Past, person: str) -> frozenset[str]:
    """Whose steward sees a person, worked out link by link from the facts."""

    def ends(fact: Fact, inverse: bool) -> str:
        return fact.subject if inverse else iri_of(fact.object)

    def near(nodes: set[str], predicate: str, inverse: bool) -> set[str]:
        found = set()
        for node in nodes:
            asked = {"object": iri(node)} if inverse else {"subject": node}
            for fact in state.engine.facts(predicate=predicate, **asked):
                if (inverse or is_iri(fact.object)) and there(ends(fact, inverse)):
                    found.add(ends(fact, inverse))
        return found

    def there(node: str) -> bool:
        def days(predicates: frozenset[str]) -> list[str]:
            return [
                fact.object[1:11]
                for predicate in predicates
                for fact in state.engine.facts(subject=node, predicate=predicate)
            ]

        trace, today = state.profile.trace, TODAY.isoformat()
        return all(day <= today for day in days(trace.valid_from)) and all(
            day >= today for day in days(trace.valid_to)
        )

    appointments = near({person}, QA + "appointee", True)
    return frozenset(near(near(appointments, QA + "hasAppointment", True), QA + "postOf", False))


def secrets(state: Registry | Past) -> dict[Fact, frozenset[str]]:
    """Each marked fact, with the units whose stewards see it."""
    found = {}
    kinds: dict[str, set[str]] = {}
    for fact in state.engine.facts(predicate=RDF_TYPE):
        kinds.setdefault(fact.subject, set()).add(iri_of(fact.object))
    for graph in (STATED, INFERRED):
        for fact in state.engine.facts(graph):
            if fact.predicate in PERSONAL and MARK in fact.object:
                person = PERSON in kinds.get(fact.subject, ())
                found[fact] = units_of(state, fact.subject) if person else frozenset[str]()
    return found


def told(seen: Seen) -> Iterator[str]:
    """All that a view says, in every way in which it can be asked."""
    engine = seen.engine
    yield repr(sorted(engine.dump()))
    for graph in (None, STATED, INFERRED, PROFILE, f"{STATED}/seen/1", f"{INFERRED}/seen/2"):
        yield repr(sorted(engine.facts(graph)))
    yield repr(engine.select("SELECT * { ?s ?p ?o }"))
    yield repr(engine.select("SELECT * { GRAPH ?g { ?s ?p ?o } }"))
    yield repr(sorted(engine.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")))
    marked = f'?s ?p ?o FILTER (CONTAINS(STR(?o), "{MARK}"))'
    for number in range(1, 6):
        for graph in (f"{STATED}/seen/{number}", f"{INFERRED}/seen/{number}"):
            yield repr(engine.select(f"SELECT * FROM <{graph}> FROM NAMED <{graph}> {{ {marked} }}"))
            yield repr(engine.select(f"SELECT * {{ GRAPH <{graph}> {{ {marked} }} }}"))
    yield repr(list(engine.quads(None, None, None)))
    yield from _asked(seen)
    yield from _reported(seen)
    yield from _exported(seen)


def _asked(seen: Seen) -> Iterator[str]:
    nodes = sorted(
        {fact.subject for fact in seen.engine.facts(predicate=RDF_TYPE)} - seen.profile.classes.keys()
    )
    nodes = [node for node in nodes if node.startswith(seen.base)]
    yield repr(seen.sources(seen.engine.facts(STATED)))
    yield repr(list(seen.changesets()))
    drawn = set(nodes[::9])
    for node in nodes:
        yield repr(seen.verdict(node))
        for backwards in (False, True):
            trace = seen.trace(node, backwards=backwards)
            yield repr(trace)
            if node in drawn:
                yield exporting.trace_svg(trace, seen.profile) + exporting.trace_mermaid(trace, seen.profile)
    for name, model in seen.profile.classes.items():
        if model.chains and not model.abstract:
            table = seen.coverage_by(name, ["steward"], as_of=TODAY, since=dt.date(2023, 1, 1))
            yield repr(table) + repr(seen.coverage(name))
    yield repr(seen.leads_to(nodes, "Person")) if nodes and PERSON in seen.profile.classes else ""
    for asked in (MARK, f"{MARK}-name-1", "Person:S1", "nothing of the kind", "person/S"):
        try:
            yield seen.resolve(asked)
        except QualitraceError as error:
            yield error.where + str(error.hint)


def _reported(seen: Seen) -> Iterator[str]:
    report = seen.validate()
    yield repr(report) + repr(list(report.findings))
    yield exporting.findings_html(report, seen.profile)
    yield report_graph(report).serialize(format="nt") + repr(report_json(report))
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "findings.xlsx"
        exporting.findings_xlsx(report, book, group_by=GroupBy.UNIT)
        with zipfile.ZipFile(book) as parts:
            yield "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))


def _exported(seen: Seen) -> Iterator[str]:
    engine, profile = seen.engine, seen.profile
    stream = io.BytesIO()
    exporting.turtle(engine, profile, stream, inferred=True, sources=seen.sources(engine.facts(STATED)))
    exporting.jsonld(engine, profile, stream, inferred=True)
    exporting.graphml(engine, profile, stream)
    yield stream.getvalue().decode()


def plain_dump(seen: Seen) -> list[tuple[str, Fact]]:
    """What a view holds, without the numbers of its graphs."""
    return sorted((graph.split("/seen/")[0], fact) for graph, fact in seen.engine.dump())


def with_exposure(profile: Profile, class_iri: str, exposure: str) -> Profile:
    """The profile with another exposure of a class."""
    classes: dict[str, Any] = dict(profile.classes)
    classes[class_iri] = replace(classes[class_iri], exposure=exposure)
    return replace(profile, classes=classes)
