"""One query answered, in the process that is there for it alone (floor 5)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

_SOLUTIONS = {
    "srj": ox.QueryResultsFormat.JSON,
    "srx": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_TRIPLES = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


@dataclass(frozen=True, slots=True)
class Question:
    """A query as it is to be run: its text, its data set (None: not stated), the form of the answer."""

    text: str
    suffix: str
    own_dataset: bool = False  # the query has FROM clauses
    default_graphs: tuple[str, ...] | None = None  # IRIs
    named_graphs: tuple[str, ...] | None = None

    def as_json(self) -> Mapping[str, Any]:
        """Return what :meth:`read` takes."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Question:
        """Make the question that :meth:`as_json` described."""
        listed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in said.items()
        }
        return cls(**listed)


class TooLargeError(Exception):
    """An answer is over the limit."""


class _Bounded(io.BytesIO):
    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self.over = False

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._most:
            self.over = True
            raise TooLargeError
        return super().write(data)


def evaluate(
    store: ox.Store, question: Question, *, base: str, prefixes: Mapping[str, str], most: int
) -> tuple[dict[str, Any], bytes]:
    """Answer a question: what kind of answer it is, or why there is none, and the answer.

    ``most`` bounds the answer, in bytes. ``base`` is what relative IRIs are resolved against.
    """
    output = _Bounded(most)
    try:
        found = store.query(question.text, base_iri=base, **_dataset(question))
        if isinstance(found, ox.QueryTriples):
            ox.serialize(found, output, format=_TRIPLES[question.suffix], prefixes=dict(prefixes))
        else:
            found.serialize(output, format=_SOLUTIONS[question.suffix])
    except SyntaxError as error:
        return {"failed": "malformed", "why": str(error)}, b""
    except MemoryError:
        return {"failed": "memory"}, b""
    except Exception as error:  # noqa: BLE001 - whatever it is ends this process's one piece of work
        if output.over:
            return {"failed": "size"}, b""
        return {"failed": "query", "why": str(error)[:500]}, b""
    return {}, output.getvalue()


def _dataset(question: Question) -> dict[str, Any]:
    """The data set of a query: the request's, else its own, else the union of all graphs.

    SPARQL 1.1 Protocol, 2.1.4. A request that names only one kind of graph leaves the other kind empty
    (SPARQL 1.1 Query, 13.2).
    """
    if question.default_graphs is not None or question.named_graphs is not None:
        return {
            "default_graph": _named(question.default_graphs or ()),
            "named_graphs": _named(question.named_graphs or ()),
        }
    if question.own_dataset:
        return {}
    return {"use_default_graph_as_union": True}


def _named(graphs: Sequence[str]) -> list[ox.NamedNode]:
    return [ox.NamedNode(graph) for graph in graphs]
