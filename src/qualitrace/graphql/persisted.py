"""Documents known by their hash (floor 4).

A client sends the SHA-256 of a document in ``extensions.persistedQuery`` instead of the document, as
Apollo's automatic persisted queries do. Trusted operations are known from the start; any other document
once it was sent with its hash and answered.
"""

from __future__ import annotations

import copy
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    Visitor,
    visit,
)

from qualitrace.graphql.failures import LimitError
from qualitrace.graphql.limits import Limits
from qualitrace.graphql.reading_documents import parsed, size_of

KEPT = 1000  # documents learned from clients
AUDIENCES = 64  # whose documents are remembered
TOGETHER = 2_000_000  # characters of them all
# Fields, wherever they stand, whose answers follow from what is noted without a new position.
UNSTEADY = frozenset({"suspect"})
LONGEST = 20_000  # characters of a document that is learned


class Persisted:
    """Documents by hash, and what they ask for. ``steady`` names the fields of the query whose answers
    depend on the journal position, the variables and the day alone."""

    def __init__(self, trusted: Iterable[str], steady: Iterable[str]) -> None:
        self._trusted = {digest(text): text for text in trusted}
        self._texts = frozenset(self._trusted.values())
        self._steady = frozenset(steady) | {"__typename", "__schema", "__type"}
        self._learned: OrderedDict[str, str] = OrderedDict()
        self._weight = 0
        self._judged: OrderedDict[str, bool] = OrderedDict()
        self._others: OrderedDict[Hashable, Persisted] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, audience: Hashable) -> Persisted:
        """Return the documents as an audience knows them: the trusted ones, and those it sent itself."""
        with self._lock:
            found = self._others.pop(audience, None)
            if found is None:
                found = copy.copy(self)
                found._learned, found._others = OrderedDict(), OrderedDict()
                found._judged, found._lock = OrderedDict(), threading.Lock()
            self._others[audience] = found
            if len(self._others) > AUDIENCES:
                self._others.popitem(last=False)
            return found

    def find(self, sha256: str) -> str | None:
        """Return the document with a hash; None when it is not known."""
        with self._lock:
            if sha256 in self._learned:
                self._learned.move_to_end(sha256)
            return self._trusted.get(sha256) or self._learned.get(sha256)

    def learn(self, text: str) -> None:
        """Keep a document that was found valid."""
        if len(text) > LONGEST:
            return
        with self._lock:
            self._weight += 0 if digest(text) in self._learned else len(text)
            self._learned[digest(text)] = text
            while len(self._learned) > KEPT or self._weight > TOGETHER:
                self._weight -= len(self._learned.popitem(last=False)[1])

    def trusts(self, text: str) -> bool:
        """Tell whether a document is one of the profile's own."""
        return text in self._texts

    def is_steady(self, text: str) -> bool:
        """Tell whether a document holds queries only, of fields that do not change by themselves."""
        if len(text) > LONGEST:
            return False
        key = digest(text)
        with self._lock:
            known = self._judged.get(key)
        if known is None:
            known = self._judge(text)
            with self._lock:
                self._judged[key] = known
                if len(self._judged) > KEPT:
                    self._judged.popitem(last=False)
        return known

    def _judge(self, text: str) -> bool:
        try:
            document = parsed(text, Limits())
            size_of(document, Limits()).check(Limits())
        except (GraphQLError, LimitError):
            return False
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        if any(one.operation is not OperationType.QUERY for one in operations):
            return False
        if UNSTEADY.intersection(_all_fields(document)):
            return False
        return all(_root_fields(document, one.selection_set) <= self._steady for one in operations)


def _all_fields(document: DocumentNode) -> set[str]:
    found: set[str] = set()

    class Names(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            found.add(node.name.value)

    visit(document, Names())
    return found


def _root_fields(document: DocumentNode, chosen: SelectionSetNode) -> set[str]:
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    found: set[str] = set()
    waiting, seen = [chosen], set[str]()
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                found.add(selection.name.value)
                continue
            name = getattr(getattr(selection, "name", None), "value", "")
            if name and (name in seen or name not in fragments):
                continue
            seen.add(name)
            inner = fragments[name] if name else selection
            waiting.append(inner.selection_set)  # type: ignore[union-attr]
    return found


def digest(text: str) -> str:
    """Return the SHA-256 of a document, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
