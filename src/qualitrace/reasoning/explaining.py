"""Why a fact follows: the step that concluded it and the facts it used (floor 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from qualitrace.errors import QueryError
from qualitrace.profile.model import Profile
from qualitrace.reasoning.failing import failed
from qualitrace.reasoning.model import Program, fact_key, meet
from qualitrace.reasoning.patterns import (
    Group,
    Optional,
    Part,
    Select,
    Slot,
    Triple,
    Triples,
    Union,
    narrowed,
)
from qualitrace.reasoning.planning import StepPlan, plan_of, taking
from qualitrace.reasoning.presence import held
from qualitrace.reasoning.program import compile_program
from qualitrace.reasoning.walking import Walk
from qualitrace.reasoning.writing import Binding, everything
from qualitrace.store import INFERRED, PROFILE, STATED, SparqlEngine
from qualitrace.terms import Fact, iri_of, is_iri

MOST = 100  # solutions looked at for one step


@dataclass(frozen=True, slots=True)
class Reason:
    """One way in which a fact follows: the name of the step, the facts it used, the values it put in.

    ``facts`` holds what had to be there (along paths, one way); what had to be missing is in no fact. It
    is empty for a rule that cannot be taken apart.
    """

    step: str
    facts: tuple[Fact, ...]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proof:
    """A fact, and when it is not stated, the reason for it with a proof of each fact that it used."""

    fact: Fact
    reason: Reason | None = None
    parts: tuple[Proof, ...] = ()


def reasons(
    engine: SparqlEngine,
    profile: Profile,
    program: Program | None,
    fact: Fact,
    *,
    without: frozenset[Fact] = frozenset(),
) -> tuple[Reason, ...]:
    """Return the ways in which a fact follows from others, none of which uses it, or a fact of ``without``.

    The axioms and rules come in the order in which they run. Empty when nothing concludes the fact.

    Raises ProfileError for a rule that cannot be run.
    """
    plan = plan_of(program or compile_program(profile))
    teller = _Teller(engine, without | {fact})
    found: dict[tuple[str, tuple[Fact, ...]], Reason] = {}
    for stratum in plan.strata:
        for step in stratum.steps:
            if meet((fact_key(fact),), step.step.writes):
                for reason in teller.reasons(step, fact):
                    found.setdefault((reason.step, reason.facts), reason)
    return tuple(found.values())


def proof(engine: SparqlEngine, profile: Profile, program: Program | None, fact: Fact) -> Proof | None:
    """Follow the reasons for a fact down to what is stated; no fact stands above itself.

    None when the fact neither is stated nor follows. Raises ProfileError for a rule that cannot be run.
    """
    return _proof(engine, profile, program or compile_program(profile), fact, frozenset())


def _proof(
    engine: SparqlEngine, profile: Profile, program: Program, fact: Fact, above: frozenset[Fact]
) -> Proof | None:
    if held(engine, STATED, fact) or held(engine, PROFILE, fact):
        return Proof(fact)
    if not held(engine, INFERRED, fact):
        return None
    below, without = above | {fact}, above
    while True:
        unproven = set[Fact]()
        for reason in reasons(engine, profile, program, fact, without=without):
            parts = []
            for used in reason.facts:
                part = _proof(engine, profile, program, used, below)
                if part is None:
                    unproven.add(used)  # no proof of this fact can rest on it
                    break
                parts.append(part)
            else:
                return Proof(fact, reason, tuple(parts))
        if not unproven:
            return None
        without |= unproven


class _Teller:
    """Tells what one step used, with facts that may not be used."""

    def __init__(self, engine: SparqlEngine, without: frozenset[Fact]) -> None:
        self._engine = engine
        self._without = without
        self._walk = Walk(engine, without)

    def reasons(self, plan: StepPlan, fact: Fact) -> Iterator[Reason]:
        if plan.body is None:
            if fact in _asked(self._engine, plan):
                yield Reason(plan.step.name, (), {})
            return
        for triple in plan.head:
            for binding in taking(triple, [fact]):
                for body in _alternatives(plan.body):
                    yield from self._solutions(plan, body, triple, binding)

    def _solutions(self, plan: StepPlan, body: Group, head: Triple, binding: Binding) -> Iterator[Reason]:
        names = frozenset(head.variables)
        query = everything(narrowed(body, names), MOST)
        try:
            rows = self._engine.select(query.filled([binding]))
        except QueryError as error:
            raise failed(plan.step, error) from error
        for row in rows:
            values = {f"?{name}": term for name, term in row.items()}
            if any(values.get(name) != term for name, term in binding.items()):
                continue
            with suppress(_NoWay):
                facts = tuple(dict.fromkeys(self._used(body.parts, values)))
                yield Reason(plan.step.name, facts, {name: values[name] for name in sorted(values)})

    def _used(self, parts: tuple[Part, ...], values: Binding) -> Iterator[Fact]:
        """The facts that the patterns stand for, with these values."""
        for part in parts:
            match part:
                case Triples():
                    for triple in part.triples:
                        yield from self._facts(triple, values)
                case Union():
                    for branch in part.branches:
                        yield from self._used(branch.parts, values)
                case Optional():
                    with suppress(_NoWay):
                        yield from tuple(self._used(part.group.parts, values))
                case Select():
                    yield from self._gathered(part, values)
                case _:
                    pass

    def _facts(self, triple: Triple, values: Binding) -> Iterator[Fact]:
        subject, object_ = (values.get(one, one) for one in (triple.subject, triple.object))
        if subject.startswith("?") or object_.startswith("?") or not is_iri(subject):
            return
        if isinstance(triple.predicate, str):
            way = self._link(
                Fact(iri_of(subject), iri_of(values.get(triple.predicate, triple.predicate)), object_)
            )
        else:
            way = self._walk.way(subject, triple.predicate, object_)
        if way is None:
            raise _NoWay
        yield from way

    def _link(self, fact: Fact) -> tuple[Fact, ...] | None:
        return (fact,) if fact not in self._without and held(self._engine, None, fact) else None

    def _gathered(self, part: Select, values: Binding) -> Iterator[Fact]:
        """What a query inside counted or passed on, with the values that it shares."""
        shared = tuple(sorted(part.shown & set(values)))
        inside = Group((Slot(shared), *part.where.parts) if shared else part.where.parts)
        for row in self._engine.select(everything(inside, MOST).filled([values])):
            yield from self._used(part.where.parts, {f"?{name}": term for name, term in row.items()})


class _NoWay(Exception):
    """A pattern holds only by facts that may not be used."""


def _alternatives(group: Group) -> Iterator[Group]:
    """The group with one branch of every UNION."""
    for at, part in enumerate(group.parts):
        if isinstance(part, Union) and len(part.branches) > 1:
            for branch in part.branches:
                one = Union((branch,))
                yield from _alternatives(Group((*group.parts[:at], one, *group.parts[at + 1 :])))
            return
    yield group


def _asked(engine: SparqlEngine, plan: StepPlan) -> list[Fact]:
    try:
        return engine.construct(plan.step.query)
    except QueryError as error:
        raise failed(plan.step, error) from error
