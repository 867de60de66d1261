"""What is different between two states of a registry, in terms a person reads (floor 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from qualitrace.journal.lookup import net_change
from qualitrace.registry.past import Past
from qualitrace.registry.private import private_by_class
from qualitrace.registry.records import finding_key
from qualitrace.registry.registry import Registry
from qualitrace.registry.speaking import Speaker, listed
from qualitrace.store import STATED
from qualitrace.terms import RDF_TYPE, Fact, iri_of, is_iri
from qualitrace.text import Text
from qualitrace.tracing.model import Node, Verdict
from qualitrace.validation.model import Finding

State = Registry | Past


class Fate(StrEnum):
    """What became of a node."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """The values of one property that came and went (N-Triples terms, with what they say)."""

    property: str
    label: Text
    added: tuple[str, ...]
    removed: tuple[str, ...]
    added_texts: tuple[Text, ...]
    removed_texts: tuple[Text, ...]
    sentence: Text


@dataclass(frozen=True, slots=True)
class NodeChange:
    """What became of one node, and the unit that must act for it (IRI, ``""`` when there is none)."""

    node: Node
    fate: Fate
    unit: str
    sentence: Text
    values: tuple[ValueChange, ...]


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A node whose chains newly break, or are newly whole; ``lost`` is what stood where it breaks now."""

    node: Node
    unit: str
    before: Verdict | None
    after: Verdict | None
    lost: tuple[str, ...]
    sentence: Text

    @property
    def broken(self) -> bool:
        """True when it is broken now, and was not."""
        return self.after is not None and not self.after.complete


@dataclass(frozen=True, slots=True)
class Difference:
    """All that is different. Verdicts are those of one day of valid time."""

    before: int
    after: int
    as_of: str
    nodes: tuple[NodeChange, ...]
    verdicts: tuple[VerdictChange, ...]
    appeared: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    units: dict[str, Node]  # every unit named above

    @property
    def empty(self) -> bool:
        """True when nothing is different."""
        return not (self.nodes or self.verdicts or self.appeared or self.gone)


def difference(
    before: State,
    after: State,
    *,
    as_of: dt.date | None = None,
) -> Difference:
    """Compare two states of one registry, the later one perhaps only tried out (:func:`trial`).

    Verdicts are compared as of one day (default: today). What is private is left out. Raises QueryError as
    validation does.
    """
    added, removed = _facts(before, after)
    private = private_by_class(after.profile, before.engine, after.engine)
    added, removed = ([fact for fact in side if not private(fact)] for side in (added, removed))
    speaker = Speaker(after.profile, after.base, after.engine, before.engine)
    day = as_of or dt.date.today()
    nodes = tuple(_node_changes(before, after, added, removed, speaker))
    verdicts = tuple(_verdict_changes(before, after, day, speaker))
    found, had = after.full_report(day).findings, before.full_report(day).findings
    there, here = {finding_key(f) for f in had}, {finding_key(f) for f in found}
    appeared = after.without_private(finding for finding in found if finding_key(finding) not in there)
    gone = before.without_private(finding for finding in had if finding_key(finding) not in here)
    named = {one.unit for one in nodes} | {one.unit for one in verdicts}
    named = (named | {finding.unit for finding in (*appeared, *gone)}) - {""}
    units = {unit: speaker.node(unit) for unit in sorted(named)}
    return Difference(
        before.position, after.position, day.isoformat(), nodes, verdicts, appeared, gone, units
    )


def _facts(before: State, after: State) -> tuple[list[Fact], list[Fact]]:
    """The facts that came and went: by the journal where it knows, else by looking at both."""
    tried = next((s for s in (before, after) if isinstance(s, Past) and s.tried is not None), None)
    if isinstance(after, Past) and after.tried is not None and before.position == after.position:
        return list(after.tried[0]), list(after.tried[1])
    if tried is None:
        journal = after.journal if after.position >= before.position else before.journal
        return net_change(journal, before.position, after.position)
    had, has = set(before.engine.facts(STATED)), set(after.engine.facts(STATED))
    return sorted(has - had), sorted(had - has)


