"""Commands that decide about findings and rules: except, exceptions, rule, rules (floor 5)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    AuthorOption,
    ExistingOption,
    JsonOption,
    KnownAtOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    day,
    default_author,
    guarded,
    open_at,
    open_registry,
    out,
    print_json,
)
from qualitrace.errors import QueryError
from qualitrace.registry import Registry, governing
from qualitrace.registry.model import ExceptionState, ListedException
from qualitrace.registry.past import Past
from qualitrace.registry.records import exception_json, rule_json
from qualitrace.text import Text
from qualitrace.validation.model import Acceptance, Mode, RuleReport

RuleArgument = Annotated[
    str, typer.Argument(metavar="RULE", help="规则:名称或标识 / rule: name, label or IRI")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="理由 / why")]

_STATES = {
    ExceptionState.IN_FORCE: Text(zh="有效", en="in force"),
    ExceptionState.EXPIRED: Text(zh="已到期", en="expired"),
    ExceptionState.WITHDRAWN: Text(zh="已撤回", en="withdrawn"),
    ExceptionState.REPLACED: Text(zh="已被取代", en="replaced"),
    ExceptionState.NOT_NEEDED: Text(zh="不再需要", en="no longer needed"),
}
_MODES = {Mode.WARN: Text(zh="仅警告", en="warn"), Mode.REJECT: Text(zh="拒绝", en="reject")}


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("except")(except_)
    for command in (exceptions, rule, rules):
        app.command()(command)


def except_(
    rule: RuleArgument,
    node: Annotated[str, typer.Argument(metavar="NODE", help="标识、编码或名称 / identifier, code or name")],
    by: Annotated[str, typer.Option("--by", help="由谁接受 / who accepts it (or takes it back)")],
    reason: ReasonOption,
    until: Annotated[
        str, typer.Option("--until", help="到哪一天为止(含,YYYY-MM-DD) / until which day, inclusive")
    ] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="撤回例外 / take the exception back")] = False,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
) -> None:
    """接受一处不符到某一天,由人署名 / a named person accepts a finding until a day."""

    def action() -> None:
        last = _last_day(until, withdraw)
        opened, recorder = open_registry(registry, profile), default_author(author)
        if last is None:
            governing.withdraw(opened, rule, node, by=by, reason=reason, author=recorder)
            _say(Text(zh="例外已撤回", en="the exception is withdrawn"))
            return
        governing.accept(opened, rule, node, Acceptance(by, reason, last), author=recorder)
        _say(Text(zh=f"例外有效至 {last}(含)", en=f"accepted until {last}, inclusive"))

    guarded(action)


def _last_day(until: str, withdraw: bool) -> dt.date | None:
    """Read --until; None when an exception is withdrawn. Raises QueryError."""
    hint = Text(zh="请写成 2025-03-01 这样。", en="Write it like 2025-03-01.")
    if withdraw and not until:
        return None
    if withdraw:
        what = Text(zh="撤回例外不需要日期。", en="Taking an exception back needs no date.")
        raise QueryError(what, where=f"--until {until}")
    if not until:
        what = Text(zh="例外须有截止日期。", en="An exception needs the last day on which it counts.")
        raise QueryError(what, where="--until", hint=hint)
    try:
        return dt.date.fromisoformat(until)
    except ValueError as error:
        what = Text(zh=f"“{until}”不是日期。", en=f"“{until}” is not a date.")
        raise QueryError(what, where="--until", hint=hint) from error


def exceptions(
    as_of: ExistingOption = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出全部例外及其状态 / list every exception, with its state."""

    def action() -> None:
        opened = open_at(registry, profile, known_at, as_of)
        listed = governing.exceptions(opened, day(as_of))
        if as_json:
            print_json([exception_json(one) for one in listed])
        else:
            _show_exceptions(listed, opened, out())

    guarded(action)


def _show_exceptions(listed: Sequence[ListedException], registry: Registry | Past, console: Console) -> None:
    table = Table(title="例外 / exceptions", title_justify="left")
    for heading in (
        "状态 state",
        "规则 rule",
        "对象 node",
        "谁 by",
        "理由 reason",
        "至 until",
        "记录 recorded",
    ):
        table.add_column(heading, overflow="fold")
    for one in listed:
        exception, withdrawn = one.exception, one.exception.withdrawn
        reason = exception.acceptance.reason
        if withdrawn:
            reason += f" → {withdrawn.by}: {withdrawn.reason}"
        table.add_row(
            _STATES[one.state].both(),
            escape(registry.profile.shorten(exception.rule)),
            escape(exception.node.removeprefix(registry.base)),
            escape(exception.acceptance.by),
            escape(reason),
            exception.acceptance.until.isoformat(),
            escape(f"#{exception.position} {exception.at[:10]} {exception.author}"),
        )
    if listed:
        console.print(table)
    counts = Counter(one.state for one in listed)
    told = [f"{_STATES[state].both()} {counts[state]}" for state in ExceptionState if counts[state]]
    console.print(" · ".join(told) or "没有例外 / no exceptions", highlight=False)


def rule(
    rule: RuleArgument,
    mode: Annotated[
        Mode,
        typer.Option("--mode", help="warn:只警告;reject:拒绝新出现的不符 / what a new finding does"),
    ],
    reason: ReasonOption,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
) -> None:
    """规定一条规则只警告,或拒绝提交 / let a rule warn only, or reject commits."""

    def action() -> None:
        opened = open_registry(registry, profile)
        changeset = governing.set_mode(opened, rule, mode, reason=reason, author=default_author(author))
        state = _MODES[mode]
        if changeset is None:
            _say(Text(zh=f"没有变化:{state['zh']}", en=f"unchanged: {state['en']}"))
        else:
            _say(Text(zh=f"已改为:{state['zh']}", en=f"now: {state['en']}"))

    guarded(action)


def rules(
    as_of: ExistingOption = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """列出全部规则、级别和处理方式 / list every rule, its severity and its mode."""

    def action() -> None:
        opened = open_at(registry, profile, known_at, as_of)
        listed = opened.validate(day(as_of)).rules
        if as_json:
            print_json([rule_json(one) for one in listed])
        else:
            _show_rules(listed, opened, language, out())

    guarded(action)


def _show_rules(
    listed: Sequence[RuleReport], registry: Registry | Past, language: str, console: Console
) -> None:
    table = Table(title="规则 / rules", title_justify="left")
    for heading in ("规则 rule", "名称 label", "级别 level", "处理 mode"):
        table.add_column(heading, overflow="fold")
    for heading in ("检查 targeted", "不符 failed", "例外 excepted"):
        table.add_column(heading, justify="right")
    for one in listed:
        mode = _MODES[one.mode_in_force].both()
        table.add_row(
            escape(registry.profile.shorten(one.rule)),
            escape(one.labels.best(language)),
            one.severity.value,
            f"[bold]{mode}[/]" if one.mode else mode,
            str(one.targeted),
            str(one.failed),
            str(one.excepted),
        )
    console.print(table)


def _say(text: Text) -> None:
    out().print(escape(text.both()), highlight=False)
