"""Comparing nodes of all registries: ``qt:unique`` and ``qt:agreesBy`` as Cypher, each in one pass (floor 2).

What a shape targets is compared with the instances of the class that ``qt:among`` names, as at home
(:mod:`qualitrace.validation.across`). Where both are the same nodes they are read once.
"""

from __future__ import annotations

from typing import NamedTuple

import rdflib

from qualitrace.terms import QT
from qualitrace.text import Text
from qualitrace.validation.across import AGREES, UNIQUE
from qualitrace.validation.check import Check
from qualitrace.validation.cluster import terms
from qualitrace.validation.cluster.reaching import reach
from qualitrace.validation.cluster.script import Script
from qualitrace.validation.cluster.targets import instances, targets_of
from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.paths import Predicate

COMPARES = frozenset({UNIQUE, AGREES})


class _Pool(NamedTuple):
    """Clauses that bind a holder, its value and its key, and how to tell who is asked from the others."""

    lines: list[str]
    value: str
    key: str
    asked: str  # a condition: the holder is a target
    other: str  # a condition: the holder is one of those it is compared with


def together(shapes: CompiledShapes, script: Script, check: Check) -> tuple[str, tuple[str, ...]]:
    """Write the statement that finds who breaks a comparison, and name its further columns."""
    pool = _pool(shapes, script, check)
    if check.constraint.label == UNIQUE:
        return _unique(pool), ()
    return _agrees(pool), ("key",)


def compared(shapes: CompiledShapes, script: Script, check: Check) -> str:
    """Write the statement that counts, by registry, who has a value: ``asked``, and the ``others``."""
    pool = _pool(shapes, script, check)
    lines = [
        *pool.lines,
        f"RETURN holder.registry AS registry, count(DISTINCT {_when(pool.asked)}) AS asked, "
        f"count(DISTINCT {_when(pool.other)}) AS others",
    ]
    return "\n".join(lines)


def _pool(shapes: CompiledShapes, script: Script, check: Check) -> _Pool:
    among, key = _among(shapes, check), script.spot()
    root, value = script.spot()._replace(is_node=True), script.spot()
    targets = shapes.targets(check.root)
    asked = other = "true"
    if targets.classes == (among,) and not (targets.nodes or targets.subjects_of or targets.objects_of):
        lines = [targets_of(shapes, script, check.root, root)]
    else:
        asked, other = "asked", "NOT asked"
        root = root._replace(is_node=False)
        named = f"registry, {root.term}, {root.node}"
        parts = "\nUNION\n".join(instances(script, among, root))
        sides = [
            f"{targets_of(shapes, script, check.root, root)}\nRETURN {named}, true AS asked",
            f"CALL () {{\n{parts}\n}}\nRETURN {named}, false AS asked",
        ]
        lines = ["CALL () {\n" + "\nUNION\n".join(sides) + "\n}"]
    lines.append(reach(script, root, check.shape.path, value))
    if check.constraint.label == AGREES:
        lines.append(reach(script, root, Predicate(_key(shapes, check)), key))
    kept = [f"{{registry: registry, term: {root.term}}} AS holder", f"{value.term} AS value"]
    kept += [f"{key.term} AS key"] if check.constraint.label == AGREES else []
    kept += ["asked"] if asked == "asked" else []
    lines.append(f"WITH {', '.join(kept)}")
    return _Pool(lines, "value", "key", asked, other)


def _among(shapes: CompiledShapes, check: Check) -> str:
    named = shapes.shapes.values(check.shape, rdflib.URIRef(QT + "among"))
    if len(named) != 1:
        raise UnsupportedError(Text(zh="qt:among 须恰有一个类", en="qt:among must name one class"))
    return str(named[0])


def _key(shapes: CompiledShapes, check: Check) -> str:
    """Return the property that a constraint compares by: the one at its place among those of the shape."""
    keys = shapes.shapes.values(check.shape, rdflib.URIRef(QT + AGREES))
    alike = [one for one in shapes._compiler.constraints(check.shape) if one.label == AGREES]
    return str(keys[next(number for number, one in enumerate(alike) if one is check.constraint)])


def _when(condition: str) -> str:
    return "holder" if condition == "true" else f"CASE WHEN {condition} THEN holder END"


def _unique(pool: _Pool) -> str:
    lines = [
        *pool.lines,
        f"WITH value, collect(DISTINCT {_when(pool.asked)}) AS holders, "
        f"collect(DISTINCT {_when(pool.other)}) AS others",
        "UNWIND holders AS holder",
        "WITH value, holder, others WHERE any(x IN others WHERE x <> holder)",
        "RETURN holder.registry AS registry, holder.term AS root, holder.term AS focus, value",
    ]
    return "\n".join(lines)


def _agrees(pool: _Pool) -> str:
    """Who has a value that not all others with the same key have (who is compared has it itself)."""
    told = "holder: holder, value: value" + (", asked: asked" if pool.asked == "asked" else "")
    asked, other = (
        "one.holder"
        if side == "true"
        else f"CASE WHEN {side.replace('asked', 'one.asked')} THEN one.holder END"
        for side in (pool.asked, pool.other)
    )
    lines = [
        *pool.lines,
        f"WITH key, {_kind('value')} AS kind, count(DISTINCT {_when(pool.other)}) AS number, "
        f"collect(DISTINCT {{{told}}}) AS said",
        "UNWIND said AS one",
        f"WITH key, kind, number, one.value AS value, collect(DISTINCT {asked}) AS holders, "
        f"count(DISTINCT {other}) AS alike",
        "WITH key, value, holders WHERE alike < number",
        "UNWIND holders AS holder",
        "RETURN DISTINCT holder.registry AS registry, holder.term AS root, holder.term AS focus, value, key",
    ]
    return "\n".join(lines)


def _kind(term: str) -> str:
    """What values are compared within: texts of one language, other literals, nodes."""
    return f"CASE WHEN {terms.is_iri(term)} THEN '-' ELSE {terms.language(term)} END"
