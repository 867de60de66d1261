"""What each step does when facts change: compiled once, used at every commit (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from qualitrace.reasoning.model import ANYTHING, Key, Program, Step, meet, type_key
from qualitrace.reasoning.patterns import Group, Triple, certain, first_bound, narrowed, variables_in
from qualitrace.reasoning.reading import UnreadableError, read_rule
from qualitrace.reasoning.sites import Site, sites
from qualitrace.reasoning.standing import from_anywhere
from qualitrace.reasoning.writing import Binding, Template, construct, select
from qualitrace.terms import RDF_TYPE, Fact, iri, iri_of, is_iri


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A place where a step reads facts.

    ``find`` answers, for facts that take the place of ``edge``, values of ``names`` (variables of the
    head) with which the step may conclude more or less. ``conclude`` gives what holds: for the values
    found when the place is ``settled``, for the facts themselves otherwise.
    """

    edge: Triple
    keys: frozenset[Key]
    settled: bool
    names: tuple[str, ...]
    find: Template
    conclude: Template


@dataclass(frozen=True, slots=True, eq=False)
class StepPlan:
    """One step by change. ``anew``: why it is worked out anew whenever something it reads changes."""

    step: Step
    head: tuple[Triple, ...]
    targets: tuple[Target, ...] = ()
    body: Group | None = None
    again: tuple[Template, ...] = ()  # by the place in the head: what holds for values of its variables
    anew: str = ""

    def touched(self, key: Key) -> bool:
        """Whether the step reads facts under a key."""
        return meet((key,), self.step.reads)


@dataclass(frozen=True, slots=True, eq=False)
class StratumPlan:
    """The steps of one stratum, and the keys of what they read and write together."""

    steps: tuple[StepPlan, ...]
    reads: frozenset[Key]
    writes: frozenset[Key]
    unsteady: bool


@dataclass(frozen=True, slots=True, eq=False)
class ProgramPlan:
    """A program by change. ``keys``: of all that any step reads or writes."""

    strata: tuple[StratumPlan, ...]
    keys: frozenset[Key]


@lru_cache(maxsize=16)
def plan_of(program: Program) -> ProgramPlan:
    """Compile what the steps of a program do when facts change."""
    strata = tuple(_stratum(stratum) for stratum in program.strata)
    return ProgramPlan(strata, frozenset(key for stratum in strata for key in stratum.reads | stratum.writes))


def _stratum(steps: tuple[Step, ...]) -> StratumPlan:
    return StratumPlan(
        tuple(_planned(step) for step in steps),
        reads=frozenset(key for step in steps for key in step.reads),
        writes=frozenset(key for step in steps for key in step.writes),
        unsteady=any(step.unsteady for step in steps),
    )


def _planned(step: Step) -> StepPlan:
    head, body = step.head, step.body
    if body is None:
        try:
            head, body = read_rule(step.query)
        except UnreadableError as error:
            return StepPlan(step, head=_head_of(step), anew=str(error) or "unreadable")
    if step.unsteady:
        return StepPlan(step, head=head, body=body, anew="it asks for the time or for one graph")
    if from_anywhere(body):
        return StepPlan(step, head=head, body=body, anew="a path of no steps starts at every node there is")
    proof = step.proof or body
    return StepPlan(
        step,
        head,
        body=body,
        targets=tuple(_target(site, head, body) for site in sites(body)),
        again=tuple(construct(head, narrowed(proof, frozenset(triple.variables))) for triple in head),
    )


def _head_of(step: Step) -> tuple[Triple, ...]:
    """Stand-ins for a head that was not read: any fact under what the step writes."""
    found = []
    for key in sorted(step.writes):
        predicate, _, class_iri = key.partition(" ")
        found.append(
            Triple("?s", "?p" if key == ANYTHING else iri(predicate), iri(class_iri) if class_iri else "?o")
        )
    return tuple(found)


def _target(site: Site, head: tuple[Triple, ...], body: Group) -> Target:
    wanted = variables_in(name for triple in head for name in triple.variables)
    if site.through is not None:
        known = certain(site.around.parts)
        names = tuple(name for name in wanted if name in known)
        conclude = construct(head, site.through)
    else:
        known = certain(site.around.parts) & first_bound(body)
        names = tuple(name for name in wanted if name in known)
        conclude = construct(head, narrowed(body, frozenset(names)))
    return Target(
        site.edge, frozenset((_key(site.edge),)), site.settled, names, select(names, site.around), conclude
    )


def _key(edge: Triple) -> Key:
    """The key of the facts that can take the place of a pattern."""
    predicate, object_ = edge.predicate, edge.object
    if not isinstance(predicate, str) or predicate.startswith("?"):
        return ANYTHING
    name = iri_of(predicate)
    return type_key(iri_of(object_)) if name == RDF_TYPE and is_iri(object_) else name


def taking(edge: Triple, facts: Iterable[Fact]) -> list[Binding]:
    """Put facts in the place of a triple pattern; those that do not fit fall out.

    Values other than IRIs are not compared here: the store knows when two of them are the same.
    """
    found: list[Binding] = []
    for fact in facts:
        binding: dict[str, str] = {}
        terms = (iri(fact.subject), iri(fact.predicate), fact.object)
        for part, term in zip((edge.subject, edge.predicate, edge.object), terms, strict=True):
            pattern = str(part)
            if pattern.startswith("?"):
                if binding.setdefault(pattern, term) != term:
                    break
            elif is_iri(pattern) and pattern != term:
                break
        else:
            found.append(binding)
    return found
