"""From what people write to nodes, asked of a server of graphs (floor 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qualitrace.errors import UnknownNodeError
from qualitrace.profile.model import PathStep, Profile
from qualitrace.registry.naming import ambiguous
from qualitrace.store import valid_iri
from qualitrace.store.neo4j.naming import Naming, key_of, quoted
from qualitrace.store.neo4j.seeing import FACE, Whole
from qualitrace.terms import QT, RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, iri_of, is_iri, literal
from qualitrace.text import Text

_MOST = 50  # nodes of one name; more are not looked at


def resolve(name: str, engine: Any, profile: Profile, base: str) -> str:
    """Find a node as :func:`qualitrace.registry.naming.resolve` does, in one to three statements.

    Raises UnknownNodeError when nothing matches (without saying what is called alike), or several nodes do.
    """
    wanted = name.strip()
    candidates = list(dict.fromkeys(identifiers(wanted, profile, base)))
    rows = engine.read(_known(engine.mask), names=candidates, type=f"<{RDF_TYPE}> ")
    if rows:
        return str(rows[0]["iri"])
    found = _by_value(wanted, engine)
    kind, colon, code = wanted.partition(":")
    model = profile.class_named(kind) if not found and colon else None
    if model is not None:
        family = {f"<{one}>" for one in (model.iri, *model.children)}
        named = _by_value(code.strip(), engine)
        found = [node for node, kinds in _classes(named, engine).items() if family & kinds]
    if len(found) == 1:
        return found[0]
    if found:
        raise ambiguous(wanted, found, lambda node: _described(node, engine, profile, base))
    raise UnknownNodeError(
        Text(zh=f"登记库里没有“{wanted}”。", en=f"There is no “{wanted}” in the registry."),
        hint=Text(
            zh="请给出标识、编码或名称；编码不唯一时写成“类名:编码”。",
            en="Give an identifier, a code or a name; write Class:code where a code is not unique.",
        ),
    )


def identifiers(name: str, profile: Profile, base: str) -> Iterator[str]:
    """Yield the IRIs that a name may stand for, what it says first."""
    wanted = name.strip()
    if valid_iri(wanted):
        yield wanted
    if valid_iri(base + wanted):
        yield base + wanted
    if valid_iri(expanded := profile.expand(wanted)):
        yield expanded


def _known(mask: Whole) -> str:
    return (
        "UNWIND range(0, size($names) - 1) AS at "
        "MATCH (n:Resource {registry: $registry, iri: $names[at]}) USING INDEX n:Resource(registry, iri)"
        f"{mask.bind('n', 'at')} WHERE n._profile IS NULL AND (size({mask.labels('n')}) > 1 "
        f"OR any(e IN {mask.face('n')}._exact WHERE e STARTS WITH $type)) "
        "OR n._profile RETURN n.iri AS iri ORDER BY at LIMIT 1"
    )


def _by_value(value: str, engine: Any) -> list[str]:
    """Nodes that have the value as code, else as label or alias; a name as Neo4j shows it is found first."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        return []  # half a character: no text holds it
    naming: Naming = engine.naming
    steps = [
        _indexed(naming, SKOS_NOTATION),
        f"n.name = $value AND {_ANYWHERE}",  # a node without a name is called by its identifier
        _ANYWHERE,
    ]
    given = {
        "value": value,
        "exact": [f"<{one}> {literal(value)}" for one in (SKOS_NOTATION, RDFS_LABEL, QT + "alias")],
        "keys": [name.key for one in (RDFS_LABEL, QT + "alias") if (name := naming.value(one))],
    }
    for condition in filter(None, steps):
        rows = engine.read(_holding(condition, engine.mask), **given)
        if rows:
            return [str(row["iri"]) for row in rows]
    return []


def _holding(condition: str, mask: Whole) -> str:
    """Return a statement that finds the nodes of which something is seen to which a condition applies."""
    found = f"n.registry = $registry AND n._profile IS NULL AND {condition}"
    last = f"RETURN DISTINCT iri ORDER BY iri LIMIT {_MOST}"
    if not mask.hides:
        return f"MATCH (n:Resource) WHERE {found} WITH n.iri AS iri {last}"
    return (
        f"CALL () {{ MATCH (n:Resource) WHERE {found} RETURN n AS held "
        f"UNION MATCH (n:{FACE}) WHERE {found} RETURN n AS held }} "
        f"MATCH (n:Resource {{registry: $registry, iri: held.iri}}){mask.bind('n', 'held')} "
        f"WHERE {mask.face('n')} = held WITH n.iri AS iri {last}"
    )


def _indexed(naming: Naming, predicate: str) -> str:
    name = naming.value(predicate)
    return "" if name is None else f"n.{quoted(key_of(name))} = $value"


_ANYWHERE = (
    "(any(k IN keys(n) WHERE split(k, '_')[0] IN $keys AND $value IN ([] + n[k])) OR "
    "any(e IN coalesce(n._exact, []) + coalesce(n._inferred, []) WHERE any(x IN $exact WHERE e = x "
    "OR e STARTS WITH x + '@' OR e STARTS WITH x + '^')))"
)


def _classes(nodes: list[str], engine: Any) -> dict[str, set[str]]:
    found = engine.terms(((PathStep(RDF_TYPE),),), nodes)
    return {node: set(terms) for node, terms in found.items()}


def _described(node: str, engine: Any, profile: Profile, base: str) -> str:
    kinds = sorted(
        profile.classes[iri_of(kind)].labels.best("zh")
        for kind in _classes([node], engine).get(node, ())
        if is_iri(kind) and iri_of(kind) in profile.classes
    )
    return f"{node.removeprefix(base)} ({', '.join(kinds)})"
