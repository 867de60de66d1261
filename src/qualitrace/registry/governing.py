"""Deciding about findings and rules: exceptions, and what rejects a commit (floor 3)."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable

from qualitrace.errors import QueryError
from qualitrace.journal.model import Changeset
from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import local_name
from qualitrace.registry.decisions import acceptance_record, mode_record, withdrawal_record
from qualitrace.registry.model import ListedException
from qualitrace.registry.past import Past
from qualitrace.registry.registry import Registry
from qualitrace.text import Text
from qualitrace.validation.model import Acceptance, Mode, Report, RuleReport, Severity

_SHOWN = 5


def accept(
    registry: Registry,
    rule: str,
    node: str,
    acceptance: Acceptance,
    *,
    author: str,
    day: dt.date | None = None,
) -> Changeset:
    """Record that a person accepts the findings of a rule on a node until a date.

    ``rule`` as :func:`rule_named` takes it, ``node`` as :meth:`Registry.resolve` takes it. ``day`` is
    today unless given. Raises QueryError when there is no such finding, when it is a violation, or when
    name, reason or date are not as they must be; UnknownNodeError when there is no such node.
    """
    _check_named(acceptance.by, acceptance.reason)
    if acceptance.until < (day or dt.date.today()):
        raise QueryError(
            Text(zh="例外的截止日期已过。", en="The exception would have expired already."),
            where=acceptance.until.isoformat(),
            hint=Text(zh="请给出今天或以后的日期。", en="Give today's date or a later one."),
        )
    report = registry.validate(day)
    chosen = rule_named(rule, report.rules, registry.profile)
    focus = registry.resolve(node)
    findings = [f for f in report.findings if f.rule == chosen.rule and f.focus == focus]
    if not findings:
        raise _no_finding(chosen, focus, report, registry)
    if any(finding.severity is Severity.VIOLATION for finding in findings):
        raise QueryError(
            Text(
                zh="违反级的规则不能有例外:它规定数据本身的形式。",
                en="A violation cannot be accepted: the rule says what the data must look like.",
            ),
            where=_rule_text(chosen, registry.profile),
            hint=Text(
                zh="请改正数据;规则尚未启用时,先用 qualitrace rule … --mode warn 改为警告。",
                en="Mend the data; for a rule not yet in force, first run qualitrace rule … --mode warn.",
            ),
        )
    name = registry.profile.shorten(chosen.rule)
    return registry.decide(
        acceptance_record(chosen.rule, focus, acceptance),
        author=author,
        message=f"except {name} {focus.removeprefix(registry.base)}: {acceptance.reason}",
    )


def withdraw(
    registry: Registry,
    rule: str,
    node: str,
    *,
    by: str,
    reason: str,
    author: str,
    day: dt.date | None = None,
) -> Changeset:
    """Take back an exception that has not expired. Arguments as in :func:`accept`.

    Raises QueryError when there is none, UnknownNodeError when there is no such node.
    """
    _check_named(by, reason)
    chosen = rule_named(rule, registry.validate(day).rules, registry.profile)
    focus = _excepted_node(registry, node)
    if registry.decisions.accepted(chosen.rule, focus, day or dt.date.today()) is None:
        raise QueryError(
            Text(zh="没有可以撤回的例外。", en="There is no exception to withdraw."),
            where=f"{_rule_text(chosen, registry.profile)}, {focus.removeprefix(registry.base)}",
            hint=Text(
                zh="qualitrace exceptions 列出全部例外及其状态。",
                en="qualitrace exceptions lists all of them, with their states.",
            ),
        )
    name = registry.profile.shorten(chosen.rule)
    return registry.decide(
        withdrawal_record(chosen.rule, focus, by, reason),
        author=author,
        message=f"withdraw exception {name} {focus.removeprefix(registry.base)}: {reason}",
    )


def _excepted_node(registry: Registry, node: str) -> str:
    """Find a node by name; one that has left the registry is still known by its identifier."""
    known = registry.decisions.nodes()
    for candidate in (node.strip(), registry.base + node.strip()):
        if candidate in known:
            return candidate
    return registry.resolve(node)


def set_mode(registry: Registry, rule: str, mode: Mode, *, reason: str, author: str) -> Changeset | None:
    """Record whether a rule rejects commits or only warns. Returns None when it did so already.

    ``rule`` as :func:`rule_named` takes it. Raises QueryError when there is no such rule, or no reason.
    """
    if not reason.strip():
        raise _unnamed("--reason", Text(zh="请说明理由。", en="Say why."))
    chosen = rule_named(rule, registry.validate().rules, registry.profile)
    if chosen.mode_in_force is mode:
        return None
    return registry.decide(
        mode_record(chosen.rule, mode, reason),
        author=author,
        message=f"rule {registry.profile.shorten(chosen.rule)} {mode}: {reason}",
    )


def exceptions(registry: Registry | Past, day: dt.date | None = None) -> tuple[ListedException, ...]:
    """List every exception there ever was, oldest first, with its state on a day (default: today)."""
    return registry.decisions.listed(registry.validate(day), day or dt.date.today())


def rule_named(name: str, rules: Iterable[RuleReport], profile: Profile) -> RuleReport:
    """Find a rule by IRI, prefixed name, local name or label (any language).

    Raises QueryError when nothing matches, or several rules do.
    """
    wanted = name.strip()
    known = list(rules)
    iri = profile.expand(wanted)
    found = [rule for rule in known if rule.rule == iri]
    found = found or [rule for rule in known if local_name(rule.rule) == wanted]
    found = found or [rule for rule in known if wanted in rule.labels.values()]
    if len(found) == 1:
        return found[0]
    if found:
        raise QueryError(
            Text(zh=f"“{wanted}”对应 {len(found)} 条规则。", en=f"“{wanted}” names {len(found)} rules."),
            where="; ".join(_rule_text(rule, profile) for rule in found[:_SHOWN]),
            hint=Text(zh="请用带前缀的名称。", en="Use the name with its prefix."),
        )
    names = {text: rule for rule in known for text in (local_name(rule.rule), *rule.labels.values())}
    near = dict.fromkeys(names[text].rule for text in difflib.get_close_matches(wanted, names, n=_SHOWN))
    raise QueryError(
        Text(zh=f"没有名为“{wanted}”的规则。", en=f"There is no rule called “{wanted}”."),
        where="; ".join(profile.shorten(rule) for rule in near),
        hint=Text(zh="qualitrace rules 列出全部规则。", en="qualitrace rules lists all of them."),
    )


def _no_finding(rule: RuleReport, node: str, report: Report, registry: Registry) -> QueryError:
    """Say that there is nothing to accept, and what the node and the rule do have."""
    profile, base = registry.profile, registry.base
    on_node = dict.fromkeys(f.rule for f in report.findings if f.focus == node)
    of_rule = dict.fromkeys(f.focus for f in report.findings if f.rule == rule.rule)
    rules = ", ".join(profile.shorten(iri) for iri in list(on_node)[:_SHOWN])
    nodes = ", ".join(focus.removeprefix(base) for focus in list(of_rule)[:_SHOWN])
    zh = f"该对象不符的规则:{rules or '无'};不符该规则的对象:{nodes or '无'}。"
    en = f"Rules this node breaks: {rules or 'none'}; nodes that break this rule: {nodes or 'none'}."
    return QueryError(
        Text(zh="没有这样的不符,不需要例外。", en="There is no such finding, so nothing to accept."),
        where=f"{_rule_text(rule, profile)}, {node.removeprefix(base)}",
        hint=Text(zh=zh, en=en),
    )


def _rule_text(rule: RuleReport, profile: Profile) -> str:
    return " ".join(part for part in (profile.shorten(rule.rule), rule.labels.best("zh")) if part)


def _check_named(by: str, reason: str) -> None:
    if not by.strip():
        raise _unnamed("--by", Text(zh="请写明由谁决定。", en="Say who decides."))
    if not reason.strip():
        raise _unnamed("--reason", Text(zh="请说明理由。", en="Say why."))


def _unnamed(option: str, hint: Text) -> QueryError:
    what = Text(
        zh="决定须有负责的人和理由。", en="A decision needs a person who answers for it, and a reason."
    )
    return QueryError(what, where=option, hint=hint)
