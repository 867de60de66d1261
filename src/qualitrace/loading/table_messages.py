"""What loading says to a person about tables and documents, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence

from qualitrace.loading.messages import listed
from qualitrace.text import Text


def blank_form(title: str) -> Text:
    """A known form with nothing in it."""
    return Text(
        zh=f"“{title}”是空表，没有可录入的内容。",
        en=f"“{title}” is a blank form; there is nothing to record.",
    )


def caption_blank(caption: str) -> Text:
    """A caption that is there but not filled in."""
    return Text(zh=f"表上方的“{caption}”没有填写。", en=f"“{caption}” above the table is not filled in.")


def caption_missing(caption: str) -> Text:
    """A caption that is not there."""
    return Text(
        zh=f"表上方没有“{caption}：…”这一行。", en=f"There is no line “{caption}: …” above the table."
    )


def column_ignored(header: str, cells: int) -> Text:
    """A column that the mapping does not know."""
    return Text(
        zh=f"映射不认识“{header}”这一列，{cells} 个有内容的单元格没有录入。",
        en=f"The mapping does not know the column “{header}”; its {cells} filled cells were not recorded.",
    )


def table_ignored(rows: int, nearest: str, missing: Sequence[str]) -> Text:
    """A table that no mapping claims."""
    zh, en = listed(missing)
    if nearest:
        return Text(
            zh=f"没有映射认领这张表（{rows} 行）。最接近“{nearest}”，缺少表头：{zh}。",
            en=f"No mapping claims this table ({rows} rows). The nearest form is “{nearest}”; "
            f"missing headers: {en}.",
        )
    return Text(
        zh=f"没有映射认领这张表（{rows} 行），没有录入。",
        en=f"No mapping claims this table ({rows} rows); not recorded.",
    )


def running_text(lines: int) -> Text:
    """Text outside tables."""
    return Text(
        zh=f"表格以外的正文（{lines} 段）没有逐段录入；其中提到的机构已与表格核对。",
        en=f"The running text ({lines} paragraphs) was not recorded paragraph by paragraph; "
        "bodies it names were compared with the tables.",
    )


def named_in_text_only(name: str, tables: str) -> Text:
    """A body accountable in the text, without anything in the tables."""
    return Text(
        zh=f"正文提到“{name}”，而表格（{tables}）里没有任何一行由它负责。",
        en=f"The running text names “{name}”; no row of the tables ({tables}) makes it responsible "
        "for anything.",
    )


def named_in_tables_only(name: str, where: str) -> Text:
    """A body with something in the tables that the text never names."""
    return Text(
        zh=f"“{name}”在表格中承担工作，正文（{where}）从未提到它。",
        en=f"“{name}” is responsible for something in a table; the running text ({where}) never names it.",
    )


COMMENT = Text(zh="批注没有录入。", en="A comment; not recorded.")
