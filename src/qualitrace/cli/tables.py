"""Answers as tables on a terminal (floor 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qualitrace.journal.model import Changeset
from qualitrace.loading.model import Loaded
from qualitrace.profile.model import Profile
from qualitrace.tracing.model import Ending, Path, Trace, Verdict
from qualitrace.validation.compare import Comparison, RuleChange
from qualitrace.validation.grouping import GROUPINGS, LEVELS, Group, GroupBy, grouped, innermost
from qualitrace.validation.model import Finding, Report, RuleReport, Severity

_BASIS_STYLE = {"stated": "green", "inferred": "cyan", "inherited": "yellow"}
_LEVEL_STYLE = {"violation": "bold red", "warning": "yellow", "info": "cyan"}


def show_loaded(loaded: Loaded, profile: Profile, language: str, console: Console) -> None:
    """Show what was found in a document, then every place that needs a person's eye."""
    counts = Table(title=escape(loaded.document.name), title_justify="left")
    counts.add_column("读到 / found")
    counts.add_column("数 / number", justify="right")
    for iri, number in sorted(loaded.counts.items(), key=lambda pair: (-pair[1], pair[0])):
        model = profile.classes.get(iri)
        counts.add_row(escape(model.labels.both() if model else iri), str(number))
    console.print(counts)
    for iri, names in loaded.named.items():
        model = profile.classes.get(iri)
        label = model.labels.both() if model else iri
        console.print(f"[bold]{escape(label)}[/]: {escape('、'.join(names))}", highlight=False)
    if not loaded.notices:
        return
    notices = Table(title="需要过目 / to look at", title_justify="left")
    for heading in ("类别 kind", "位置 where", "原文 text", "说明 message"):
        notices.add_column(heading, overflow="fold")
    for notice in loaded.notices:
        notices.add_row(
            notice.kind.value,
            escape(notice.source.place()),
            escape(notice.text),
            escape(notice.message.best(language)),
        )
    console.print(notices)
    kinds = Counter(notice.kind.value for notice in loaded.notices)
    console.print(" · ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())), highlight=False)


def show_report(report: Report, language: str, console: Console, by: GroupBy = GroupBy.UNIT) -> None:
    """Show findings in groups, then per rule how many nodes were targeted and how many failed."""
    for group in grouped(report, by):
        console.print(_findings_table(group, by, language))
    rules = Table(title="规则 / rules", title_justify="left")
    for heading in ("规则 rule", "级别 level"):
        rules.add_column(heading, overflow="fold")
    for heading in ("对象 targeted", "检查 checked", "不符 failed", "例外 excepted"):
        rules.add_column(heading, justify="right")
    for rule in report.rules:
        if rule.targeted:
            counts = (str(number) for number in (rule.targeted, rule.checked, rule.failed, rule.excepted))
            rules.add_row(_rule_name(rule, language), rule.severity.value, *counts)
    console.print(rules)
    idle = [_rule_name(rule, language) for rule in report.rules if not rule.targeted]
    if idle:
        console.print(
            f"[yellow]{len(idle)} 条规则没有可检查的对象 rules checked nothing:[/] " + " · ".join(idle),
            highlight=False,
        )
    for notice in report.notices:
        console.print("注意 notice: " + escape(notice.best(language)), style="yellow", highlight=False)
    console.print(
        f"{len(report.findings)} 处不符 findings, {len(report.violations)} 处违反 violations, "
        f"{len(report.excepted)} 处例外 excepted",
        highlight=False,
    )


def _rule_name(rule: RuleReport, language: str) -> str:
    return escape(rule.labels.best(language) or rule.rule)


def _findings_table(group: Group, by: GroupBy, language: str) -> Table:
    counts = " · ".join(
        f"{LEVELS[level].both()} {number}" for level in Severity if (number := group.count(level))
    )
    title = f"{GROUPINGS[by].both()}: {group.label.best(language) or group.key} · {counts}"
    table = Table(title=escape(title), title_justify="left")
    columns = {
        heading: [write(finding, language) for finding in group.findings]
        for heading, write in _FINDING_COLUMNS.items()
        if by not in heading
    }
    columns = {heading: cells for heading, cells in columns.items() if any(cells)}
    for heading in columns:
        table.add_column(heading[-1], overflow="fold")
    for row in zip(*columns.values(), strict=True):
        table.add_row(*row)
    return table


def _message(finding: Finding, language: str) -> str:
    """The message, the reasons at the bottom of it and, where somebody accepts the finding, who and why."""
    message = escape(finding.message.best(language))
    for reason in dict.fromkeys(_reason(one, finding, language) for one in innermost(finding)):
        message += f"\n[dim]└ {escape(reason)}[/]"
    if accepted := finding.excepted:
        told = f"例外 excepted: {accepted.by}, 至 until {accepted.until}: {accepted.reason}"
        message += f"\n[cyan]{escape(told)}[/]"
    return message


def _reason(reason: Finding, outer: Finding, language: str) -> str:
    words = reason.message.best(language)
    if reason.focus == outer.focus:
        return words
    return f"{reason.focus_label.best(language) or reason.focus}: {words}"


def _level(severity: Severity) -> str:
    return f"[{_LEVEL_STYLE[severity.value]}]{severity.value}[/]"


# Headings, with the grouping that makes a column needless before them.
_FINDING_COLUMNS: dict[tuple[str, ...], Callable[[Finding, str], str]] = {
    (GroupBy.LEVEL, "级别 level"): lambda finding, _: _level(finding.severity),
    ("对象 node",): lambda finding, language: escape(finding.focus_label.best(language) or finding.focus),
    ("问题 message",): lambda finding, language: _message(finding, language),
    (GroupBy.UNIT, "责任 unit"): lambda finding, language: escape(finding.unit_label.best(language)),
    ("办法 fix",): lambda finding, language: escape(finding.fix.best(language)),
    ("位置 where",): lambda finding, _: escape(finding.sources[0].place() if finding.sources else ""),
    ("自 since",): lambda finding, _: finding.since[:10],
}


def show_comparison(compared: Comparison, language: str, console: Console) -> None:
    """Show, rule by rule and node by node, what would newly fail and newly pass, then the counts."""
    shown = [change for change in compared.rules if not change.unchanged]
    idle = [change for change in shown if not (change.after or change.passes)]
    for change in shown:
        if change not in idle:
            _show_change(change, language, console)
    if idle:
        names = " · ".join(escape(change.labels.best(language) or change.rule) for change in idle)
        console.print(f"[yellow]不再有的规则 rules dropped:[/] {names}", highlight=False)
    console.print(
        f"新增 newly failing {len(compared.fails)}, 消除 newly passing {len(compared.passes)}; "
        f"现行规则 now {len(compared.before.findings)} → 新规则 then {len(compared.after.findings)}",
        highlight=False,
    )


def _show_change(change: RuleChange, language: str, console: Console) -> None:
    before, after = change.before, change.after
    name = change.labels.best(language) or change.rule
    told = [f"+{len(change.fails)} −{len(change.passes)}"]
    if not before:
        told.append("新规则 new rule")
    elif not after:
        told.append("不再有此规则 rule dropped")
    elif before.severity is not after.severity:
        told.append(f"级别 level {before.severity.value} → {after.severity.value}")
    if after and after.targeted:
        told.append(f"检查 targeted {after.targeted}")
    elif after:
        told.append("没有可检查的对象 checks nothing")
    console.print(f"[bold]{escape(name)}[/] · {' · '.join(told)}", highlight=False)
    lines = [("red", "+", one) for one in change.fails] + [("green", "−", one) for one in change.passes]
    for style, sign, finding in lines:
        node = finding.focus_label.best(language) or finding.focus
        message = escape(finding.message.best(language))
        console.print(f"  [{style}]{sign}[/] {escape(node)}: {message}", highlight=False)


def show_trace(
    trace: Trace, profile: Profile, language: str, console: Console, verdict: Verdict | None = None
) -> None:
    """Show every path, step by step, with basis, capacity, dates and source; and the start's verdict."""
    start = _name(trace, trace.start, profile, language)
    asked = profile.classes.get(trace.to)
    target = asked.labels.best(language) if asked else "一切 everything"
    arrow = "←" if trace.backwards else "→"
    console.print(
        f"[bold]{escape(start)}[/] {arrow} {escape(target)} · {trace.as_of} · "
        f"{len(trace.paths)} 条路径 paths",
        highlight=False,
    )
    if trace.uncounted:
        why = escape(trace.uncounted.best(language))
        console.print(
            f"[yellow]起点这一天不起作用 the start does not count on that day[/]: {why}", highlight=False
        )
    if verdict is not None:
        console.print(_verdict(verdict, language), highlight=False)
    for number, path in enumerate(trace.paths, start=1):
        _show_path(number, path, trace, profile, language, console)
    if trace.partial:
        console.print(
            "回答不完整:路径太多或太长。 This answer is partial: too many paths, or too long.",
            style="bold yellow",
        )


def _verdict(verdict: Verdict, language: str) -> str:
    """Say whether the chains of a node are whole, else where they first break and who must repair it."""
    if verdict.complete:
        return "[green]链条完整 complete[/]"
    at = verdict.at.label.best(language) or verdict.at.iri if verdict.at else ""
    said = f"[red]链条断开 broken[/]: {escape(verdict.absence.best(language))}"
    said += f" · 断在 at {escape(at)}" if at else ""
    if verdict.steward is not None:
        said += f" · 责任 unit {escape(verdict.steward.label.best(language) or verdict.steward.iri)}"
    return said


def _name(trace: Trace, iri: str, profile: Profile, language: str) -> str:
    """A node's label; without one, what it is."""
    node = trace.nodes.get(iri)
    if node is None:
        return iri
    kinds = (profile.classes[kind].labels.best(language) for kind in node.classes if kind in profile.classes)
    return node.label.best(language) or next(kinds, iri)


def _show_path(
    number: int, path: Path, trace: Trace, profile: Profile, language: str, console: Console
) -> None:
    basis = path.basis.value
    console.print(f"\n[{_BASIS_STYLE.get(basis, 'white')}]{number}. {basis}[/]", highlight=False)
    for step in path.steps:
        relation = profile.trace.properties.get(step.property)
        label = relation.labels.best(language) if relation else step.property
        # Backwards a path is read from its start against the links: what is new is where each comes from.
        arrow, iri = ("←", step.source) if trace.backwards else ("→", step.target)
        reached = _name(trace, iri, profile, language)
        extra = [step.basis.value, step.capacity.best(language), "存疑 suspect" if step.suspect else ""]
        if step.valid_from or step.valid_to:
            extra.append(f"{step.valid_from}–{step.valid_to}")
        console.print(
            f"   ─ {escape(label)} {arrow} [bold]{escape(reached)}[/]"
            f" ({escape(', '.join(e for e in extra if e))})",
            highlight=False,
        )
        if step.sources:
            console.print(f"       {escape(step.sources[0].place())}", style="dim", highlight=False)
    if path.ending is Ending.ABSENT:
        console.print(f"   ✗ [bold red]{escape(path.absence.best(language))}[/]", highlight=False)


def show_history(changesets: Iterable[Changeset], console: Console) -> None:
    """Show who changed the registry, when and why."""
    table = Table()
    for heading in ("#", "何时 at", "谁 who", "说明 message", "文件 documents", "id"):
        table.add_column(heading, overflow="fold")
    for entry in changesets:
        names = ", ".join(document.name for document in entry.documents)
        table.add_row(
            str(entry.position),
            entry.at,
            escape(entry.author),
            escape(entry.message),
            escape(names),
            entry.id[:12],
        )
    console.print(table)
