"""From rows of statements to findings, worded as those at home are (floor 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyoxigraph as ox

from qualitrace.store.neo4j.server import Reads
from qualitrace.terms import SH
from qualitrace.text import Text
from qualitrace.validation.cluster.compiling import ClusterShapes
from qualitrace.validation.cluster.model import ClusterFinding
from qualitrace.validation.cluster.naming_of_nodes import (
    Place,
    ProfileData,
    RegistryLabels,
    labels_of,
    reached,
)
from qualitrace.validation.cluster.reasons import reasons
from qualitrace.validation.cluster.rows import Found
from qualitrace.validation.constraint import UnsupportedError
from qualitrace.validation.data import Data, Term, plain, term_of
from qualitrace.validation.enrich import rule_of
from qualitrace.validation.exact import stored_form
from qualitrace.validation.findings import order
from qualitrace.validation.model import Finding, Severity
from qualitrace.validation.paths import HERE, Path, full_iri, normal, sparql
from qualitrace.validation.run import Hit
from qualitrace.validation.stewards import choices
from qualitrace.validation.wording import Wording, mentioned

_SEVERITIES = {SH + severity.value.capitalize(): severity for severity in Severity}


def findings(shapes: ClusterShapes, server: Reads, found: Sequence[Found]) -> list[ClusterFinding]:
    """Word what was found, in a stable order; labels, units and reasons are asked for all of it together."""
    worded = zip(found, _worded(shapes, server, found, ProfileData(shapes.profile.ontology), 0), strict=True)
    made = [ClusterFinding(registry, finding) for (registry, _), finding in worded]
    return sorted(made, key=lambda one: (one.finding.rule, one.registry, order(one.finding)))


def _worded(
    shapes: ClusterShapes, server: Reads, found: Sequence[Found], said: Data, depth: int
) -> list[Finding]:
    if not found:
        return []
    nested = reasons(shapes, server, found, depth)
    flat = [one for number in sorted(nested) for one in nested[number]]
    inner = iter(_worded(shapes, server, flat, said, depth + 1))
    because = {number: tuple(next(inner) for _ in nested[number]) for number in sorted(nested)}
    units = _units(shapes, server, found)
    places = {(registry, str(term)) for registry, hit in found for term in mentioned(hit) if _named(term)}
    places |= {(found[number][0], str(unit)) for number, unit in units.items() if _named(unit)}
    known = labels_of(server, shapes.names, places)
    labels = {registry: RegistryLabels(said, known.get(registry, {})) for registry, _ in found}
    words: dict[tuple[int, str], Wording] = {}
    made = []
    for number, (registry, hit) in enumerate(found):
        key = id(hit.check), registry
        if key not in words:
            words[key] = Wording(hit.check, labels[registry])
        one = _finding(hit, words[key], labels[registry], units.get(number), shapes.profile.steward)
        made.append(replace(one, because=tuple(sorted(because.get(number, ()), key=order))))
    return made


def _named(term: Term) -> bool:
    return isinstance(term, ox.NamedNode)


def _finding(hit: Hit, words: Wording, labels: RegistryLabels, unit: Term | None, nobody: Text) -> Finding:
    shape, check = hit.check.shape, hit.check
    severity = _SEVERITIES.get(shape.severity)
    return Finding(
        rule=rule_of(check.shapes),
        component=check.constraint.component,
        severity=severity or Severity.VIOLATION,
        focus=plain(hit.focus),
        path="" if shape.path is None else sparql(shape.path, full_iri),
        value="" if hit.value is None else str(hit.value),
        message=words.message(hit),
        fix=words.fix,
        focus_label=labels.of(hit.focus),
        unit="" if unit is None else plain(unit),
        unit_label=nobody if unit is None else labels.of(unit),
        shape=shape.name,
        severity_iri="" if severity else shape.severity,
        root="" if hit.root == hit.focus else plain(hit.root),
        root_shape=check.root.name,
        check=check.name,
    )


def _units(shapes: ClusterShapes, server: Reads, found: Sequence[Found]) -> dict[int, Term]:
    """Return who must act by the number of the hit: the nearest shape's first way that leads somewhere."""
    asked = {
        number: [(path, start, (registry, str(start))) for path, start in _ways(shapes, hit)]
        for number, (registry, hit) in enumerate(found)
    }
    units: dict[int, Term] = {}
    for depth in range(max((len(ways) for ways in asked.values()), default=0)):
        open_ = [
            (number, *ways[depth])
            for number, ways in asked.items()
            if number not in units and depth < len(ways)
        ]
        wanted: dict[Path, set[Place]] = {}
        for _, path, _, place in open_:
            wanted.setdefault(path, set()).add(place)
        led = {path: _led(shapes, server, path, places) for path, places in wanted.items()}
        for number, path, start, place in open_:
            ends = [start] if path == HERE else [_stored(term_of(end)) for end in led[path].get(place, ())]
            if ends:  # the first by name where there are several, so that runs agree
                units[number] = min(ends, key=plain)
    return units


def _led(shapes: ClusterShapes, server: Reads, path: Path, places: set[Place]) -> dict[Place, list[str]]:
    try:
        return {} if path == HERE else reached(server, shapes.names, path, places)
    except UnsupportedError:
        return {}  # told by compile_cluster


def _stored(term: Term) -> Term:
    """A literal as the store at home gives it back."""
    return stored_form(term) if isinstance(term, ox.Literal) else term


def _ways(shapes: ClusterShapes, hit: Hit) -> Iterator[tuple[Path, Term]]:
    """The steward paths that apply, nearest shape and first choice first, and where they start."""
    chain, at_focus = hit.check.shapes, True
    for number in range(len(chain) - 1, -1, -1):
        path = shapes.shapes.stewards.get(chain[number].node)
        if path is not None and (at_focus or number == 0):
            for choice in map(normal, choices(path)):
                yield choice, hit.focus if at_focus else hit.root
        if number > 0 and chain[number - 1].path is not None:
            at_focus = False
