"""Three small colleges in one Neo4j: alike in their identifiers, different in what they say."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qualitrace.across import Across
from qualitrace.errors import NotConformingError
from qualitrace.journal import Source, SourcedFact
from qualitrace.profile import load_profile
from qualitrace.registry import Change, Registry
from qualitrace.registry.governing import set_mode
from qualitrace.registry.publishing import fingerprint, publish
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, XSD, Fact, iri, literal
from qualitrace.validation.model import Finding, Mode

QA = "https://w3id.org/qualitrace/qa#"
POINT = "https://w3id.org/qualitrace/scheme/point-1.1.1"  # what two of the three have adopted
OTHER = "https://w3id.org/qualitrace/scheme/point-1.1.2"  # what the third has instead
CODE = "530701"  # a programme that two of the three offer
TWICE = "530702"  # a code that one of them gives two programmes


@dataclass(frozen=True)
class Colleges:
    """The registries by their names in Neo4j, and how all of them are asked."""

    homes: dict[str, Registry]
    engines: dict[str, Neo4jEngine]
    across: Across
    where: dict[str, str]  # the files of the registries

    @property
    def names(self) -> list[str]:
        return list(self.homes)


def secret(number: int) -> str:
    """What is personal in one of them, and in no other."""
    return f"QX密名{number}QX"


def facts(base: str, number: int) -> list[Fact]:
    """A unit with two posts and who holds one; points of diagnosis, and programmes with national codes."""

    def node(name: str, kind: str, label: str, code: str = "", **links: str) -> list[Fact]:
        found = [Fact(base + name, RDF_TYPE, iri(QA + kind))]
        found += [Fact(base + name, RDFS_LABEL, literal(label, language="zh"))] if label else []
        found += [Fact(base + name, SKOS_NOTATION, literal(code))] if code else []
        return found + [Fact(base + name, QA + link, value) for link, value in links.items()]

    def to(name: str) -> str:
        return iri(base + name)

    began = literal("2020-01-01", datatype=XSD + "date")
    made = [
        *node("unit/a", "Department", f"教务处{number}"),
        *node("post/a/1", "Post", f"处长{number}", postOf=to("unit/a"), hasAppointment=to("appointment/1")),
        *node("post/a/2", "Post", f"空岗{number}", postOf=to("unit/a")),
        *node("duty/a/1", "Duty", f"职责{number}", "D1", dutyOf=to("unit/a"), realisedBy=to("work/a/1")),
        *node("duty/a/2", "Duty", f"另一职责{number}", "D2", dutyOf=to("unit/a")),
        *node("work/a/1", "WorkItem", f"工作{number}", "W1", assignedTo=to("post/a/1")),
        *node("appointment/1", "Appointment", "", appointee=to("person/1"), startDate=began),
        *node("person/1", "Person", secret(number), email=literal(f"{secret(number)}@示例")),
    ]
    made += node("point/1", "DiagnosisPoint", f"诊断点{number}", "1", examines=to("duty/a/1"))
    made += [Fact(base + "point/1", QA + "conformsToConcept", iri(POINT if number < 2 else OTHER))]
    if number < 2:  # the third offers none
        made += node("programme/1", "Programme", f"专业{number}", "P1", nationalCode=literal(CODE))
    if number == 1:
        for one in ("2", "3"):
            code = literal(TWICE)
            made += node(f"programme/{one}", "Programme", f"重复{one}", f"P{one}", nationalCode=code)
        made += node("duty/a/3", "Duty", "多出的职责", "D3", dutyOf=to("unit/a"))
    return made


def state(registry: Registry, added: Iterable[Fact]) -> None:
    """State facts, whatever rules say of them: those that reject them only warn."""
    change = Change((), tuple(SourcedFact(fact, Source("a.csv", "", 2, "A1")) for fact in added), ())
    while True:
        try:
            registry.commit(change, author="示例", message="test")
            return
        except NotConformingError as error:
            for rule in sorted({one.rule for one in error.findings if isinstance(one, Finding)}):
                set_mode(registry, rule, Mode.WARN, reason="示例", author="示例")


@pytest.fixture(scope="session")
def colleges(neo4j_database: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Colleges]:
    """Three colleges, published; other tests may have left registries of theirs in the database."""
    profile, mark = load_profile(), secrets.token_hex(4)
    folder: Path = tmp_path_factory.mktemp("across")
    homes, engines = dict[str, Registry](), dict[str, Neo4jEngine]()
    for number in range(3):
        name = f"{mark}-c{number}"
        homes[name] = Registry.create(folder / f"{name}.db", profile)
        state(homes[name], facts(homes[name].base, number))
        engines[name] = Neo4jEngine.of(neo4j_database, profile, name)
        publish(homes[name], engines[name])
    where = {name: str(folder / f"{name}.db") for name in homes}
    across = Across(neo4j_database, profile, fingerprint(profile), only=f"{mark}-")
    yield Colleges(homes, engines, across, where)
    for name, home in homes.items():
        engines[name].clear()
        home.close()
