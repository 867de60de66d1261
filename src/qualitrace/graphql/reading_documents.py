"""Documents read within bounds, before the schema sees them (floor 4)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    parse,
)

from qualitrace.graphql.limits import Limits, check_limit

# Strings and comments are passed over, so that brackets in them do not count.
_BRACKETS = re.compile(r'"""(?:\\"""|[^"]|"(?!""))*(?:"""|\Z)|"(?:\\.|[^"\\\n])*|#[^\n\r]*|[][{}()]')
_OPEN = "[{("


def parsed(text: str, limits: Limits) -> DocumentNode:
    """Parse a document. Raises LimitError for one that is too long or nested, GraphQLError for no document.

    Nesting is looked at before: the parser calls itself for each level.
    """
    check_limit("length", len(text), limits.length, "个字符", "characters")
    check_limit("nesting", nesting(text), limits.nesting, "层括号", "levels of brackets")
    return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)


def nesting(text: str) -> int:
    """Return how deep brackets stand within each other."""
    deepest = depth = 0
    for found in _BRACKETS.finditer(text):
        token = found.group()
        if token in _OPEN:
            depth += 1
            deepest = max(deepest, depth)
        elif len(token) == 1 and token in "]})":
            depth -= 1
    return deepest


@dataclass(frozen=True, slots=True)
class Size:
    """How large a document's largest operation is, fragments written out."""

    depth: int = 0
    levels: int = 0  # of selections within each other, those of fragments too
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    roots: int = 0
    repeats: int = 0  # the most times that one name stands in one selection
    fragments: int = 0

    def check(self, limits: Limits) -> None:
        """Raise LimitError when it is more than is allowed."""
        check_limit("depth", self.depth, limits.depth, "层嵌套", "levels of nesting")
        check_limit("nesting", self.levels, limits.nesting, "层选择", "levels of selections")
        check_limit("fields", self.fields, limits.fields, "个字段", "fields")
        check_limit("aliases", self.aliases, limits.aliases, "个别名", "aliases")
        check_limit("directives", self.directives, limits.directives, "个指令", "directives")
        check_limit("roots", self.roots, limits.roots, "个顶层字段", "fields of the query itself")
        check_limit("repeats", self.repeats, limits.repeats, "次同名字段", "fields of one name in one place")
        check_limit("fragments", self.fragments, limits.fragments, "个片段", "fragments")


def size_of(document: DocumentNode, limits: Limits) -> Size:
    """Measure a document. A fragment is measured once, so that spreads within spreads stay cheap.

    Raises LimitError when there are too many fragments, or they stand too deep, to be measured.
    """
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    check_limit("fragments", len(fragments), limits.fragments, "个片段", "fragments")
    try:
        return _size_of(document, fragments)
    except RecursionError:
        check_limit("nesting", limits.nesting + 1, limits.nesting, "层选择", "levels of selections")
        raise


def _size_of(document: DocumentNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Size:
    measure = _Measure(fragments)
    sizes = [
        measure.selections(one.selection_set, (), len(one.directives or ()))
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    ]
    # Fragments that no operation uses are looked at too: validation walks them.
    sizes += [measure.spread(name, ()) for name in fragments]
    return Size(
        depth=max((one.depth for one in sizes), default=0),
        levels=max((one.levels for one in sizes), default=0),
        fields=max((one.fields for one in sizes), default=0),
        aliases=max((one.aliases for one in sizes), default=0),
        directives=max((one.directives for one in sizes), default=0),
        roots=max((one.roots for one in sizes[: len(sizes) - len(fragments)]), default=0),
        repeats=max((one.repeats for one in sizes), default=0),
        fragments=len(fragments),
    )


class _Measure:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Size] = {}
        self._names: dict[str, Counter[str]] = {}

    def selections(self, chosen: SelectionSetNode, within: tuple[str, ...], directives: int = 0) -> Size:
        depth = levels = fields = aliases = roots = repeats = 0
        for one in chosen.selections:
            inner = self._below(one, within)
            own = isinstance(one, FieldNode)
            depth = max(depth, inner.depth + own)
            levels = max(levels, inner.levels)
            fields += inner.fields + own
            aliases += inner.aliases + (isinstance(one, FieldNode) and one.alias is not None)
            directives += inner.directives + len(one.directives or ())
            repeats = max(repeats, inner.repeats)
            roots += 1 if own else inner.roots
        said = self._said(chosen, within)
        return Size(depth, levels + 1, fields, aliases, directives, roots, max(repeats, *said.values(), 0))

    def spread(self, name: str, within: tuple[str, ...]) -> Size:
        """Measure a fragment; what stands within itself, or nowhere, is for validation to report."""
        if name in within or name not in self._fragments:
            return Size()
        if name not in self._known:
            chosen = self._fragments[name]
            self._known[name] = self.selections(
                chosen.selection_set, (*within, name), len(chosen.directives or ())
            )
        return self._known[name]

    def _below(self, one: SelectionNode, within: tuple[str, ...]) -> Size:
        if isinstance(one, FragmentSpreadNode):
            return self.spread(one.name.value, within)
        chosen: SelectionSetNode | None = getattr(one, "selection_set", None)
        return Size() if chosen is None else self.selections(chosen, within)

    def _said(self, chosen: SelectionSetNode, within: tuple[str, ...]) -> Counter[str]:
        """Count the names in the answer of the fields of one selection, fragments written out."""
        said: Counter[str] = Counter({"": 0})
        for one in chosen.selections:
            if isinstance(one, FieldNode):
                said[(one.alias or one.name).value] += 1
            elif isinstance(one, FragmentSpreadNode):
                name = one.name.value
                if name in within or name not in self._fragments:
                    continue
                if name not in self._names:
                    self._names[name] = Counter()  # met again within itself, it adds nothing
                    inner = self._fragments[name].selection_set
                    self._names[name] = self._said(inner, (*within, name))
                said.update(self._names[name])
            else:
                inner_set: SelectionSetNode | None = getattr(one, "selection_set", None)
                if inner_set is not None:
                    said.update(self._said(inner_set, within))
        return said
