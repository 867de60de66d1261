"""From the shapes of a profile to Cypher statements over all registries of a database (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rdflib.term import Node

from qualitrace.profile.model import Profile
from qualitrace.store.neo4j.naming import Naming, quoted
from qualitrace.text import Text
from qualitrace.validation.check import Check
from qualitrace.validation.cluster.model import CypherCheck, Refused
from qualitrace.validation.cluster.reaching import reach, ways
from qualitrace.validation.cluster.script import Names, Script, Spot
from qualitrace.validation.cluster.shapes import Cypher, refused
from qualitrace.validation.cluster.targets import given_nodes, targets_of
from qualitrace.validation.cluster.together import COMPARES, together
from qualitrace.validation.compiled import CompiledShapes, compile_shapes
from qualitrace.validation.constraint import Search, UnsupportedError
from qualitrace.validation.enrich import rule_of
from qualitrace.validation.shapes import Shape
from qualitrace.validation.stewards import choices


@dataclass(frozen=True)
class ClusterShapes:
    """What :func:`compile_cluster` answers: statements, and what has none.

    ``shapes`` are the same checks as at home; ``across`` tells which of them are checked here only.
    """

    profile: Profile
    names: Names
    shapes: CompiledShapes
    checks: tuple[CypherCheck, ...]
    refused: tuple[Refused, ...]
    detached: dict[Node, list[CypherCheck]] = field(default_factory=dict, compare=False)  # when asked for

    def is_across(self, check: Check) -> bool:
        """Tell whether a check speaks of all registries together."""
        return any(self.shapes.shapes.is_across(shape.node) for shape in check.shapes)


def compile_cluster(profile: Profile, *, everything: bool = False) -> ClusterShapes:
    """Compile the shapes of a profile that reach across registries; ``everything``: all that have a Cypher.

    Raises ProfileError when a shape is not well formed.
    """
    shapes = compile_shapes(profile.shapes, everywhere=True)
    names = Names.of(Naming.of(profile), profile.ontology)
    found, without = [], []
    made = ClusterShapes(profile, names, shapes, (), ())
    for check in shapes.checks:
        if not everything and not made.is_across(check):
            continue
        try:
            found.append(compiled(made, check))
        except UnsupportedError as error:
            without.append(Refused(rule_of(check.shapes), check.name, error.reason))
    without += _stewards(made, found)
    without += [
        Refused(one.root.name, one.root.name, one.reason)
        for one in shapes.elsewhere
        if everything or shapes.shapes.is_across(one.root.node)
    ]
    return ClusterShapes(profile, names, shapes, tuple(found), tuple(without))


def _stewards(shapes: ClusterShapes, checks: Iterable[CypherCheck]) -> list[Refused]:
    """Say which ways to who must act cannot be followed; the profile's own steward is named instead."""
    told: dict[str, Refused] = {}
    for shape in (shape for check in checks for shape in check.check.shapes):
        path = shapes.shapes.stewards.get(shape.node)
        for choice in choices(path) if path is not None else ():
            try:
                ways(choice)
            except UnsupportedError as error:
                told[shape.name] = Refused(shape.name, f"{shape.name} qt:steward", error.reason)
    return list(told.values())


def compiled(shapes: ClusterShapes, check: Check, *, given: bool = False) -> CypherCheck:
    """Write the statement of one check. Raises UnsupportedError with the reason why it has none.

    ``given``: it is run on the nodes of ``$places``, and not on what its shape targets.
    """
    if isinstance(check.constraint.test, Search) and check.constraint.test.is_query:
        raise UnsupportedError(Text(zh="规则是 SPARQL 查询", en="the rule is a SPARQL query"))
    if check.constraint.label == "closed":
        raise refused(check.constraint)
    script = Script(shapes.names)
    if check.constraint.label in COMPARES:
        if given or any(shape.path is not None for shape in check.shapes[:-1]):
            raise UnsupportedError(
                Text(zh="该规则不能从别的节点到达", en="it may not be reached from another node")
            )
        text, columns = together(shapes.shapes, script, check)
        return CypherCheck(check, text, script.parameters, columns)
    lines, spots = way(shapes, script, check.shapes, given=given)
    root, focus = spots[0], spots[-1]
    offence = Cypher(shapes.shapes._compiler, script).offence(check.shape, check.constraint, focus)
    shown = [f"{root.term} AS root", f"{focus.term} AS focus"]
    shown.append(f"{offence.value.term if offence.value is not None else 'null'} AS value")
    shown += [f"{expression} AS {quoted(name)}" for name, expression in offence.columns]
    lines += [offence.clauses, f"RETURN DISTINCT registry, {', '.join(shown)}"]
    return CypherCheck(check, "\n".join(lines), script.parameters, tuple(name for name, _ in offence.columns))


def way(
    shapes: ClusterShapes, script: Script, chain: tuple[Shape, ...], *, given: bool = False
) -> tuple[list[str], list[Spot]]:
    """Write what binds the focus nodes along a chain of shapes, and ``registry``; the last is the chain's."""
    is_node = not given and not shapes.shapes.targets(chain[0]).objects_of
    spots = [script.spot()._replace(is_node=is_node)]
    lines = [given_nodes(spots[0]) if given else targets_of(shapes.shapes, script, chain[0], spots[0])]
    for shape in chain[:-1]:
        if shape.path is not None:
            there = script.spot()
            lines.append(reach(script, spots[-1], shape.path, there))
            spots.append(there)
    return lines, spots


def counting(shapes: ClusterShapes, chains: list[tuple[Shape, ...]]) -> tuple[str, Mapping[str, Any]]:
    """Write the statement that counts the distinct focus nodes of a rule in each registry."""
    script = Script(shapes.names)
    parts = []
    for chain in chains:
        lines, spots = way(shapes, script, chain)
        parts.append("\n".join([*lines, f"RETURN registry, {spots[-1].term} AS node"]))
    union = "\nUNION\n".join(parts)
    text = f"CALL () {{\n{union}\n}}\nRETURN registry, count(DISTINCT node) AS number"
    return text, script.parameters
