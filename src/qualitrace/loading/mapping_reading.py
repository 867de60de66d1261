"""Reading and checking the mappings of a profile; every mistake is named with file and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import rdflib

from qualitrace.errors import ProfileError
from qualitrace.loading.mapping import FIELDS, Column, Form
from qualitrace.loading.mapping_nodes import read_nodes
from qualitrace.loading.normalise import fold
from qualitrace.profile.model import Profile
from qualitrace.text import Text

_FORM_KEYS = ("form", "title", "layout", "captions", "key", "notes", "columns", "nodes")
_COLUMN_KEYS = {
    "read": "", "also": "", "optional": "", "fill": "", "blank": "", "default": "", "empty": "",
    "split": "text coded-title code names within", "depth": "coded-title within", "outer-of": "coded-title",
    "owner": "within", "class-from": "names", "schemes": "concept", "under": "class", "month": "date",
    "pattern": "code",
}  # fmt: skip


class Place:
    """A place in a mapping file, for messages: file and keys."""

    def __init__(self, profile: Profile, file: str, keys: tuple[str, ...] = ()) -> None:
        self.profile = profile
        self.file = file
        self.keys = keys

    def at(self, *keys: object) -> Place:
        """Return the place below this one."""
        return Place(self.profile, self.file, (*self.keys, *map(str, keys)))

    def wrong(self, zh: str, en: str, hint_zh: str = "", hint_en: str = "") -> ProfileError:
        """Return the error to raise for this place."""
        where = " › ".join((self.file, *self.keys))
        hint = Text(zh=hint_zh, en=hint_en) if hint_en else None
        return ProfileError(Text(zh=zh, en=en), where=where, hint=hint)

    def mapping(self, value: object, allowed: Iterable[str] | None = None) -> Mapping[str, Any]:
        """Return ``value`` as a mapping with text keys out of ``allowed``."""
        if not isinstance(value, Mapping):
            raise self.wrong("这里应当是“键: 值”。", "'key: value' lines are expected here.")
        keys = tuple(str(key) for key in value)
        if allowed is not None:
            known = tuple(allowed)
            for key in keys:
                self.one_of(key, known)
        return {str(key): item for key, item in value.items()}

    def one_of(self, value: str, known: Iterable[str]) -> str:
        """Return ``value`` when it is one of ``known``."""
        names = tuple(known)
        if value in names:
            return value
        near = difflib.get_close_matches(value, names, n=1)
        meant = near[0] if near else "、".join(names)
        raise self.wrong(
            f"不认识“{value}”。",
            f"“{value}” is not known here.",
            f"可以写：{meant}",
            f"What can stand here: {meant}",
        )

    def text(self, value: object) -> str:
        """Return ``value`` as text that is not empty."""
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
            raise self.wrong("这里应当是文字。", "text is expected here.")
        return str(value).strip()

    def texts(self, value: object) -> tuple[str, ...]:
        """Return one text or a list of texts as a tuple."""
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(self.text(item) for item in items)

    def flag(self, value: object) -> bool:
        """Return ``value`` as true or false."""
        if not isinstance(value, bool):
            raise self.wrong("这里应当是 true 或 false。", "true or false is expected here.")
        return value

    def pattern(self, value: object) -> re.Pattern[str]:
        """Return ``value`` as a regular expression."""
        try:
            return re.compile(self.text(value))
        except re.error as error:
            raise self.wrong(f"正则表达式写错了：{error}", f"not a regular expression: {error}") from error

    def term(self, value: object) -> str:
        """Return the IRI of a term; its namespace's terms must be in the ontology."""
        name = self.text(value)
        found = self.profile.expand(name)
        if found == name and not name.startswith(("http://", "https://", "urn:")):
            raise self.wrong(
                f"“{name}”的前缀没有声明。",
                f"The prefix of “{name}” is not declared.",
                "前缀在 ontology/ 的 Turtle 文件里声明。",
                "Prefixes are declared in the Turtle files of ontology/.",
            )
        defined = rdflib.URIRef(found)
        if (defined, None, None) not in self.profile.ontology and found in self._own_namespace(found):
            raise self.wrong(f"本体里没有“{name}”。", f"The ontology does not define “{name}”.")
        return found

    def _own_namespace(self, iri: str) -> tuple[str, ...]:
        """Return ``(iri,)`` when the ontology defines other terms of the same namespace."""
        namespace = re.sub(r"[^#/]*$", "", iri)
        subjects = self.profile.ontology.subjects(unique=True)
        return (iri,) if any(str(subject).startswith(namespace) for subject in subjects) else ()

    def class_term(self, value: object) -> str:
        """Return the IRI of a class of the profile."""
        found = self.term(value)
        if found not in self.profile.classes:
            raise self.wrong(f"“{value}”不是本体里的类。", f"“{value}” is not a class of the ontology.")
        return found


