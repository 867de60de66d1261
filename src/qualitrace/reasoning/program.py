"""A profile's axioms and rules in an order in which they can be run."""

from __future__ import annotations

from qualitrace.errors import ProfileError
from qualitrace.profile.model import Profile
from qualitrace.reasoning.axioms import axiom_steps
from qualitrace.reasoning.classes import class_steps
from qualitrace.reasoning.dated import dated_steps
from qualitrace.reasoning.model import ANYTHING, Program, Step, meet
from qualitrace.reasoning.rules import rule_step
from qualitrace.reasoning.wanted import wanted_predicates
from qualitrace.text import Text


def compile_program(profile: Profile) -> Program:
    """Compile a profile's axioms and rules; of rules that hold on a date, only what they read counts.

    Raises ProfileError for a rule that may not run, and when a conclusion depends on its own absence,
    so that no order settles it (the rules of the cycle are named).
    """
    rules = [rule_step(rule, profile) for rule in profile.rules if not rule.day]
    asked = [*rules, *dated_steps(profile)]
    wanted = wanted_predicates(profile, asked)
    if any(ANYTHING in rule.reads for rule in asked):
        wanted |= {str(term) for term in profile.ontology.subjects()}
    classes = class_steps(profile, wanted, asked)
    return Program(strata=_strata([*axiom_steps(profile, wanted), *classes, *rules]))


def _strata(steps: list[Step]) -> tuple[tuple[Step, ...], ...]:
    # Imported where needed: a registry that opens from a checkpoint compiles no rule.
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(steps)))
    for one, writer in enumerate(steps):
        for other, reader in enumerate(steps):
            if meet(writer.writes, reader.reads):
                graph.add_edge(one, other)
    # A fixed order among equals, so that two runs do the same.
    groups = nx.condensation(graph)
    ordered = nx.lexicographical_topological_sort(
        groups, key=lambda group: min(groups.nodes[group]["members"])
    )
    strata = [tuple(steps[at] for at in sorted(groups.nodes[group]["members"])) for group in ordered]
    for stratum in strata:
        _check_settled(stratum)
    return tuple(strata)


def _check_settled(stratum: tuple[Step, ...]) -> None:
    for reader in stratum:
        for writer in stratum:
            if meet(writer.writes, reader.settled):
                raise _unsettled(reader, _way(stratum, reader, writer))


def _way(stratum: tuple[Step, ...], first: Step, last: Step) -> list[Step]:
    """The fewest steps of a stratum by which what one concludes leads to another."""
    ways, seen = [[first]], {first}
    for way in ways:  # grows while it is read
        if way[-1] is last:
            return way
        for step in stratum:
            if step not in seen and meet(way[-1].writes, step.reads):
                seen.add(step)
                ways.append([*way, step])
    return [first, last]


def _unsettled(reader: Step, way: list[Step]) -> ProfileError:
    return ProfileError(
        Text(
            zh=f"规则“{reader.name}”的结论取决于它自己（或由它推出的结论）是否成立，没有先后可言。",
            en=f"What the rule “{reader.name}” concludes depends on whether its own conclusions are"
            " missing, so no order settles it.",
        ),
        where=" → ".join(step.name for step in [*way, reader]),
        hint=Text(
            zh="请让否定、可选（OPTIONAL）和统计只涉及此前已经确定的属性。",
            en="Negate, count, or make optional only what is settled before the rule runs.",
        ),
    )
