"""A pytest plugin: a full run that executed fewer cases than `suites.toml` states has failed.

A leftover filter, an import that quietly skips a module, or data that is not there all make a suite
small and green. ``suites.toml``, beside the top ``conftest.py``, states the least number of passed
cases for each directory (the files of the top directory itself count as ``"."``):

    [minimum]
    "." = 12
    loading = 80

A run is full when nothing narrows it: no ``-k``, ``-m``, ``--lf``, ``--deselect`` or ``-x``, no
paths on the command line. On a developer's machine a skipped case counts as executed (data or a
program may be missing there, and the skip says so); with ``CI`` set it does not.

``pytest --state-suites`` writes the counts of a full, green run into ``suites.toml``.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from pathlib import Path

import pytest

FILE = "suites.toml"
HEADER = "# The least number of cases each directory must execute; written by `pytest --state-suites`.\n"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--state-suites", action="store_true", help=f"write the executed cases per directory to {FILE}"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SuiteCounts(config), "suite-counts")


class SuiteCounts:
    """Counts executed cases per directory and compares them with what is stated."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.root = config.rootpath / "tests"
        self.file = self.root / FILE
        self.strict = bool(os.environ.get("CI"))
        self.executed: Counter[str] = Counter()
        self.collected: set[str] = set()
        # Under pytest-xdist the workers run the cases and the controller hears of all of them.
        self.worker = hasattr(config, "workerinput")
        self.narrowed = False
        self.complaints: list[str] = []
        self.stated = False

    def directory(self, path: Path) -> str:
        """The first directory below ``tests`` that holds ``path``; "." for the top itself."""
        parts = path.relative_to(self.root).parts if path.is_relative_to(self.root) else ("",)
        return parts[0] if len(parts) > 1 else "."

    def full(self) -> bool:
        """Whether nothing on the command line narrowed the run."""
        option = self.config.option
        narrowing = (
            "keyword",
            "markexpr",
            "lf",
            "failedfirst",
            "deselect",
            "maxfail",
            "collectonly",
            "ignore",
        )
        paths = self.config.args_source is pytest.Config.ArgsSource.ARGS
        return not (self.narrowed or paths or any(getattr(option, name, None) for name in narrowing))

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.narrowed = self.narrowed or bool(items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.collected |= {self.directory(item.path) for item in items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.collected.add(self.directory(self.config.rootpath / report.nodeid.partition("::")[0]))
        passed = report.when == "call" and report.passed
        expected = hasattr(report, "wasxfail") and report.when == "call"
        excused = report.skipped and not hasattr(report, "wasxfail") and not self.strict
        if passed or expected or excused:
            self.executed[self.directory(self.config.rootpath / report.nodeid.partition("::")[0])] += 1

    def compare(self) -> list[str]:
        """What is wrong with the counts, one line each."""
        try:
            minimum = tomllib.loads(self.file.read_text(encoding="utf-8"))["minimum"]
        except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
            return [f"{self.file}: cannot be read ({error}); `pytest --state-suites` writes it"]
        complaints = [
            f"{name}: {self.executed[name]} cases executed, {FILE} states {least}"
            for name, least in sorted(minimum.items())
            if self.executed[name] < least
        ]
        complaints += [
            f"{name}: has tests, but {FILE} states no number for it"
            for name in sorted(self.collected - minimum.keys())
        ]
        return complaints

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        green = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.worker or not (green and self.full()):
            return
        if self.config.getoption("state_suites"):
            self.state()
            return
        self.complaints = self.compare()
        if self.complaints:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def state(self) -> None:
        """Write the counts of this run."""
        lines = [f'"{name}" = {self.executed[name]}\n' for name in sorted(self.collected)]
        self.file.write_text(HEADER + "\n[minimum]\n" + "".join(lines), encoding="utf-8")
        self.stated = True

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.stated:
            terminalreporter.write_line(f"stated in {self.file}: {dict(sorted(self.executed.items()))}")
        if self.complaints:
            terminalreporter.section("fewer cases than stated", red=True)
            for complaint in self.complaints:
                terminalreporter.write_line(complaint, red=True)