def read_forms(profile: Profile) -> tuple[Form, ...]:
    """Read all mappings of a profile. Raises ProfileError for the first mistake."""
    paths = profile.mapping_paths or tuple(Path(f"loaders/{n}") for n in range(len(profile.mappings)))
    forms: dict[str, Form] = {}
    for path, source in zip(paths, profile.mappings, strict=True):
        place = Place(profile, f"loaders/{path.name}")
        form = read_form(source, place)
        if form.name in forms:
            raise place.at("form").wrong(
                f"表单名“{form.name}”用了两次。", f"The form name “{form.name}” stands twice."
            )
        forms[form.name] = form
    return tuple(forms.values())


def read_form(source: Mapping[str, Any], place: Place) -> Form:
    """Read one mapping."""
    data = place.mapping(source, _FORM_KEYS)
    for key in ("form", "columns", "nodes"):
        if key not in data:
            raise place.wrong(f"缺少“{key}”。", f"“{key}” is missing.")
    columns = _columns(data["columns"], place.at("columns"))
    captions = _columns(data.get("captions", {}), place.at("captions"))
    names = {column.name: column for column in (*columns, *captions)}
    if len(names) < len(columns) + len(captions):
        raise place.at("captions").wrong("表上方的项与列同名。", "A caption has the name of a column.")
    for column in names.values():
        _check_references(column, names, place.at("columns", column.name))
    titles = data.get("title", data["form"])
    return Form(
        name=place.at("form").text(data["form"]),
        titles=Text(place.at("title").mapping(titles, ("zh", "en")))
        if isinstance(titles, Mapping)
        else Text(zh=titles),
        columns=columns,
        captions=captions,
        layout=place.at("layout").one_of(data.get("layout", "columns"), ("columns", "rows")),
        key=place.at("key").one_of(data["key"], [c.name for c in columns]) if "key" in data else "",
        notes=place.at("notes").pattern(data["notes"]) if "notes" in data else None,
        nodes=read_nodes(data["nodes"], names, place.at("nodes")),
    )


def _columns(source: object, place: Place) -> tuple[Column, ...]:
    return tuple(_column(name, value, place.at(name)) for name, value in place.mapping(source).items())


def _column(name: str, source: object, place: Place) -> Column:
    data = place.mapping({"read": source} if isinstance(source, str) else source, _COLUMN_KEYS)
    read = place.at("read").one_of(data.get("read", "text"), FIELDS)
    for key in data:
        kinds = _COLUMN_KEYS[key].split()
        if kinds and read not in kinds:
            raise place.at(key).wrong(
                f"“{key}”不能用于“{read}”。", f"“{key}” does not apply to “{read}”.",
                f"可用于：{'、'.join(kinds)}", f"It applies to: {', '.join(kinds)}",
            )  # fmt: skip
    spellings = (name, *place.at("also").texts(data.get("also", ())))
    return Column(
        name=name,
        headers=frozenset(fold(spelling) for spelling in spellings),
        read=read,
        optional=place.at("optional").flag(data.get("optional", False)),
        fill=place.at("fill").one_of(data.get("fill", "merge"), ("merge", "none")) == "merge",
        blank_allowed=place.at("blank").one_of(data.get("blank", "told"), ("told", "allowed")) == "allowed",
        split=_separators(data["split"], place.at("split")) if "split" in data else "",
        depth=_depth(data.get("depth", 0), place.at("depth")),
        outer_of=str(data.get("outer-of", "")),
        owner=str(data.get("owner", "")),
        default=str(data.get("default", "")),
        class_from=str(data.get("class-from", "")),
        schemes=tuple(map(place.at("schemes").term, place.at("schemes").texts(data.get("schemes", ())))),
        under=tuple(map(place.at("under").class_term, place.at("under").texts(data.get("under", ())))),
        empty=frozenset(fold(word) for word in place.at("empty").texts(data.get("empty", ()))),
        month=place.at("month").one_of(data["month"], ("first", "last")) if "month" in data else "",
        pattern=place.at("pattern").pattern(data["pattern"]) if "pattern" in data else None,
    )  # fmt: skip


def _separators(value: object, place: Place) -> str:
    if not isinstance(value, str) or not value:
        raise place.wrong("这里写分隔用的字符，或写 lines。", "Give the separating characters, or lines.")
    return "\n" if value == "lines" else value + "\n" if "\n" not in value else value


def _depth(value: object, place: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 9:
        raise place.wrong("层数是 1 到 9 的数。", "The depth is a number from 1 to 9.")
    return value


def _check_references(column: Column, names: Mapping[str, Column], place: Place) -> None:
    for key, other in (
        ("outer-of", column.outer_of),
        ("owner", column.owner),
        ("default", column.default),
        ("class-from", column.class_from),
    ):
        if other:
            place.at(key).one_of(other, names)
    if column.read == "concept" and not column.schemes:
        raise place.wrong("“concept”要写明 schemes。", "“concept” needs schemes.")
    if column.read == "within" and not column.owner:
        raise place.wrong("“within”要写明 owner。", "“within” needs owner.")
    if column.outer_of and not (column.depth and names[column.outer_of].depth > column.depth):
        raise place.at("outer-of").wrong(
            "两列都要有 depth，外层的较小。", "Both columns need a depth, the outer one the smaller."
        )
