"""Fields of nodes that lead to no other node, a column at a time (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from qualitrace.errors import QualitraceError
from qualitrace.graphql.filters import CODE_PATH, LABEL_PATH
from qualitrace.graphql.model import ApiField, Kind
from qualitrace.graphql.node import LANGUAGE
from qualitrace.graphql.objects import in_language
from qualitrace.graphql.plans.document import ArgumentReader
from qualitrace.graphql.plans.run import NotAnswered, Run
from qualitrace.graphql.values import decode, identifier
from qualitrace.terms import is_iri, language_text, lit_of
from qualitrace.text import Text

Values = list[Any]
_BAD = object()  # stands in a column where the standard executor reports an error


class Part(Protocol):
    """One field of nodes: its values for all of them at once."""

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        """Return a value for each node."""
        ...


class Same:
    """The same value for every node."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        """Return a value for each node."""
        return [self._value] * len(nodes)


class Worded:
    """A field whose answer depends on the language asked for."""

    def __init__(self, arguments: ArgumentReader) -> None:
        self.arguments = arguments

    def language(self, run: Run) -> str:
        """Return the language asked for."""
        return run.arguments(self.arguments).get("language") or LANGUAGE


class ClassLabel(Worded):
    """The label of the class that a node is shown as."""

    def __init__(self, labels: Text, arguments: ArgumentReader) -> None:
        super().__init__(arguments)
        self._labels = labels

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        """Return a value for each node."""
        return [self._labels.best(self.language(run)) or None] * len(nodes)


class Identity:
    """The identifier of a node, or its whole IRI."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        """Return a value for each node."""
        if self._whole:
            return list(nodes)
        base = run.context.reading.base
        return [identifier(iri, base) for iri in nodes]


class Label(Worded):
    """The label of a node in the language asked for."""

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        """Return a value for each node."""
        language = self.language(run)

        def label(node: str, terms: tuple[str, ...]) -> str | None:
            if len(terms) == 1:  # whatever its language, there is no other
                return None if is_iri(terms[0]) else _value(terms[0]) or None
            return language_text(list(terms)).best(language) or None

        return run.column(("label", language), LABEL_PATH, label, nodes)


class Code:
    """The code of a node."""

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        """Return a value for each node."""
        return run.column("code", CODE_PATH, _code, nodes)


def _code(node: str, terms: tuple[str, ...]) -> str | None:
    if not terms:
        return None
    return terms[0][1:-1] if is_iri(terms[0]) else _value(terms[0])


def _value(term: str) -> str:
    """Return the text of a literal; one without an escape need not be taken apart."""
    return lit_of(term).value if "\\" in term else term[1 : term.rindex('"')]


class Texts(Worded):
    """Text that may be tagged with a language."""

    def __init__(self, field: ApiField, arguments: ArgumentReader) -> None:
        super().__init__(arguments)
        self._field = field

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        """Return a value for each node."""
        language = self.language(run)
        many = self._field.many

        def texts(node: str, terms: tuple[str, ...]) -> Any:
            chosen = in_language([_tagged(term) for term in terms], language)
            return chosen if many else next(iter(chosen), None)

        key = ("text", self._field.path, many, language)
        return run.column(key, self._field.path, texts, nodes)


def _tagged(term: str) -> tuple[str, str]:
    if is_iri(term):
        return "", term[1:-1]
    literal = lit_of(term)
    return literal.language, literal.value


class Plain:
    """Scalars and enums."""

    def __init__(self, field: ApiField, write: Callable[[Any], Any]) -> None:
        self._field = field
        self._write = write

    def values(self, run: Run, nodes: Sequence[str]) -> Values:
        """Return a value for each node."""
        field = self._field
        key = ("plain", field.path, field.kind, field.scalar, field.many)
        members = (
            frozenset(run.model.enums[field.scalar].members.values()) if field.kind is Kind.ENUM else None
        )

        def plain(node: str, terms: tuple[str, ...]) -> Any:
            if not field.many and len(terms) > 1:
                return _BAD
            try:
                values = [self._write(_read(term, field.scalar, members)) for term in terms]
            except (QualitraceError, ValueError, TypeError):
                return _BAD
            return values if field.many else next(iter(values), None)

        found = run.column(key, field.path, plain, nodes)
        if _BAD in found:
            raise NotAnswered("a value that is not of its type")
        return found


def _read(term: str, scalar: str, members: frozenset[str] | None) -> Any:
    if members is None:
        return decode(term, scalar, "")
    if term not in members:
        raise ValueError(term)
    return term
