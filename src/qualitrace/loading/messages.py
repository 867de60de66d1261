"""What loading says to a person, in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence

from qualitrace.loading.deadline import Trouble
from qualitrace.text import Text

_SHOWN = 12


def listed(names: Sequence[str]) -> tuple[str, str]:
    """Return names for a Chinese and for an English sentence, cut when there are many."""
    more = len(names) > _SHOWN
    return "、".join(names[:_SHOWN]) + ("等" if more else ""), ", ".join(names[:_SHOWN]) + (
        " …" if more else ""
    )


# ---------------------------------------------------------------- cells

EDGE_SEPARATOR = Text(
    zh="编号以分隔符开头或结尾，前面或后面可能漏了编号；已读出的照录。",
    en="The codes begin or end with a separator: one may be missing there. Those that are there were read.",
)
ONLY_SEPARATORS = Text(zh="只有分隔符，没有内容。", en="There are separators only, without content.")
NOT_A_CODE = Text(zh="这里应当是编号，没有读取。", en="A code is expected here; this was not read.")
NOT_A_NAME = Text(
    zh="这不像一个单位或团体的名称，没有读取。",
    en="This does not look like a name of a body; it was not read.",
)
NOT_A_NUMBER = Text(zh="这里应当只写数，没有读取。", en="A number alone is expected here; this was not read.")
NOT_A_DATE = Text(zh="没有读出日期，请写成 2019-08-31。", en="No date could be read; write it as 2019-08-31.")
IMPOSSIBLE_DATE = Text(zh="没有这一天，请改正。", en="There is no such day; correct it.")
MONTH_ONLY = Text(zh="只有年月，请补上日。", en="Only year and month are given; add the day.")


def no_code(depth: int) -> Text:
    """A cell without the nested code its column asks for."""
    shape = ".".join(["1", "2", "3", "4", "5", "6", "7", "8", "9"][:depth])
    return Text(
        zh=f"没有形如 {shape} 的编码，无法确定所指，没有读取。",
        en=f"There is no code like {shape}, so that what this is cannot be told; it was not read.",
    )


def name_remark(remark: str) -> Text:
    """Something written beside a name."""
    return Text(zh=f"名称旁的“{remark}”没有录入。", en=f"“{remark}” beside the name was not recorded.")


def group(name: str, determined: bool) -> Text:
    """A name of a group."""
    if determined:
        return Text(
            zh=f"“{name}”是一组单位的统称，按团体录入，成员随类别确定。",
            en=f"“{name}” names a group; it was recorded as a group whose members follow from their class.",
        )
    return Text(
        zh=f"“{name}”是一组单位或人员的统称，按团体录入；成员无法确定，请写明具体单位。",
        en=f"“{name}” names a group whose members cannot be determined; name the units that are meant.",
    )


def alias_declared(alias: str, name: str) -> Text:
    """A declared alias was followed."""
    return Text(
        zh=f"“{alias}”按已声明的别名读作“{name}”。", en=f"“{alias}” was read as “{name}”, as declared."
    )


def alias_probable(one: str, other: str, place: str) -> Text:
    """Two names that may be one body."""
    return Text(
        zh=f"“{one}”与“{other}”（{place}）可能是同一单位，没有合并。"
        "请在 loaders/names.yaml 的 aliases 或 distinct 中写明。",
        en=f"“{one}” and “{other}” ({place}) may be one body; they were not merged. "
        "Decide under aliases or distinct in loaders/names.yaml.",
    )


def too_many_names(compared: int) -> Text:
    """More names than are compared."""
    return Text(
        zh=f"名称太多，只比较了前 {compared} 个是否重复。",
        en=f"There are very many names; only the first {compared} were compared with each other.",
    )


def class_guessed(name: str) -> Text:
    """A new name that no rule recognises."""
    return Text(
        zh=f"“{name}”是新出现的名称，没有规则说明它是哪一类，暂按默认类别录入。",
        en=f"“{name}” is new and no rule says what kind of body it is; it was recorded as the default kind.",
    )


def two_classes(name: str, here: Text, registered: Text) -> Text:
    """A body that is of another class in the registry."""
    return Text(
        zh=f"这里说“{name}”是“{here.best('zh')}”，登记库里是“{registered.best('zh')}”；请统一。",
        en=f"Here “{name}” is a “{here.best('en')}”, in the registry a “{registered.best('en')}”; "
        "make them agree.",
    )


def no_owner(column: str) -> Text:
    """A name within a body that is not known."""
    return Text(
        zh=f"不知道属于哪个单位：请写成“单位/名称”，或填好“{column}”（只写一个单位）。",
        en=f"It is not clear which body this belongs to: write “body/name”, or put one body in “{column}”.",
    )


def slash_in_name(name: str) -> Text:
    """A slash that may separate a body from a name."""
    return Text(
        zh=f"“{name}”中斜线前不是已知单位，整个按名称录入。",
        en=f"What stands before the slash in “{name}” is no known body; all of it was taken as the name.",
    )


def not_in_scheme(found: int, names: Sequence[str]) -> Text:
    """A word that is no concept of its scheme, or several."""
    zh, en = listed(names)
    if found:
        return Text(
            zh=f"对应 {found} 个取值，没有读取。可写：{zh}。",
            en=f"{found} values fit; not read. Values: {en}.",
        )
    return Text(
        zh=f"不是可用的取值，没有读取。可写：{zh}。", en=f"Not one of the values; not read. Values: {en}."
    )


def not_a_class(names: Sequence[str]) -> Text:
    """A word that names no class."""
    zh, en = listed(names)
    return Text(
        zh=f"不是可用的类别，没有读取。可写：{zh}。", en=f"Not one of the kinds; not read. Kinds: {en}."
    )


def deadline(trouble: Trouble) -> Text:
    """A deadline kept as text."""
    if trouble is Trouble.IMPOSSIBLE:
        return Text(
            zh="没有这样的日期，或先后颠倒；原文照录，请改正。",
            en="There is no such date, or the end is before the beginning; kept as text. Correct it.",
        )
    if trouble is Trouble.AMBIGUOUS:
        return Text(
            zh="可有两种读法（是否含当月、当年）；原文照录，请写明日期。",
            en="This can be read in two ways (does the period itself count?); kept as text. Give a date.",
        )
    return Text(
        zh="不能换算成日期、期间或周期；原文照录，请写明日期或月份。",
        en="This is no date, interval or recurrence; kept as text. Give a date or a month.",
    )


# ---------------------------------------------------------------- rows


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
