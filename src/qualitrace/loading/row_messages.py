"""What loading says to a person about rows, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence

from qualitrace.loading.messages import listed
from qualitrace.text import Text


def blank(column: str) -> Text:
    """A cell that is not filled in."""
    return Text(zh=f"“{column}”没有填写。", en=f"“{column}” is not filled in.")


ZERO_LOST = Text(
    zh="Excel 存的是数，末尾的 0 会丢失（.1 可能原是 .10）；请把单元格设为文本后重填。",
    en="Excel holds a number here and drops trailing zeros (.1 may have been .10); make the cell text and "
    "fill it in again.",
)


def blank_derived(column: str, code: str, other: str) -> Text:
    """A blank cell whose code another cell gives."""
    return Text(
        zh=f"“{column}”没有填写；由“{other}”的编码得出 {code}。",
        en=f"“{column}” is not filled in; the code in “{other}” says {code}.",
    )


def lost_merge(column: str) -> Text:
    """A blank that may have been a merged cell."""
    return Text(
        zh=f"“{column}”是空的：可能没有填写，也可能是合并单元格在提取时丢失；没有推测，请查原件。",
        en=f"“{column}” is empty: not filled in, or a merged cell lost in extraction; nothing was guessed. "
        "Check the original.",
    )


def lost_merge_derived(column: str, code: str, other: str) -> Text:
    """The same, where another cell gives the code."""
    return Text(
        zh=f"“{column}”是空的，合并单元格可能在提取时丢失；由“{other}”的编码得出 {code}。",
        en=f"“{column}” is empty, a merged cell may have been lost in extraction; "
        f"the code in “{other}” says {code}.",
    )


def inferred(column: str) -> Text:
    """A value from a merged cell."""
    return Text(
        zh=f"“{column}”取自覆盖本行的合并单元格。",
        en=f"“{column}” was read from the merged cell that covers this row.",
    )


def merged_aside(column: str) -> Text:
    """A cell covered from the side."""
    return Text(
        zh=f"“{column}”被左边的合并单元格覆盖，按没有填写处理。",
        en=f"“{column}” is covered by a cell merged from the left; it was taken as not filled in.",
    )


def not_filled_from_merge(column: str) -> Text:
    """A covered cell in a column that does not take values from merged cells."""
    return Text(
        zh=f"“{column}”被合并单元格覆盖；按映射不取其值。",
        en=f"“{column}” is covered by a merged cell; by its mapping the value is not taken.",
    )


def codes_disagree(column: str, code: str, other: str, other_code: str) -> Text:
    """Two codes of a row that do not nest."""
    return Text(
        zh=f"“{column}”的编码 {code} 与“{other}”的编码 {other_code} 不相符；两处照录，请改正。",
        en=f"The code {code} in “{column}” does not fit {other_code} in “{other}”; both were kept. "
        "Correct one.",
    )


def unused(column: str, missing: Sequence[str]) -> Text:
    """A filled cell from which nothing could be made."""
    zh, en = listed(missing)
    if not missing:
        return Text(zh=f"“{column}”没有用上。", en=f"“{column}” was not used.")
    return Text(
        zh=f"“{column}”没有录入，因为缺少：{zh}。",
        en=f"“{column}” was not recorded, because this is missing: {en}.",
    )


def several_codes(codes: Sequence[str]) -> Text:
    """A text without a code that stands elsewhere under several."""
    zh, en = listed(codes)
    return Text(
        zh=f"这里没有编码，同样的文字在别处有几个编码（{zh}），按没有编码录入；请补上编码。",
        en=f"There is no code here, and the same text has several elsewhere ({en}); it was recorded without "
        "one. Add the code.",
    )


def realigned(moved: Sequence[str]) -> Text:
    """A damaged row that was put right."""
    zh, en = listed(moved)
    return Text(
        zh=f"本行的单元格错位，已按内容归位：{zh}。请查原件。",
        en=f"The cells of this row had shifted; they were put back by what they contain: {en}. "
        "Check the original.",
    )


def joined(column: str, row: int) -> Text:
    """A piece of a row broken over pages."""
    return Text(
        zh=f"这是第 {row} 行“{column}”被分页断开的后半，已接上。",
        en=f"This is the rest of “{column}” in row {row}, broken over pages; it was joined.",
    )


def joined_already(row: int) -> Text:
    """A piece of a broken row that its cell already ends with."""
    return Text(
        zh=f"分页断开的残字，第 {row} 行中已有，没有接上。",
        en=f"A remnant of a row broken over pages; row {row} has it already, so it was not joined.",
    )


def continuation_unplaced(row: int) -> Text:
    """A piece of a broken row whose cell is not known."""
    return Text(
        zh=f"这是第 {row} 行被分页断开的一段，无法确定属于哪一格，没有接上；那一行可能不完整。请查原件。",
        en=f"This is a piece of row {row}, broken over pages, and its cell cannot be told; it was not "
        "joined, so that row may be incomplete. Check the original.",
    )


UNALIGNED = Text(
    zh="本行单元格错位，无法唯一确定各格属于哪一列，没有读取。请查原件。",
    en="The cells of this row have shifted and fit the columns in more than one way; the row was not read. "
    "Check the original.",
)
REMARK_ROW = Text(zh="表中的说明，没有录入。", en="A remark in the table; not recorded.")
RULED_ROW = Text(zh="只有线条的行，没有内容。", en="A row of rules only, without content.")


def two_values(label: str, kept: str, place: str) -> Text:
    """A property that should have one value has two."""
    return Text(
        zh=f"“{label}”在两处写法不同：这里与 {place} 的“{kept}”不一致；录入的是后者，请统一。",
        en=f"“{label}” is written differently in two places: here, and “{kept}” at {place}; the latter was "
        "recorded. Make them agree.",
    )


BLANK_ROW = Text(zh="这一行没有填写。", en="This row is not filled in.")
NO_LABEL = Text(
    zh="这一行没有标签，不知道属于哪一项，没有读取。",
    en="This row has no label; what it belongs to cannot be told. Not read.",
)
