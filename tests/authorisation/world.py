"""A registry made from a profile, in which every value that is not for everybody is marked.

A mark is ``QX00012XQ``: letters and digits that no format escapes, so that one that leaves is found in any
answer, whatever it is written in. Beside it stand characters that formats do escape.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.errors import NotConformingError
from qualitrace.profile.exposure import Exposures
from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from qualitrace.registry.editing import FieldValue, NodeEdit, edited
from qualitrace.registry.governing import set_mode
from qualitrace.registry.proposals import Actor
from qualitrace.registry.proposing import propose
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, Fact, iri, iri_of, is_iri, lit_of, literal
from qualitrace.validation.model import Finding, Mode
from tests.graphql.generated import facts
from tests.graphql.kitchens import BASE
from tests.history.kitchen import commit, statement

MARK = re.compile(rb"QX\d{5}XQ")
ABSENT = "QX99999XQ"  # a mark that stands nowhere
QA = "https://w3id.org/qualitrace/qa#"
_CODED = re.compile(rb"[A-Za-z0-9_\-+/]{16,}={0,2}")


def marks_in(content: bytes) -> frozenset[str]:
    """All marks that bytes hold, also in what is packed or written in base64 (cursors)."""
    found = set(MARK.findall(content))
    for part in _opened(content):
        found |= set(MARK.findall(part))
    for coded in _CODED.findall(content):
        padded = coded.rstrip(b"=") + b"=" * (-len(coded.rstrip(b"=")) % 4)
        for decode in (base64.b64decode, base64.urlsafe_b64decode):
            try:
                found |= set(MARK.findall(decode(padded)))
            except (binascii.Error, ValueError):
                continue
    return frozenset(mark.decode() for mark in found)


def _opened(content: bytes) -> Iterable[bytes]:
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [archive.read(name) for name in archive.namelist()]
    if content.startswith(b"\x1f\x8b"):
        return [gzip.decompress(content)]
    return []


@dataclass
class Marks:
    """The marks given out: by whom each is about, and what it stands for."""

    about: dict[str, str] = field(default_factory=dict)  # mark → node
    predicate: dict[str, str] = field(default_factory=dict)

    def new(self, node: str, predicate: str) -> str:
        mark = f"QX{len(self.about):05d}XQ"
        self.about[mark], self.predicate[mark] = node, predicate
        return mark

    def of(self, nodes: Iterable[str], predicate: str = "") -> frozenset[str]:
        wanted = set(nodes)
        return frozenset(
            mark
            for mark, node in self.about.items()
            if node in wanted and predicate in ("", self.predicate[mark])
        )


@dataclass(frozen=True)
class Visitor:
    """Somebody who asks: their token, their purpose, and the marks they may see."""

    name: str
    token: str
    purpose: str
    sees: frozenset[str]

    @property
    def headers(self) -> dict[str, str]:
        said = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**said, **({"Qualitrace-Purpose": self.purpose} if self.purpose else {})}


@dataclass
class World:
    """The registry, who may ask it, and what of it is secret."""

    registry: Registry
    book: AccessBook
    marks: Marks
    by_unit: dict[str, list[str]]  # unit → the people of whom it is steward
    earlier: frozenset[str]  # marks that were stated once, and of what is proposed
    hidden: frozenset[str]  # marks that nobody may see
    visitors: dict[str, Visitor] = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        return [one for members in self.by_unit.values() for one in members]

    @property
    def arguments(self) -> dict[str, str]:
        """What a walk gives to required arguments."""
        person = self.people[0]
        return {
            **dict.fromkeys(("id", "node"), f'"{person}"'),
            **dict.fromkeys(("before", "knownAt"), '"1"'),
            "number": "1",
            "scenario": f'{{ name: "person-leaves", nodes: ["{person}"] }}',
            "fact": f'{{ subject: "{person}" }}',
            "by": '["Person"]',
            "question": '"overloaded-people"',
            "representations": f'[{{__typename: "Person", id: "{person}"}}]',
        }


def build(profile: Profile, place: Path) -> World:
    """Make the registry: a few nodes of every class at random, and two people for every unit."""
    registry, marks = Registry.create(place, profile, base=BASE), Marks()
    person = QA + "Person"
    made = [f for f in facts(profile, Random(7)) if not _about_people(f, person)]
    units = sorted({f.subject for f in made if f.predicate == RDF_TYPE and f.object in _units(profile)})
    lasting = (RDF_TYPE, RDFS_LABEL)  # no dates: every unit is there today, and has a steward
    made = [f for f in made if f.subject not in units or f.predicate in lasting]
    by_unit, people = _people(units, person, marks)
    private, made = _private(made, profile, marks)
    _leniently(registry, [*made, *people, *_earlier(by_unit, marks)])
    gone = [f for f in registry.engine.facts(predicate=RDFS_LABEL) if "早" in f.object]
    commit(registry, (), [statement(f) for f in gone], message="二")
    whose = marks.of(by_unit[units[-1]])
    old = frozenset(m for m in whose if any(m in f.object for f in gone))
    proposed = _proposed(registry, by_unit[units[0]][0], marks)
    world = World(registry, AccessBook.open(place), marks, by_unit, old | proposed, private)
    world.visitors.update({one.name: one for one in _visitors(world, units)})
    return world


def _leniently(registry: Registry, stated: list[Fact]) -> None:
    """Commit what is made at random, whatever rules say of it: those that reject it only warn."""
    while True:
        try:
            commit(registry, map(statement, stated), message="一")
            return
        except NotConformingError as error:
            rules = {finding.rule for finding in error.findings if isinstance(finding, Finding)}
            assert rules
            for rule in sorted(rules):
                set_mode(registry, rule, Mode.WARN, reason="示例", author="示例")


def _about_people(fact: Fact, person: str) -> bool:
    ends = [fact.subject, *([iri_of(fact.object)] if is_iri(fact.object) else [])]
    return any("/Person/" in end for end in ends) or fact.predicate == QA + "appointee"


def _units(profile: Profile) -> frozenset[str]:
    family = profile.classes[QA + "Unit"].children
    return frozenset(iri(kind) for kind in family)


def _people(units: list[str], person: str, marks: Marks) -> tuple[dict[str, list[str]], list[Fact]]:
    by_unit: dict[str, list[str]] = {}
    made: list[Fact] = []
    for number, unit in enumerate(units):
        base = unit.rpartition("/")[0].rpartition("/")[0]
        for second in (0, 1):
            node, post, held = (f"{base}/{kind}/u{number}x{second}" for kind in ("Person", "Post", "Held"))
            by_unit.setdefault(unit, []).append(node)
            made += [
                Fact(node, RDF_TYPE, iri(person)),
                Fact(post, RDF_TYPE, iri(QA + "Post")),
                Fact(post, RDFS_LABEL, literal(f"岗位{number}{second}", language="zh")),
                Fact(post, QA + "postOf", iri(unit)),
                Fact(post, QA + "hasAppointment", iri(held)),
                Fact(held, RDF_TYPE, iri(QA + "Appointment")),
                Fact(held, QA + "appointee", iri(node)),
                Fact(node, QA + "staffNumber", literal(f"n{number}{second}")),
            ]
            made += [_marked(node, RDFS_LABEL, language, marks) for language in ("zh", "en")]
            made += [_marked(node, QA + name, "", marks) for name in ("email", "phone")]
            made.append(_marked(node, "https://w3id.org/qualitrace/engine#alias", "zh", marks))
    return by_unit, made


def _marked(node: str, predicate: str, language: str, marks: Marks) -> Fact:
    text = f'密 {marks.new(node, predicate)}&<"é机>'
    return Fact(node, predicate, literal(text, language=language))


def _earlier(by_unit: dict[str, list[str]], marks: Marks) -> list[Fact]:
    """What people were called before: it is taken back, and the journal still tells it."""
    node = list(by_unit.values())[-1][0]
    return [Fact(node, RDFS_LABEL, literal(f"早 {marks.new(node, 'earlier')}", language="fr"))]


def _private(made: list[Fact], profile: Profile, marks: Marks) -> tuple[frozenset[str], list[Fact]]:
    """Mark what no interface shows, where it is about the classes that say so."""
    exposures = Exposures.of(profile)
    classes: dict[str, set[str]] = {}
    for fact in made:
        if fact.predicate == RDF_TYPE:
            classes.setdefault(fact.subject, set()).add(iri_of(fact.object))
    found: set[str] = set()
    changed = []
    for fact in made:
        exposed = exposures.about.get(fact.predicate, {})
        shut = any(exposed.get(kind) == "private" for kind in classes.get(fact.subject, ()))
        if shut and not is_iri(fact.object) and lit_of(fact.object).datatype.endswith("string"):
            mark = marks.new(fact.subject, fact.predicate)
            found.add(mark)
            fact = Fact(fact.subject, fact.predicate, literal(mark))
        changed.append(fact)
    return frozenset(found), changed


def _proposed(registry: Registry, node: str, marks: Marks) -> frozenset[str]:
    """The office proposes another telephone: a mark that only those who decide may see."""
    mark = marks.new("proposal", "proposal")
    edits = [NodeEdit(node, add=(FieldValue("phones", f"电 {mark}"),))]
    change = edited(registry, edits, "示例")
    propose(registry, change, "改电话", Actor("示例办公室", Role.OFFICE.value))
    return frozenset({mark})


def _visitors(world: World, units: list[str]) -> Iterable[Visitor]:
    marks, book = world.marks, world.book
    everything = frozenset(marks.about) - world.hidden
    nothing: frozenset[str] = frozenset()

    def token(name: str, *roles: Role, of: Iterable[str] = ()) -> str:
        return book.tokens.make(name, roles, units=of, expires=None, by="示例")[1]

    def present(*of: str) -> frozenset[str]:
        return marks.of(node for unit in of for node in world.by_unit[unit]) - world.earlier

    one, two = units[0], units[1]
    yield Visitor("nobody", "", "", nothing)
    revoked = token("示例 revoked", Role.OFFICE)
    for kept in book.tokens.all():
        if kept.name == "示例 revoked":
            book.tokens.revoke(kept.id, by="示例")
    yield Visitor("revoked", revoked, "audit", nothing)
    yield Visitor("reader", token("示例 reader", Role.READER), "curious", nothing)
    yield Visitor("system", token("示例 system", Role.SYSTEM), "exchange", nothing)
    auditor = token("示例 auditor", Role.AUDITOR)
    yield Visitor("auditor without purpose", auditor, "", nothing)
    yield Visitor("auditor", auditor, "audit", everything)
    steward = token("示例 steward", Role.STEWARD, of=[one])
    yield Visitor("steward without purpose", steward, "", nothing)
    yield Visitor("steward", steward, "duty", present(one))
    both = token("示例 two", Role.STEWARD, of=[one, two])
    yield Visitor("steward of two", both, "duty", present(one, two))
    elsewhere = token("示例 none", Role.STEWARD, of=[f"{one}-elsewhere"])
    yield Visitor("steward of none", elsewhere, "duty", nothing)
    yield Visitor("office", token("示例 office", Role.OFFICE), "duty", everything)
