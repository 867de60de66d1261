"""What nodes of several registries are called, and who must act for them, asked of Neo4j (floor 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from qualitrace.store.neo4j.naming import RESOURCE
from qualitrace.store.neo4j.server import Reads
from qualitrace.terms import iri_of, is_iri
from qualitrace.text import Text
from qualitrace.validation.cluster import terms
from qualitrace.validation.cluster.reaching import reach
from qualitrace.validation.cluster.script import Names, Script
from qualitrace.validation.cluster.targets import given_nodes
from qualitrace.validation.data import Data, Term, from_rdflib, plain, term_of
from qualitrace.validation.exact import stored_form
from qualitrace.validation.labels import LABELS, Labels
from qualitrace.validation.paths import Path

BATCH = 5_000  # nodes of one statement

Place = tuple[str, str]  # registry, term in N-Triples syntax
_EACH = f"UNWIND $places AS row MATCH (n0:{RESOURCE} {{registry: row[0], iri: row[2]}}) WITH n0, row"


class ProfileData(Data):
    """What a profile says, as data."""

    def __init__(self, triples: Iterable[tuple[object, object, object]]) -> None:
        super().__init__(ox.Store())
        self.store.extend(
            ox.Quad(from_rdflib(s), from_rdflib(p), from_rdflib(o))  # type: ignore[arg-type]
            for s, p, o in triples
        )


class RegistryLabels(Labels):
    """Labels of the nodes of one registry; where it says nothing, those of the profile."""

    def __init__(self, data: Data, known: Mapping[str, Text]) -> None:
        super().__init__(data)
        self._here = known

    def _look_up(self, node: Term) -> Text:
        here = self._here.get(plain(node))
        if not here:
            return super()._look_up(node)
        return Text(dict(super()._look_up(node).items()) | dict(here.items()))


def labels_of(server: Reads, names: Names, nodes: Iterable[Place]) -> dict[str, dict[str, Text]]:
    """Return the labels of nodes (terms) by registry and IRI: by language, the first in order of several."""
    script = Script(names)
    lists = ", ".join(f"{terms.literals(script, 'n0', label)} AS l{n}" for n, label in enumerate(LABELS))
    found: dict[str, dict[str, Text]] = {}
    for batch in batches(nodes):
        rows = server.read(f"{_EACH} RETURN row, {lists}", places=batch, **script.parameters)
        for row in rows:
            merged: dict[str, str] = {}
            for n in reversed(range(len(LABELS))):
                merged |= _by_language(row[f"l{n}"])
            if merged:
                found.setdefault(row["row"][0], {})[row["row"][2]] = Text(merged)
    return found


def _by_language(said: Iterable[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for one in said:
        literal = term_of(one)
        assert isinstance(literal, ox.Literal)
        literal = stored_form(literal)  # as at home, where a number is named by its value
        language = (literal.language or "").lower()
        if language not in texts or literal.value < texts[language]:
            texts[language] = literal.value
    return texts


def reached(server: Reads, names: Names, path: Path, nodes: Iterable[Place]) -> dict[Place, list[str]]:
    """Return for each term the terms (N-Triples) that a path leads to; absent where it leads nowhere.

    Raises UnsupportedError for a path that has no form in Cypher.
    """
    script = Script(names)
    start, end = script.spot(), script.spot()
    text = "\n".join(
        [
            given_nodes(start),
            reach(script, start, path, end),
            f"RETURN registry, {start.term} AS start, collect(DISTINCT {end.term}) AS ends",
        ]
    )
    found: dict[Place, list[str]] = {}
    for batch in batches(nodes):
        for row in server.read(text, places=batch, **script.parameters):
            found[row["registry"], row["start"]] = row["ends"]
    return found


def batches(places: Iterable[Place]) -> Iterator[Sequence[tuple[str, str, str]]]:
    """Cut terms of registries into what a statement is given: registry, term, and its IRI or ""."""
    listed = [(name, term, iri_of(term) if is_iri(term) else "") for name, term in sorted(set(places))]
    return (listed[start : start + BATCH] for start in range(0, len(listed), BATCH))
