"""What one request may ask for (floor 4). docs/limits.md tells each, its default and its setting."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from qualitrace.graphql.failures import LimitError
from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one request, looked at before anything is fetched; ``values`` and ``answer`` meanwhile.

    ``length`` of a document in characters, ``nesting`` of brackets in it; ``fields``, ``aliases``,
    ``directives`` with fragments written out; ``roots`` are fields of the query itself; ``repeats`` times
    one name in one selection; ``conditions`` of all filters together; ``cost`` as :mod:`costs` counts it;
    ``values`` fetched from the store; ``answer`` in bytes.
    """

    tokens: int = 4000
    length: int = 200_000
    nesting: int = 60
    depth: int = 15
    fields: int = 1000
    aliases: int = 60
    directives: int = 60
    fragments: int = 60
    roots: int = 20
    repeats: int = 60
    conditions: int = 20
    variable_depth: int = 12
    variable_items: int = 5000
    variable_text: int = 200_000  # characters of all texts in variables
    cost: int = 1_000_000
    values: int = 200_000
    answer: int = 50_000_000
    documents: int = 256  # parsed documents kept
    kept_text: int = 200_000  # characters of them all

    def times(self, factor: float) -> Limits:
        """Return limits for a role that may ask for more or less. What protects the parser stays."""
        changed = {
            one.name: max(1, int(getattr(self, one.name) * factor))
            for one in fields(self)
            if one.name in _SCALED
        }
        return replace(self, **changed)


_SCALED = frozenset(
    {"fields", "aliases", "directives", "fragments", "roots", "conditions", "cost", "values", "answer"}
)


def check_limit(name: str, found: int, allowed: int, zh: str, en: str) -> None:
    """Raise LimitError when more is asked than is allowed."""
    if found > allowed:
        raise LimitError(
            Text(
                zh=f"请求有 {found} {zh},至多 {allowed}。",
                en=f"The request has {found} {en}; at most {allowed} are allowed.",
            ),
            where=name,
            hint=Text(zh="请拆成几个请求。", en="Ask in several requests."),
        )
