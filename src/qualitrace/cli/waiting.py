"""A change that was to be made and waits to be approved instead (floor 5)."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape

from qualitrace.cli.as_json import change_json
from qualitrace.cli.context import out, print_json
from qualitrace.cli.proposing import review_json
from qualitrace.registry import Change, Registry, proposing
from qualitrace.registry.proposing import Review
from qualitrace.registry.speaking import Speaker


def show_waiting(found: Review, change: Change, registry: Registry, language: str, *, as_json: bool) -> None:
    """Say that a change waits as a proposal: which nodes it takes away, by unit, and how it is approved."""
    gone = proposing.vanishing(registry, change)
    if as_json:
        print_json({**change_json(change, registry.profile), "vanishing": list(gone), **review_json(found)})
        return
    console, speaker = out(), Speaker(registry.profile, registry.base, registry.engine)
    if gone:
        console.print(
            f"将删除 {len(gone)} 个对象,须经批准 / {len(gone)} nodes would be removed; somebody must approve",
            style="yellow",
            highlight=False,
        )
    for unit, names in sorted(_by_unit(gone, speaker).items()):
        named = speaker.node(unit).label.best(language) if unit else "未定责任单位 / no unit"
        console.print(f"[bold]{escape(named)}[/]", highlight=False)
        for name in names:
            told = f"{speaker.called(name).best(language)} {name.removeprefix(registry.base)}"
            console.print(f"  − {escape(told)}", highlight=False)
    if found.rejected:
        console.print(f"按现在不能批准 cannot be approved as it is: {len(found.rejected)}", style="bold red")
    number = found.proposal.number
    console.print(
        f"没有改动;等待批准的提议 nothing was changed; it waits as proposal {number}\n"
        f"  qualitrace proposal show {number}\n"
        f"  qualitrace approve {number} --author … --role …  (另一人、另一角色 / by another person and role)",
        markup=False,
        highlight=False,
    )


def _by_unit(names: Iterable[str], speaker: Speaker) -> dict[str, list[str]]:
    units: dict[str, list[str]] = {}
    for name in names:
        units.setdefault(speaker.unit(name), []).append(name)
    return units
