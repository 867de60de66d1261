"""Coverage as tables for a terminal (floor 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qualitrace.profile.model import Profile
from qualitrace.tracing.model import Became, CoverageGroup, CoverageTable, Gap, Node, Verdict

CHANGES = {
    Became.MENDED: "[green]已补齐 mended[/]",
    Became.BROKE: "[red]新断开 broke[/]",
    Became.ENTERED: "新增 entered",
    Became.LEFT: "已无 left",
}


class CoverageTables:
    """Shows coverage in one language."""

    def __init__(self, profile: Profile, language: str, console: Console) -> None:
        self._profile = profile
        self._language = language
        self._console = console

    def show(self, table: CoverageTable, *, nodes: bool, everything: bool) -> None:
        """Show counts, and the nodes: without groups always, with groups when ``nodes`` asks for them."""
        label = self._profile.classes[table.of].labels.best(self._language)
        counts = f"{table.whole.complete}/{table.whole.total} 完整 complete"
        self._console.print(f"[bold]{escape(label)}[/] · {table.as_of}: {counts}", highlight=False)
        if table.whole.earlier is not None:
            self._console.print(f"自 since {_since(table)}: {_became(table.whole)}", highlight=False)
        if not table.by:
            self._nodes(table.whole, everything=everything)
            return
        for way in table.by:
            followed = ", ".join(way.fields)
            shown = f"按 by {escape(way.label.best(self._language))}" + (f" ({followed})" if followed else "")
            self._console.print(shown, highlight=False, style="dim")
        self._groups(table)
        if nodes or everything:
            for group in table.groups:
                names = " × ".join(self._key(key) for key in group.keys)
                self._console.print(f"[bold]{escape(names)}[/]", highlight=False)
                self._nodes(group, everything=everything)

    def _groups(self, table: CoverageTable) -> None:
        shown = Table()
        for way in table.by:
            shown.add_column(escape(way.label.best(self._language)), overflow="fold")
        for heading in ("共 total", "完整 complete", "断开 broken"):
            shown.add_column(heading, justify="right")
        shown.add_column("断在 broken at", overflow="fold")
        if table.since:
            shown.add_column(f"自 since {_since(table)}", overflow="fold")
        for group in table.groups:
            counts = (str(group.total), str(group.complete), str(group.broken))
            since = [_became(group)] if table.since else []
            keys = [escape(self._key(key)) for key in group.keys]
            shown.add_row(*keys, *counts, self._gaps(group.gaps), *since)
        if shown.row_count:
            self._console.print(shown)

    def _nodes(self, group: CoverageGroup, *, everything: bool) -> None:
        table = Table()
        changes = group.changes
        for heading in ("对象 node", "结论 verdict", "第一处断点 first missing link", "断在 at", "责任 unit"):
            table.add_column(heading, overflow="fold")
        if group.earlier is not None:
            table.add_column("变化 change")
        gone = [v for v in group.earlier or () if changes.get(v.node.iri) is Became.LEFT]
        for verdict in (*group.verdicts, *gone):
            change = changes.get(verdict.node.iri)
            if verdict.complete and change is None and not everything:
                continue
            became = [CHANGES.get(change, "") if change else ""] if group.earlier is not None else []
            table.add_row(*self._verdict(verdict), *became)
        if table.row_count:
            self._console.print(table)

    def _verdict(self, verdict: Verdict) -> Sequence[str]:
        return (
            escape(f"{verdict.node.code} {verdict.node.label.best(self._language)}".strip()),
            "[green]complete[/]" if verdict.complete else "[red]broken[/]",
            escape(verdict.absence.best(self._language)),
            escape(self._name(verdict.at)),
            escape(self._name(verdict.steward)),
        )

    def _gaps(self, gaps: Iterable[Gap]) -> str:
        return escape("; ".join(f"{gap.absence.best(self._language)} {gap.count}" for gap in gaps))

    def _key(self, node: Node | None) -> str:
        return "—" if node is None else self._name(node)

    def _name(self, node: Node | None) -> str:
        return "" if node is None else node.label.best(self._language) or node.code or node.iri


def _since(table: CoverageTable) -> str:
    return table.since + (f" (当时所知 known {table.since_known})" if table.since_known else "")


def _became(group: CoverageGroup) -> str:
    """Say how a group was on the earlier date, and what changed."""
    earlier = group.earlier or ()
    complete = sum(verdict.complete for verdict in earlier)
    became = list(group.changes.values())
    parts = [f"{CHANGES[change]} {became.count(change)}" for change in Became if change in became]
    return " · ".join([f"{complete}/{len(earlier)}", *parts])
