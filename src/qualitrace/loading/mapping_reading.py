"""Reading and checking the mappings of a profile; every mistake is named with file and key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qualitrace.loading.mapping import FIELDS, Column, Form
from qualitrace.loading.mapping_nodes import read_nodes
from qualitrace.loading.mapping_place import Place, Vocabulary
from qualitrace.loading.normalise import fold
from qualitrace.profile.model import Profile
from qualitrace.text import Text

_FORM_KEYS = ("form", "title", "layout", "captions", "key", "notes", "columns", "nodes")
_COLUMN_KEYS = {
    "read": "", "also": "", "optional": "", "fill": "", "blank": "", "default": "", "empty": "",
    "split": "text coded-title code names within", "depth": "coded-title", "outer-of": "coded-title",
    "owner": "within", "class-from": "names", "schemes": "concept", "under": "class", "month": "date",
    "pattern": "code",
}  # fmt: skip


def read_forms(profile: Profile) -> tuple[Form, ...]:
    """Read all mappings of a profile. Raises ProfileError for the first mistake."""
    vocabulary = Vocabulary(profile)
    paths = profile.mapping_paths or tuple(Path(f"loaders/{n}") for n in range(len(profile.mappings)))
    forms: dict[str, Form] = {}
    for path, source in zip(paths, profile.mappings, strict=True):
        place = Place(vocabulary, f"loaders/{path.name}")
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
    if column.outer_of and not (column.depth and names[column.outer_of].depth > column.depth):
        raise place.at("outer-of").wrong(
            "两列都要有 depth，外层的较小。", "Both columns need a depth, the outer one the smaller."
        )
