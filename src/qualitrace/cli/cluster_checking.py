"""Checking all registries of one Neo4j: what validate --neo4j does (floor 6)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from qualitrace import budget
from qualitrace.cli.context import progress
from qualitrace.cli.neo4j_options import account
from qualitrace.profile import load_profile
from qualitrace.registry.records import report_json
from qualitrace.validation.cluster.model import ClusterReport


def check_neo4j(
    to: str,
    *,
    user: str,
    password_file: Path | None,
    database: str,
    directory: Path | None,
    only: tuple[str, ...],
    seconds: float | None,
) -> ClusterReport:
    """Check the registries of a database against the shapes that reach across them."""
    from qualitrace.registry.publishing import fingerprint
    from qualitrace.store.neo4j import Server
    from qualitrace.validation.cluster import check_cluster, compile_cluster

    profile = load_profile(directory)
    shapes = compile_cluster(profile)
    with Server(account(to, user, password_file, database)) as server:
        server.check()
        held = budget.Budget(seconds) if seconds is not None else None
        with progress("检查 checking") as step, budget.within(held):
            return check_cluster(server, shapes, only=only, stamp=fingerprint(profile), progress=step)


def cluster_json(report: ClusterReport) -> str:
    """Return the report as JSON: that of one registry, each finding with its ``registry``."""
    told: dict[str, Any] = {
        "registries": list(report.registries),
        "partial": report.partial,
        "findings": [
            {"registry": one.registry, **shown}
            for one, shown in zip(report.findings, report_json(report.unnamed)["findings"], strict=True)
        ],
        "rules": [
            {
                **shown,
                "finished": one.finished,
                "registries": [
                    {"registry": count.registry, "targeted": count.targeted, "failed": count.failed}
                    for count in one.counts
                ],
            }
            for one, shown in zip(report.rules, report_json(report.unnamed)["rules"], strict=True)
        ],
        "checks": [
            {
                "rule": one.rule,
                "check": one.check,
                "nodes": one.total,
                "registries": [{"registry": name, "nodes": number} for name, number in one.nodes],
            }
            for one in report.looked
        ],
        "refused": [
            {"rule": one.rule, "check": one.check, "reason": dict(one.reason.items())}
            for one in report.refused
        ],
        "notices": [dict(one.items()) for one in report.notices],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()


def show_counts(report: ClusterReport, language: str, console: Console) -> None:
    """Show how many nodes of each registry each rule targeted, how many failed, what each check looked at."""
    table = Table("规则 rule", "登记库 registry", "检查 checked", "不合 failed")
    for line in report.rules:
        name = line.rule.labels.best(language) or line.rule.rule
        for count in line.counts:
            checked = f"{count.targeted:,}" if line.finished else "… (时间用完 time was up)"
            table.add_row(name, count.registry, checked, f"{count.failed:,}")
    console.print(table)
    for looked in report.looked:
        told = f"{looked.total:,}" if looked.total else "0 (没有可检查的 nothing to look at)"
        console.print(f"检查的节点数 nodes looked at: {looked.check}: {told}", highlight=False, markup=False)
    for one in report.refused:
        reason = one.reason.best(language)
        console.print(f"未能检查 not checked: {one.check}: {reason}", highlight=False, markup=False)
