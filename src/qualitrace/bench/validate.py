"""Validation of generated registries beside other SHACL engines, all in one run (floor 5).

Every engine gets the same file and the shapes of the profile, in a process of its own. The numbers of
results are compared. Times are of one machine and one run; the ratios are what to look at.
"""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console

from qualitrace.bench import engines, shapes_file
from qualitrace.bench.engines import ENGINES, OURS, Engine
from qualitrace.bench.generated import Demonstration, read_demonstration, write_ntriples
from qualitrace.bench.measuring import Measured, TookTooLongError, in_child, show
from qualitrace.errors import QueryError, UnavailableError
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.text import Text

REFERENCE = "pyshacl"  # too slow for anything but one copy of the demonstration
LIMIT = 600.0  # seconds
_NOT_READ = Text(
    zh="它读不了的 {0} 个形状未给它,比较时不计其结果",
    en="{0} shapes that it cannot read were left out for it, and their results do not count",
)
_LEGEND = Text(
    zh="file:从 N-Triples 文件到报告,秒。store:数据已在存储中,秒;* 该引擎不接受存储,按整个运行计。"
    "MB:内存峰值。×:是我们的几倍。=:结果数一致。>:到时中止。",
    en="file: seconds from an N-Triples file to a report. store: seconds when the data are already loaded; "
    "* the engine takes no store, so its whole run counts. MB: peak memory. ×: times ours. "
    "=: as many results. >: stopped at the limit.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One engine on one size. Seconds and bytes; ``times_…`` are how many times ours it needs.

    ``store`` is the time on a loaded store; where an engine takes none (``takes_store`` is False), its
    whole run counts. With ``stopped`` it did not finish: what it needs is more than what stands here.
    ``agrees`` is None where there are no results to compare.
    """

    facts: int
    engine: str
    version: str
    file: float | None = None
    store: float | None = None
    takes_store: bool = False
    cpu: float | None = None  # processor seconds of the whole run, of all threads
    peak: int | None = None
    results: int | None = None
    agrees: bool | None = None
    times_file: float | None = None
    times_store: float | None = None
    times_peak: float | None = None
    stopped: bool = False
    note: str = ""


def chosen(names: Sequence[str] | None) -> list[Engine]:
    """Return the engines of these names; all of them when there are none. Raises QueryError."""
    unknown = [name for name in names or () if name not in ENGINES]
    if unknown:
        raise QueryError(
            Text(zh="没有这个引擎。", en="There is no such engine."),
            where=", ".join(unknown),
            hint=Text(zh=f"可选:{'、'.join(ENGINES)}。", en=f"Choose from: {', '.join(ENGINES)}."),
        )
    return [ENGINES[name] for name in names or ENGINES]


def run(
    sizes: Sequence[int],
    others: Sequence[Engine],
    console: Console,
    directory: Path | None = None,
    limit: float = LIMIT,
) -> list[dict[str, Any]]:
    """Measure every size with ours and others, and print the table; returns its rows.

    pySHACL runs on one copy of the demonstration only, a size of its own. An engine that is not there, or
    takes longer than ``limit`` seconds, is told in its row. Raises ProfileError when the profile has no
    demonstration to generate from, UnavailableError when ours fails.
    """
    profile = load_profile(directory)
    demo = read_demonstration(profile)
    quick = [engine for engine in others if engine.name != REFERENCE]
    slow = [engine for engine in others if engine.name == REFERENCE]
    plan = [*([(1, slow)] if slow else []), *((size, quick) for size in sizes)]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(profile, directory, demo, Path(folder), limit)
        for size, engines_there in plan:
            rows += bench.measure(size, engines_there, console)
    _tables(rows, console)
    return [asdict(row) for row in rows]


class _Bench:
    """What the measurements of one run share: shapes in files, and where the data go."""

    def __init__(
        self, profile: Profile, directory: Path | None, demo: Demonstration, folder: Path, limit: float
    ) -> None:
        self._directory = None if directory is None else str(directory)
        self._demo = demo
        self._folder = folder
        self._limit = limit
        shapes = shapes_file.standard(profile.shapes)
        self._left_out = shapes_file.unreadable(shapes)
        shapes.serialize(folder / "shapes.ttl", format="turtle")
        shapes_file.without(shapes, self._left_out).serialize(folder / "fewer.ttl", format="turtle")

    def measure(self, size: int, others: Sequence[Engine], console: Console) -> Iterator[Row]:
        """Measure one size: ours first, which the others are compared with."""
        data = self._folder / "data.nt"
        with console.status(f"{size:,}"):
            facts = write_ntriples(self._demo, size, data)
        with console.status(f"{facts:,}: {OURS}"):
            measured = in_child(f"{engines.__name__}:our_run", str(data), self._directory)
        ours = _row(facts, OURS, measured, takes_store=True)
        yield ours
        for engine in others:
            with console.status(f"{facts:,}: {engine.name}"):
                yield self._compared(engine, data, ours, measured.answer)
        data.unlink()

    def _compared(self, engine: Engine, data: Path, ours: Row, found: dict[str, Any]) -> Row:
        if not _version(engine.name):
            return Row(ours.facts, engine.name, "", note=f"未安装 / not installed: pip install {engine.name}")
        shapes = self._folder / ("shapes.ttl" if engine.whole_shapes else "fewer.ttl")
        function = f"{engines.__name__}:{engine.function}"
        try:
            measured = in_child(function, str(data), str(shapes), timeout=self._limit)
        except TookTooLongError as error:
            row = Row(
                ours.facts, engine.name, _version(engine.name), self._limit, peak=error.peak, stopped=True
            )
        except UnavailableError as error:
            return Row(ours.facts, engine.name, _version(engine.name), note=error.where)
        else:
            row = _row(ours.facts, engine.name, measured, takes_store=engine.takes_store)
        left_out = [] if engine.whole_shapes else self._left_out
        expected = found["results"] - sum(found["shapes"].get(str(shape), 0) for shape in left_out)
        note = _NOT_READ.both().format(len(left_out)) if left_out else ""
        return _with_ratios(row, ours, expected, note)


def _row(facts: int, name: str, measured: Measured, *, takes_store: bool) -> Row:
    return Row(
        facts,
        name,
        _version(name),
        file=measured.seconds,
        store=measured.answer["loaded"] if takes_store else None,
        takes_store=takes_store,
        cpu=measured.cpu,
        peak=measured.peak,
        results=measured.answer["results"],
    )


def _with_ratios(row: Row, ours: Row, expected: int, note: str) -> Row:
    assert ours.file and ours.store and ours.peak and row.file
    store = row.file if row.store is None else row.store
    return replace(
        row,
        agrees=None if row.results is None else row.results == expected,
        times_file=row.file / ours.file,
        times_store=store / ours.store,
        times_peak=None if row.peak is None else row.peak / ours.peak,
        note=note,
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _tables(rows: Sequence[Row], console: Console) -> None:
    for facts, group in groupby(rows, key=lambda row: row.facts):
        show(
            f"校验 {facts:,} 项事实 / validation of {facts:,} facts",
            ("engine", "file", "×", "store", "×", "MB", "×", "results"),
            [_cells(row) for row in group],
            console,
        )
    console.print(_LEGEND.both(), style="dim", highlight=False)
    versions = {f"{row.engine} {row.version}" for row in rows if row.version}
    notes = {f"{row.engine}: {row.note}" for row in rows if row.note}
    for line in (", ".join(sorted(versions)), *sorted(notes)):
        console.print(line, style="dim", highlight=False, markup=False)


def _cells(row: Row) -> tuple[str, ...]:
    more = "> " if row.stopped else ""
    whole = "" if row.takes_store else "*"
    said = {True: " =", False: " ≠ 不同 DIFFER", None: ""}[row.agrees]
    return (
        row.engine,
        _number(row.file, more),
        _number(row.times_file, more),
        _number(row.store, more),
        _number(row.times_store, more) + (whole if row.times_store else ""),
        _number(None if row.peak is None else row.peak / 1e6, more),
        _number(row.times_peak, more),
        "" if row.results is None else f"{row.results:,}{said}",
    )


def _number(value: float | None, before: str) -> str:
    """Write a number with no more digits than count."""
    if value is None:
        return ""
    digits = 0 if value >= 10 else 1
    return f"{before}{value:,.{digits}f}"
