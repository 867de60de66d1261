"""Scenarios of the profile, asked about named nodes, made into a change (floor 3).

A scenario looks at what is stated and at the ontology, never at what follows: it takes back and adds
statements, and what follows from them is worked out anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qualitrace.errors import QueryError
from qualitrace.journal import Source, SourcedFact
from qualitrace.profile.model import ParameterModel, Profile, ScenarioModel
from qualitrace.profile.scenarios import queries
from qualitrace.reasoning.rules import prologue
from qualitrace.registry.model import Change
from qualitrace.registry.registry import Registry
from qualitrace.registry.speaking import Speaker
from qualitrace.store import STATED, Engine
from qualitrace.store.stated import same_value, stated_view
from qualitrace.terms import RDF_TYPE, XSD, Fact, iri, iri_of, is_iri, literal
from qualitrace.text import Text
from qualitrace.tracing.model import Node


@dataclass(frozen=True, slots=True)
class Given:
    """What a parameter of a scenario stands for."""

    parameter: ParameterModel
    node: Node


@dataclass(frozen=True, slots=True)
class Asked:
    """A scenario about certain nodes. ``since`` is the first day on which it holds."""

    scenario: ScenarioModel
    given: tuple[Given, ...]
    since: dt.date

    @property
    def title(self) -> Text:
        """The scenario with its nodes, on one line."""
        said = {}
        for language in ("zh", "en"):
            names = (one.node.label.best(language) for one in self.given)
            separator, colon = ("、", "：") if language == "zh" else (", ", ": ")
            said[language] = self.scenario.titles.best(language) + colon + separator.join(names)
        return Text(said)


def named_scenario(profile: Profile, name: str) -> ScenarioModel:
    """Return a scenario by its file name or title. Raises QueryError, naming what there is."""
    for scenario in profile.scenarios:
        if name.strip() in (scenario.name, *scenario.titles.values()):
            return scenario
    listed = [scenario.name for scenario in profile.scenarios]
    raise QueryError(
        Text(zh=f"没有名为“{name}”的情景。", en=f"There is no scenario called “{name}”."),
        hint=Text(
            zh="可用的情景：" + "、".join(listed) if listed else "配置里没有情景（reasoning/what-if/*.ru）。",
            en="There are: " + ", ".join(listed)
            if listed
            else "The profile has none (reasoning/what-if/*.ru).",
        ),
    )


def asked(registry: Registry, name: str, nodes: Sequence[str], since: dt.date | None = None) -> Asked:
    """Find the nodes that a scenario is asked about: in the order of its parameters, or ``name=node``.

    Raises QueryError (no such scenario, a parameter missing, a node of the wrong class, one node twice),
    UnknownNodeError.
    """
    scenario = named_scenario(registry.profile, name)
    with registry.reading():
        speaker = Speaker(registry.profile, registry.base, registry.engine)
        given = []
        for parameter, node in _paired(scenario, nodes, registry.profile):
            found = registry.resolve(node)
            _check_class(registry, parameter, found, speaker)
            given.append(Given(parameter, speaker.node(found)))
    names = [one.node.iri for one in given]
    if len(set(names)) < len(names):
        raise QueryError(
            Text(zh="同一个对象写了两次。", en="The same node is named twice."),
            where=" ".join(nodes),
            hint=Text(zh="每个参数请写不同的对象。", en="Name another node for each parameter."),
        )
    return Asked(scenario, tuple(given), since or dt.date.today())


def change_of(registry: Registry, one: Asked) -> Change:
    """Work out the statements that a scenario takes back and adds. Raises QueryError when there are none."""
    scenario = one.scenario
    values = {given.parameter.name: iri(given.node.iri) for given in one.given}
    if scenario.day:
        values[scenario.day] = literal(one.since.isoformat(), datatype=XSD + "date")
    registry.refresh()
    with registry.reading():
        view = stated_view(registry.engine)
        known = prologue(registry.profile.prefixes.items())
        gone, new = (
            set(view.construct(known + query)) if query else set[Fact]()
            for query in queries(scenario, values)
        )
        removed = list(_entries(registry, gone - new))
        source = Source(f"情景 what-if: {scenario.name}")
        added = [SourcedFact(fact, source) for fact in sorted(new) if not _states(registry.engine, fact)]
        position = registry.position
    if not added and not removed:
        raise QueryError(
            Text(zh="这不会改变任何内容。", en="This would change nothing."),
            where=one.title.both(),
            hint=Text(
                zh="它在这一天可能已经不在了；请检查对象和日期。",
                en="It may be gone by that day; check the nodes and the date.",
            ),
        )
    return Change((), tuple(added), tuple(removed), position=position)


def _paired(
    scenario: ScenarioModel, nodes: Sequence[str], profile: Profile
) -> Iterator[tuple[ParameterModel, str]]:
    """Match what was given with the parameters."""
    wanted = {parameter.name: parameter for parameter in scenario.parameters}
    named: dict[str, str] = {}
    rest = []
    for node in nodes:
        name, equals, value = node.partition("=")
        if equals and name in wanted and name not in named:
            named[name] = value
        else:
            rest.append(node)
    for name in wanted:
        if name not in named and rest:
            named[name] = rest.pop(0)
    missing = [parameter for name, parameter in wanted.items() if not named.get(name, "").strip()]
    if missing or rest:
        raise _usage(scenario, profile, missing, rest)
    return ((parameter, named[name]) for name, parameter in wanted.items())


def _usage(
    scenario: ScenarioModel, profile: Profile, missing: Sequence[ParameterModel], rest: Sequence[str]
) -> QueryError:
    if missing:
        zh, en = missing[0].labels.best("zh"), missing[0].labels.best("en")
        what = Text(zh=f"没有写明{zh}（{missing[0].name}）。", en=f"{missing[0].name} is missing: {en}.")
    else:
        what = Text(zh=f"“{rest[0]}”是多写的。", en=f"“{rest[0]}” is one too many.")

    def listed(language: str) -> str:
        said = (
            f"{one.name}（{one.labels.best(language)}，{profile.classes[one.of].labels.best(language)}）"
            if language == "zh"
            else f"{one.name} ({one.labels.best(language)}: {profile.classes[one.of].labels.best(language)})"
            for one in scenario.parameters
        )
        return ("、" if language == "zh" else ", ").join(said)

    return QueryError(
        what,
        where=scenario.name,
        hint=Text(zh="依次要写：" + listed("zh"), en="It takes, in this order: " + listed("en")),
    )


def _check_class(registry: Registry, parameter: ParameterModel, node: str, speaker: Speaker) -> None:
    model = registry.profile.classes[parameter.of]
    facts = registry.engine.facts(subject=node, predicate=RDF_TYPE)
    kinds = {iri_of(fact.object) for fact in facts if is_iri(fact.object)}
    if kinds.isdisjoint(model.children | {model.iri}):
        said = {language: model.labels.best(language) for language in ("zh", "en")}
        called = speaker.called(node)
        raise QueryError(
            Text(zh=f"{called['zh']}不是{said['zh']}。", en=f"{called['en']} is no {said['en'].lower()}."),
            where=f"{parameter.name} = {node.removeprefix(registry.base)}",
            hint=Text(
                zh=f"“{parameter.labels.best('zh')}”要写一个{said['zh']}。",
                en=f"“{parameter.labels.best('en')}” takes a {said['en'].lower()}.",
            ),
        )


def _entries(registry: Registry, gone: set[Fact]) -> Iterator[SourcedFact]:
    """All statements, in whichever place, of facts that go; a query knows literals by their value only."""
    wanted: dict[tuple[str, str], list[Fact]] = {}
    for fact in gone:
        wanted.setdefault((fact.subject, fact.predicate), []).append(fact)
    for entry in registry.journal.about({fact.subject for fact in gone}):
        here = wanted.get((entry.fact.subject, entry.fact.predicate), ())
        if any(_same(entry.fact, fact) for fact in here):
            yield entry


def _same(one: Fact, other: Fact) -> bool:
    return one == other or (
        (one.subject, one.predicate) == (other.subject, other.predicate)
        and same_value(one.object, other.object)
    )


def _states(engine: Engine, fact: Fact) -> bool:
    found = engine.facts(STATED, subject=fact.subject, predicate=fact.predicate, object=fact.object)
    return next(iter(found), None) is not None
