"""Between a profile's terms and what they are called in a graph server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from qualitrace.store.neo4j import nodes, values
from qualitrace.store.neo4j.naming import OTHER, Naming, quoted
from qualitrace.store.neo4j.seeing import WHOLE, Whole
from qualitrace.terms import RDF_TYPE, iri_of, is_iri

_PROFILE = "_profile"


class CypherNames:
    """Writes names of one profile into statements, and reads what nodes hold, as far as ``mask`` shows it."""

    def __init__(self, naming: Naming, mask: Whole = WHOLE) -> None:
        self._naming = naming
        self.mask = mask
        self._classes = lru_cache(maxsize=4096)(self._known_classes)

    def link(
        self, variable: str, predicates: Sequence[str], parameter: str, *conditions: str
    ) -> tuple[str, dict[str, list[str]]]:
        """Return which relationships hold some predicates (not none), and the parameters this takes.

        What the profile does not name is told by a parameter. Only relationships that are seen, and to
        which all ``conditions`` apply.
        """
        named = sorted(quoted(kind) for one in predicates if (kind := self._naming.relationship(one)))
        others = sorted(one for one in predicates if not self._naming.relationship(one))
        types = "|".join([*named, *([OTHER] if others else [])])
        if others:
            wanted = f"({variable}.predicate IS NULL OR {variable}.predicate IN ${parameter})"
            conditions = (wanted, *conditions)
        within = self.mask.within(variable, " AND ".join(filter(None, conditions)))
        return f":{types}{within}", {parameter: others} if others else {}

    def predicate(self, kind: str, predicate: str | None) -> str:
        """Return the predicate of a relationship, from its type and the predicate that it may name."""
        return self._naming.predicate_of(kind, predicate)

    def any_of(self, classes: Iterable[str]) -> str:
        """Return a label expression for nodes of any of some classes (not none)."""
        return "|".join(sorted(quoted(label) for one in classes if (label := self._naming.label(one))))

    def classes(self, labels: Sequence[str], said: Mapping[str, Any]) -> list[str]:
        """Return the classes (IRIs) that a node is said to have."""
        known = list(self._classes(tuple(labels)))
        mark = f"<{RDF_TYPE}> "
        noted = (*said.get(nodes.EXACT, ()), *said.get(nodes.INFERRED_FACTS, ()))
        more = (one.removeprefix(mark) for one in noted if one.startswith(mark))
        return [*known, *(iri_of(one) for one in more if is_iri(one) and iri_of(one) not in known)]

    def _known_classes(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(known for label in labels if (known := self._naming.class_of(label)))

    def terms(self, said: Mapping[str, Any], predicate: str) -> list[str]:
        """Return a node's values of a predicate (N-Triples literals), those of the profile too, in order."""
        name = self._naming.value(predicate)
        kept = {} if name is None else self._kept(said, name.key)
        if not said.get(_PROFILE) and not self._noted(said, f"<{predicate}>"):
            return sorted(values.literals(name, kept)) if name is not None and kept else []
        found = nodes.terms(self._naming, (), said, predicate)
        if said.get(_PROFILE) and name is not None:
            found |= values.literals(name, kept)
        return sorted(found)

    @staticmethod
    def _kept(said: Mapping[str, Any], key: str) -> dict[str, Any]:
        size = len(key)
        return {one: said[one] for one in said if one.startswith(key) and one[size : size + 1] in ("", "_")}

    @staticmethod
    def _noted(said: Mapping[str, Any], mark: str) -> bool:
        """Tell whether values of a predicate are noted as they were written, or as what follows."""
        return any(
            one.startswith(mark) for key in (nodes.EXACT, nodes.INFERRED_FACTS) for one in said.get(key) or ()
        )
