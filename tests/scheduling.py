"""A pytest plugin: which process runs which file, where several do (pytest-xdist).

What the files of a folder share (a server, a demonstration, a database) is made once in each process that
runs one of them. So a process stays with a folder until nothing of it waits, and then takes one that nobody
has begun; only when there is none it helps another. Everything of a file runs in one process, as with
``--dist loadfile``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

import pytest

# These share a Neo4j server, and are one folder here.
TOGETHER = ("contract", "neo4j", "cluster_checks", "across")
# What takes long goes first, so that what is short evens out the end; the rest by the number of cases.
FIRST = (TOGETHER[0], "web", "attack", "end_to_end", "history")


def folder(file: str) -> str:
    """The first directory below ``tests`` that holds a file; "." for the top itself."""
    parts = file.split("/")
    found = parts[1] if len(parts) > 2 else "."
    return TOGETHER[0] if found in TOGETHER else found


def chosen(waiting: Iterable[tuple[str, int]], mine: str | None, others: Collection[str]) -> str:
    """Say which file is next for a process, of those that wait with their numbers of cases.

    ``mine`` is the folder it works on, ``others`` are those of the others.
    """
    files = list(waiting)
    cases: Counter[str] = Counter()
    for file, many in files:
        cases[folder(file)] += many

    def rank(one: str) -> tuple[bool, bool, int, int]:
        late = FIRST.index(one) if one in FIRST else len(FIRST)
        return one != mine, one in others, late if one not in others else 0, -cases[one]

    best = min(cases, key=rank)
    return next(file for file, _ in files if folder(file) == best)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Distribute by folders where whole files are asked for."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFolder(LoadFileScheduling):  # type: ignore[misc]
        def _assign_work_unit(self, node: Any) -> None:
            held = {one: folder(list(work)[-1]) for one, work in self.assigned_work.items() if work}
            mine = held.pop(node, None)
            waiting = ((file, len(cases)) for file, cases in self.workqueue.items())
            self.workqueue.move_to_end(chosen(waiting, mine, set(held.values())), last=False)
            super()._assign_work_unit(node)

    return ByFolder(config, log)
