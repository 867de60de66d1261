"""Pages of a sorted list, with cursors that stay valid when the list changes (floor 4).

A cursor holds the sort values of its entry, not its number: entries that come or go before it move
nothing (Relay cursor connections, section 4).
"""

from __future__ import annotations

import base64
import binascii
import bisect
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import total_ordering
from typing import Any, Generic, TypeVar

import orjson

from qualitrace.graphql.failures import InvalidRequestError, LimitError
from qualitrace.text import Text

MAX_PAGE = 2000
DEFAULT_PAGE = 100

T = TypeVar("T")
_NUMBERS = re.compile(r"([0-9]+)")
Raw = tuple[str | int | float | None, ...]  # JSON values, the last one unique


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts ``2.3.2`` before ``2.3.10``."""
    parts = _NUMBERS.split(text)
    return tuple([(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part])


@total_ordering
@dataclass(frozen=True, slots=True)
class _Descending:
    key: Any

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.key < self.key)


def sort_key(raw: Raw, descending: Sequence[bool]) -> tuple[Any, ...]:
    """Turn sort values into a key. A missing value comes last in either direction."""
    key: list[Any] = []
    for value, down in zip(raw, descending, strict=True):
        if value is None:
            key.append((1,))
            continue
        comparable = natural(value) if isinstance(value, str) else value
        key.append((0, _Descending(comparable) if down else comparable))
    return tuple(key)


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """An item with its sort values."""

    raw: Raw
    item: T


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A sorted list. ``order`` names how it is sorted, and is written into its cursors."""

    order: str
    descending: tuple[bool, ...]
    entries: tuple[Entry[T], ...]
    keys: tuple[tuple[Any, ...], ...]

    @classmethod
    def of(cls, order: str, descending: Sequence[bool], entries: Sequence[Entry[T]]) -> Listing[T]:
        """Sort entries."""
        keyed = sorted(((sort_key(e.raw, descending), e) for e in entries), key=lambda pair: pair[0])
        return cls(order, tuple(descending), tuple(e for _, e in keyed), tuple(k for k, _ in keyed))

    def with_others(self, gone: Collection[T], entries: Sequence[Entry[T]]) -> Listing[T]:
        """Return the list without some items and with other entries; the rest is not sorted anew."""
        keyed = [pair for pair in zip(self.keys, self.entries, strict=True) if pair[1].item not in gone]
        keyed += [(sort_key(e.raw, self.descending), e) for e in entries]
        keyed.sort(key=lambda pair: pair[0])
        return Listing(self.order, self.descending, tuple(e for _, e in keyed), tuple(k for k, _ in keyed))

    def cursor(self, entry: Entry[T]) -> str:
        """Return the cursor of an entry."""
        return base64.urlsafe_b64encode(orjson.dumps([self.order, *entry.raw])).decode("ascii")

    def _key_of(self, cursor: str) -> tuple[Any, ...]:
        try:
            order, *raw = orjson.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
            if order != self.order or not all(isinstance(v, (str, int, float, type(None))) for v in raw):
                raise ValueError("another order")
            key = sort_key(tuple(raw), self.descending)
            bisect.bisect_left(self.keys, key)  # a forged cursor may not compare
        except (ValueError, TypeError, binascii.Error) as error:
            raise InvalidRequestError(
                Text(zh="游标不属于这个列表。", en="The cursor does not belong to this list."),
                where=cursor[:80],
                hint=Text(
                    zh="翻页时请保持 where 与 orderBy 不变，或从头开始。",
                    en="Keep where and orderBy as they were, or start again.",
                ),
            ) from error
        return key

    def page(
        self,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Page[T]:
        """Cut a page (Relay, section 4.4). Raises InvalidRequestError or LimitError."""
        check_size("first", first)
        check_size("last", last)
        start, end = 0, len(self.entries)
        if after is not None:
            start = bisect.bisect_right(self.keys, self._key_of(after))
        if before is not None:
            at = bisect.bisect_left(self.keys, self._key_of(before))
            end = at if at >= start else end  # not among what comes after: as specified, it cuts nothing
        if first is None and last is None:
            first = DEFAULT_PAGE
        if first is not None:
            end = min(end, start + first)
        if last is not None:
            start = max(start, end - last)
        return Page(self, start, end)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The entries ``start`` to ``end`` (exclusive) of a listing."""

    listing: Listing[T]
    start: int
    end: int

    @property
    def entries(self) -> tuple[Entry[T], ...]:
        """The entries on this page."""
        return self.listing.entries[self.start : self.end]

    @property
    def items(self) -> list[T]:
        """The items on this page."""
        return [entry.item for entry in self.entries]


def check_size(name: str, size: int | None) -> None:
    """Raise InvalidRequestError for a negative page size, LimitError for one above ``MAX_PAGE``."""
    if size is None:
        return
    if size < 0:
        raise InvalidRequestError(
            Text(zh=f"{name} 不能为负数。", en=f"{name} cannot be negative."), where=f"{name}: {size}"
        )
    if size > MAX_PAGE:
        raise LimitError(
            Text(zh=f"一页最多 {MAX_PAGE} 条。", en=f"A page holds at most {MAX_PAGE} entries."),
            where=f"{name}: {size}",
            hint=Text(zh="请用 after 翻页。", en="Use after for the next page."),
        )
