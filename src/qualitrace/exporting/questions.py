"""Questions that evidence is given for, as they are written down and asked again (floor 4)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from qualitrace.errors import DocumentError
from qualitrace.exporting.plain import plain
from qualitrace.text import Text
from qualitrace.tracing.model import Coverage, Trace


class Asked(Protocol):
    """What can be asked: a registry, as it is or as it was."""

    def trace(self, node: str, to: str, *, as_of: dt.date | None = None, backwards: bool = False) -> Trace:
        """Trace from a node to a class."""
        ...

    def coverage(self, of: str, *, as_of: dt.date | None = None) -> Coverage:
        """Give every node of a class its verdict."""
        ...


class Kind(StrEnum):
    """What is asked."""

    TRACE = "trace"
    COVERAGE = "coverage"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of valid time. ``node`` is an IRI, ``of`` the IRI of the class traced to or judged."""

    kind: Kind
    of: str
    as_of: str
    node: str = ""
    backwards: bool = False

    @classmethod
    def read(cls, value: Any) -> Question:
        """Read what :func:`plain` wrote. Raises DocumentError when it is no question."""
        try:
            made = cls(
                Kind(value["kind"]),
                str(value["of"]),
                dt.date.fromisoformat(value["as_of"]).isoformat(),
                str(value["node"]),
                bool(value["backwards"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DocumentError(
                Text(zh="证据包里的问题无法读懂。", en="The question in the pack cannot be read."),
                where=str(error),
            ) from error
        return made


def answer(question: Question, asked: Asked) -> Trace | Coverage:
    """Ask a question. Raises UnknownNodeError or QueryError."""
    day = dt.date.fromisoformat(question.as_of)
    if question.kind is Kind.COVERAGE:
        return asked.coverage(question.of, as_of=day)
    return asked.trace(question.node, question.of, as_of=day, backwards=question.backwards)


def comparable(given: Trace | Coverage) -> Any:
    """Return an answer as plain values, without what only the whole journal can tell (suspect links)."""
    value = plain(given)
    for path in value.get("paths", ()):
        for step in path["steps"]:
            del step["suspect"]
    return value


def nodes_of(question: Question, given: Trace | Coverage) -> set[str]:
    """Return the nodes that a question and its answer speak of."""
    if isinstance(given, Trace):
        stewards = {path.steward for path in given.paths}
        return ({question.node, *given.nodes} | stewards) - {""}
    judged = [one for verdict in given.verdicts for one in (verdict.node, verdict.at, verdict.steward)]
    return {node.iri for node in judged if node is not None}