def _node_changes(
    before: State, after: State, added: Iterable[Fact], removed: Iterable[Fact], speaker: Speaker
) -> Iterator[NodeChange]:
    changes: dict[str, dict[str, tuple[list[str], list[str]]]] = {}
    for side, facts in enumerate((added, removed)):
        for fact in facts:
            both = changes.setdefault(fact.subject, {}).setdefault(fact.predicate, ([], []))
            both[side].append(fact.object)
    found = []
    for name, values in changes.items():
        fate = _fate(name, before, after)
        sentence = _sentence(fate, speaker.called(name))
        told = tuple(
            _value_change(name, predicate, sorted(came), sorted(went), speaker)
            for predicate, (came, went) in sorted(values.items())
        )
        found.append(NodeChange(speaker.node(name), fate, speaker.unit(name), sentence, told))
    yield from sorted(found, key=lambda one: (one.node.classes, one.node.code, one.node.iri))


def _fate(name: str, before: State, after: State) -> Fate:
    had, has = (
        next(state.engine.facts(STATED, subject=name, predicate=RDF_TYPE), None) is not None
        for state in (before, after)
    )
    if has and not had:
        return Fate.ADDED
    return Fate.REMOVED if had and not has else Fate.CHANGED


def _sentence(fate: Fate, called: Text) -> Text:
    zh, en = called["zh"], called["en"]
    if fate is Fate.ADDED:
        return Text(zh=f"新增{zh}", en=f"new: {en}")
    if fate is Fate.REMOVED:
        return Text(zh=f"{zh}已删除", en=f"{en} is gone")
    return Text(zh=f"{zh}有改动", en=f"{en} has changed")


def _value_change(
    name: str, predicate: str, came: list[str], went: list[str], speaker: Speaker
) -> ValueChange:
    label = speaker.property(predicate)
    new, old = tuple(map(speaker.value, came)), tuple(map(speaker.value, went))
    called = speaker.called(name)
    zh, en = f"{called['zh']}的{label.best('zh')}", f"{called['en']}"
    named = label.best("en")
    if new and old:
        sentence = Text(
            zh=f"{zh}由{listed(old, 'zh')}改为{listed(new, 'zh')}",
            en=f"{en}: {named} changed from {listed(old, 'en')} to {listed(new, 'en')}",
        )
    elif new:
        sentence = Text(zh=f"{zh}增加{listed(new, 'zh')}", en=f"{en} gained its {named} {listed(new, 'en')}")
    else:
        sentence = Text(zh=f"{zh}失去{listed(old, 'zh')}", en=f"{en} lost its {named} {listed(old, 'en')}")
    return ValueChange(predicate, label, tuple(came), tuple(went), new, old, sentence)


def _verdict_changes(before: State, after: State, day: dt.date, speaker: Speaker) -> Iterator[VerdictChange]:
    judged = [model.iri for model in after.profile.classes.values() if model.chains]
    had = {v.node.iri: v for of in judged for v in before.coverage(of, as_of=day).verdicts}
    has = {v.node.iri: v for of in judged for v in after.coverage(of, as_of=day).verdicts}
    absent = before._projection.index.absent(day)
    for name in sorted(had.keys() | has.keys()):
        old, new = had.get(name), has.get(name)
        if new is not None and not new.complete and (old is None or old.complete):
            yield _broken(old, new, before, absent, speaker)
        elif new is not None and new.complete and old is not None and not old.complete:
            called = speaker.called(name)
            sentence = Text(zh=f"{called['zh']}的链条补齐了", en=f"{called['en']} is whole again")
            yield VerdictChange(new.node, _steward(old), old, new, (), sentence)


def _broken(
    old: Verdict | None, new: Verdict, before: State, absent: set[str], speaker: Speaker
) -> VerdictChange:
    """``absent``: the nodes that did not exist on the day; what stood there did."""
    called = speaker.called(new.node.iri)
    lost: tuple[str, ...] = ()
    zh, en = new.absence.best("zh"), new.absence.best("en")
    if new.at is not None:
        facts = before.engine.facts(subject=new.at.iri, predicate=new.missing)
        lost = tuple(sorted({iri_of(fact.object) for fact in facts if is_iri(fact.object)} - absent))
        where = speaker.called(new.at.iri)
        if new.at.iri != new.node.iri:
            zh, en = f"{where['zh']}{zh}", f"{where['en']}: {en}"
    if lost:
        names = [speaker.node(name).label for name in lost]
        link = speaker.property(new.missing)
        zh += f"(原{link.best('zh')}:{listed(names, 'zh')})"
        en += f" (lost its {link.best('en')} {listed(names, 'en')})"
    sentence = Text(zh=f"{called['zh']}的链条断了:{zh}", en=f"{called['en']} is broken: {en}")
    return VerdictChange(new.node, _steward(new), old, new, lost, sentence)


def _steward(verdict: Verdict) -> str:
    return verdict.steward.iri if verdict.steward else ""
