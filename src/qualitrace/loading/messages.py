"""What loading says to a person about cells, in Chinese and English."""

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
    if not column:
        return Text(
            zh="不知道属于哪个单位：请写成“单位/名称”。",
            en="It is not clear which body this belongs to: write “body/name”.",
        )
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
