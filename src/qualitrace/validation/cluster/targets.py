"""What shapes target, as Cypher clauses that bind a node and its registry (floor 2)."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib.term import Literal, Node, URIRef

from qualitrace.store.neo4j.naming import RESOURCE, quoted
from qualitrace.terms import RDF_TYPE
from qualitrace.text import Text
from qualitrace.validation.cluster import terms
from qualitrace.validation.cluster.reaching import Hop, step
from qualitrace.validation.cluster.script import Script, Spot
from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.shapes import Shape

# The IRI is asked for so that the index over (registry, iri) serves.
_MINE = f"{{0}}:{RESOURCE}) WHERE {{0}}.registry IN $registries AND {{0}}.iri IS NOT NULL"


def targets_of(shapes: CompiledShapes, script: Script, root: Shape, spot: Spot) -> str:
    """Write the clause that binds a spot to what a shape targets, and ``registry``.

    Raises UnsupportedError for a target that has no form here.
    """
    targets = shapes.targets(root)
    if targets.queries:
        raise UnsupportedError(Text(zh="目标是查询", en="its target is a query"))
    parts: list[str] = []
    for class_ in targets.classes:
        parts += instances(script, class_, spot)
    for predicate in targets.subjects_of:
        parts += _ends(script, predicate, spot, subjects=True)
    for predicate in targets.objects_of:
        parts += _ends(script, predicate, spot, subjects=False)
    parts += _named(script, targets.nodes, spot)
    if not parts:
        raise UnsupportedError(Text(zh="没有目标", en="it has no target"))
    if len(parts) == 1:
        parts = [parts[0].replace("RETURN ", "RETURN DISTINCT ", 1)]
    return "CALL () {\n" + "\nUNION\n".join(parts) + "\n}"


def given_nodes(spot: Spot) -> str:
    """Write the clause that binds a spot to what ``$places`` lists: registry, term and IRI (or "")."""
    return (
        f"UNWIND $places AS row WITH row[0] AS registry, row[1] AS {spot.term}, row[2] AS iri\n"
        f"OPTIONAL MATCH ({spot.node}:{RESOURCE} {{registry: registry, iri: iri}})"
    )


def _node_of(spot: Spot) -> str:
    return f"RETURN n.registry AS registry, '<' + n.iri + '>' AS {spot.term}, n AS {spot.node}"


def instances(script: Script, class_: str, spot: Spot) -> Iterator[str]:
    """Write the branches that bind a spot to the instances of a class and of those below it."""
    below = script.names.below(class_)
    unnamed = []
    for one in below:
        label = script.names.naming.label(one)
        if label:
            yield f"MATCH (n:{quoted(label)}) WHERE n.registry IN $registries\n{_node_of(spot)}"
        else:
            unnamed.append(f"<{RDF_TYPE}> <{one}>")
    members = script.names.members(class_)
    if members:
        yield (
            f"MATCH (n:{RESOURCE}) WHERE n.registry IN $registries AND n.iri IN {script.given(members)}\n"
            f"{_node_of(spot)}"
        )
    if unnamed:
        noted = (
            f"any(x IN coalesce(n._exact, []) + coalesce(n._inferred, []) WHERE x IN {script.given(unnamed)})"
        )
        yield f"MATCH ({_MINE.format('n')} AND {noted}\n{_node_of(spot)}"


def _ends(script: Script, predicate: str, spot: Spot, *, subjects: bool) -> Iterator[str]:
    if predicate == RDF_TYPE:
        raise UnsupportedError(Text(zh="目标经过 rdf:type", en="its target goes by rdf:type"))
    yield (
        f"MATCH ({_MINE.format('n')}\n{step(script, 'n', Hop((predicate,), inverse=not subjects), 'm')}\n"
        f"{_node_of(spot)}"
    )
    values_there = terms.literals(script, "n", predicate)
    if subjects:
        yield f"MATCH ({_MINE.format('n')} AND size({values_there}) > 0\n{_node_of(spot)}"
    else:
        yield (
            f"MATCH ({_MINE.format('n')}\nUNWIND {values_there} AS {spot.term}\n"
            f"RETURN n.registry AS registry, {spot.term}, null AS {spot.node}"
        )


def _named(script: Script, nodes: tuple[Node, ...], spot: Spot) -> Iterator[str]:
    if any(isinstance(node, Literal) for node in nodes):
        raise UnsupportedError(Text(zh="目标是文字值", en="its target is a literal"))
    names = sorted(str(node) for node in nodes if isinstance(node, URIRef))
    if names:
        yield (
            f"UNWIND $registries AS registry UNWIND {script.given(names)} AS name\n"
            f"OPTIONAL MATCH (n:{RESOURCE} {{registry: registry, iri: name}})\n"
            f"RETURN registry, '<' + name + '>' AS {spot.term}, n AS {spot.node}"
        )
