"""Reading one cell: from its text to the values its column is declared to hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from qualitrace.loading import messages
from qualitrace.loading.concepts import Concepts
from qualitrace.loading.deadline import Trouble, parse_deadline
from qualitrace.loading.mapping import Column
from qualitrace.loading.model import NoticeKind
from qualitrace.loading.names import Named, Names
from qualitrace.loading.normalise import digest, fold, one_line, segment, split_outside, tidy
from qualitrace.loading.values import read_date, read_number
from qualitrace.terms import XSD, literal
from qualitrace.text import Text

_POINT = r"\s*[.．]\s*"
_LETTERED = re.compile(
    r"([A-Za-z][A-Za-z0-9]*(?:[-._/][A-Za-z0-9]+)*|\d+(?:[.．-]\d+)+)(?:[\s:：、，,．]+|[.](?!\d)|$)(.*)",
    re.DOTALL,
)
_TIGHT = re.compile(r"([A-Z]{2,4}\d{2,3}(?:[-.]\d{1,3})*)(?![-.\dA-Za-z])(.*)", re.DOTALL)
_BULLET = re.compile(r"(?:[(（]\s*\d{1,2}\s*[)）]|\d{1,2}\s*(?:[、)）]|[.．](?!\d))|[①-⑳•●◆■\-*·—])\s*(?=\S)")
_CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9]+(?:[-._][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a cell: fields for templates, typed literals (N-Triples), and what it names."""

    fields: Mapping[str, str]
    terms: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)  # fields as they stand in identifiers
    named: Named | None = None

    def field(self, name: str) -> str:
        """Return a field, the first one for ``""``; ``""`` when it is not there."""
        if not name:
            return next(iter(self.fields.values()), "")
        return self.fields.get(name, "1" if name == "number" else "")

    def in_identifier(self, name: str) -> str:
        """Return a field as a segment of an identifier."""
        name = name or next(iter(self.fields))
        return self.segments.get(name) or segment(self.field(name))


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something about a cell that a person should see."""

    kind: NoticeKind
    message: Text
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell gave."""

    items: tuple[Item, ...] = ()
    complaints: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What reading a cell may need: names, concepts, and the owner another cell gives."""

    names: Names
    concepts: Concepts
    owners: tuple[Named, ...] = ()


def read_cell(text: str, column: Column, around: Surroundings) -> Reading:
    """Read a cell that is not blank. Never raises; what cannot be read becomes a complaint."""
    if not column.many and text.strip():
        return _read_one(text.strip(), column, around)
    pieces = split_outside(text, column.split)[::2]
    if column.read == "code" and column.many:
        pieces = [word for piece in pieces for word in (piece.split() or [""])]
    parts = [piece.strip() for piece in pieces]
    complaints = list(_gaps(parts, column, text))
    items: list[Item] = []
    for part in parts:
        reading = _read_one(part, column, around) if part else Reading()
        complaints += reading.complaints
        for item in reading.items:
            items.append(replace(item, fields={**item.fields, "number": str(len(items) + 1)}))
    if not items and not complaints and not any(parts):
        complaints.append(Complaint(NoticeKind.UNREADABLE, messages.ONLY_SEPARATORS, text))
    return Reading(tuple(items), tuple(complaints))


def _read_one(text: str, column: Column, around: Surroundings) -> Reading:
    if column.empty and fold(text) in column.empty:
        return Reading()
    answer = _READERS[column.read](text, column, around)
    if isinstance(answer, Complaint):
        return Reading(complaints=(answer,))
    item, complaints = answer if isinstance(answer, tuple) else (answer, ())
    return Reading((item,), complaints)


def _gaps(parts: list[str], column: Column, text: str) -> list[Complaint]:
    """A separator at the edge of a list of codes says that something is missing there."""
    if column.read != "code" or len(parts) < 2 or (parts[0] and parts[-1]):
        return []
    return [Complaint(NoticeKind.AMBIGUOUS, messages.EDGE_SEPARATOR, text)]


_Answer = Item | Complaint | tuple[Item, tuple[Complaint, ...]]


def _text(text: str, column: Column, around: Surroundings) -> _Answer:
    plain = one_line(text) if column.many else tidy(text)
    return Item({"text": plain, "key": digest(plain)})


def take_code(text: str, depth: int) -> tuple[str, str] | None:
    """Take a nested code of ``depth`` numbers off the front: ``("1.1.2", rest)``; None without one.

    A single number needs a point, a comma or a space after it, so that ``11月`` is no code.
    """
    ends = r"(?=\s*[.．、:：]|\s|$)" if depth == 1 else ""
    for point in ("[.．]", _POINT):
        nested = rf"\d{{1,3}}(?:{point}\d{{1,3}}){{{depth - 1}}}"
        found = re.match(rf"\s*({nested}){ends}(?![.．]?\d)", text)
        if found:
            code = re.sub(r"\s+", "", unicodedata.normalize("NFKC", found[1]))
            return code, re.sub(r"^\s*[.．、:：]?\s*", "", text[found.end() :])
    return None


def coded_title(text: str, depth: int) -> Item | None:
    """Read a code and a title; None when ``depth`` asks for a nested code and there is none.

    Without ``depth`` a code is optional and has letters or dots; a plain list number is none.
    """
    line = one_line(text)
    if depth:
        taken = take_code(line, depth)
        if taken is None:
            return None
        code, rest = taken
        return Item({"text": rest, "code": code, "key": code})
    found = _LETTERED.fullmatch(line)
    if found is None or not re.search(r"\d", found[1]):
        found = _TIGHT.fullmatch(line)
    if found is not None:
        code = unicodedata.normalize("NFKC", found[1])
        return Item({"text": found[2].strip(), "code": code, "key": code})
    plain = _BULLET.sub("", line, count=1) if _BULLET.match(line) else line
    return Item({"text": plain, "code": "", "key": digest(plain)})


def _coded_title(text: str, column: Column, around: Surroundings) -> _Answer:
    item = coded_title(text, column.depth)
    if item is None:
        return Complaint(NoticeKind.UNREADABLE, messages.no_code(column.depth), text)
    return item


def read_code(text: str, pattern: re.Pattern[str] | None) -> str:
    """Return a code in one width without spaces; ``""`` when it is none."""
    code = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return code if (pattern or _CODE).fullmatch(code) else ""


def _code(text: str, column: Column, around: Surroundings) -> _Answer:
    code = read_code(text, column.pattern)
    if not code:
        return Complaint(NoticeKind.UNREADABLE, messages.NOT_A_CODE, text)
    return Item({"code": code, "text": one_line(text)})


def _names(text: str, column: Column, around: Surroundings) -> _Answer:
    named = around.names.resolve(text)
    if named is None:
        return Complaint(NoticeKind.UNREADABLE, messages.NOT_A_NAME, text)
    fields = {"name": named.name, "text": named.name, "iri": named.iri}
    item = Item(fields, segments={"name": around.names.segment_of(named)}, named=named)
    complaints = []
    if named.remark:
        complaints.append(Complaint(NoticeKind.AMBIGUOUS, messages.name_remark(named.remark), text))
    if named.group:
        complaints.append(
            Complaint(NoticeKind.GROUP, messages.group(named.name, bool(named.member_class)), text)
        )
    if named.alias:
        complaints.append(Complaint(NoticeKind.ALIAS, messages.alias_declared(named.alias, named.name), text))
    return item, tuple(complaints)


def _within(text: str, column: Column, around: Surroundings) -> _Answer:
    line = one_line(text)
    before, slash, after = line.partition("/")
    owner: Named | None = None
    if slash and after.strip() and around.names.familiar(before):
        owner, line = around.names.resolve(before), after.strip()
    elif len(around.owners) == 1:
        owner = around.owners[0]
    if owner is None or owner.group:
        return Complaint(NoticeKind.UNREADABLE, messages.no_owner(column.owner), text)
    coded = coded_title(line, 0)
    assert coded is not None
    fields = {"name": line, "owner": owner.name, "text": coded.field("text") or line}
    fields |= {"code": coded.field("code"), "key": coded.field("key")}
    item = Item(fields, segments={"owner": around.names.segment_of(owner)}, named=owner)
    if slash and "/" in line:
        return item, (Complaint(NoticeKind.AMBIGUOUS, messages.slash_in_name(line), text),)
    return item


def _concept(text: str, column: Column, around: Surroundings) -> _Answer:
    found = around.concepts.find(one_line(text), column.schemes)
    if len(found) != 1:
        names = around.concepts.labels(column.schemes)
        return Complaint(NoticeKind.UNREADABLE, messages.not_in_scheme(len(found), names), text)
    return Item({"text": one_line(text), "iri": found[0]})


def _class(text: str, column: Column, around: Surroundings) -> _Answer:
    found = around.concepts.class_named(one_line(text), column.under)
    if not found:
        return Complaint(
            NoticeKind.UNREADABLE, messages.not_a_class(around.concepts.class_labels(column.under)), text
        )
    return Item({"text": one_line(text), "iri": found})


def _deadline(text: str, column: Column, around: Surroundings) -> _Answer:
    due = parse_deadline(text)
    fields = {"text": due.text}
    terms = {}
    for name, day in (("from", due.due_from), ("by", due.due_by)):
        if day is not None:
            fields[name] = day.isoformat()
            terms[name] = literal(day.isoformat(), datatype=XSD + "date")
    if due.recurrence:
        fields["recurrence"] = due.recurrence
    item = Item(fields, terms)
    if due.trouble is Trouble.NONE:
        return item
    kind = NoticeKind.AMBIGUOUS if due.trouble is Trouble.AMBIGUOUS else NoticeKind.UNREADABLE
    return item, (Complaint(kind, messages.deadline(due.trouble), text),)


def _date(text: str, column: Column, around: Surroundings) -> _Answer:
    day = read_date(text, column.month)
    if isinstance(day, Text):
        return Complaint(NoticeKind.UNREADABLE, day, text)
    return Item(
        {"date": day.isoformat(), "text": one_line(text)},
        {"date": literal(day.isoformat(), datatype=XSD + "date")},
    )


def _number(text: str, column: Column, around: Surroundings) -> _Answer:
    value = read_number(text)
    if value is None:
        return Complaint(NoticeKind.UNREADABLE, messages.NOT_A_NUMBER, text)
    return Item({"value": value, "text": one_line(text)}, {"value": literal(value, datatype=XSD + "decimal")})


_READERS: Mapping[str, Callable[[str, Column, Surroundings], _Answer]] = {
    "text": _text,
    "coded-title": _coded_title,
    "code": _code,
    "names": _names,
    "within": _within,
    "concept": _concept,
    "class": _class,
    "deadline": _deadline,
    "date": _date,
    "number": _number,
}
