"""The systemd unit: systemd takes it, and what it names is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from qualitrace.cli.app import app
from qualitrace.web.declaring import declared
from qualitrace.web.settings import Settings

VERIFY = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(VERIFY is None, reason="systemd-analyze is not here (package systemd)")


@pytest.fixture(scope="module")
def unit(repo_root: Path) -> str:
    return (repo_root / "deploy" / "qualitrace.service").read_text(encoding="utf-8")


def values(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


@pytest.fixture
def installed(unit: str, tmp_path: Path) -> Path:
    """The unit, with a program that is there."""
    path = tmp_path / "qualitrace.service"
    path.write_text(unit.replace("/opt/qualitrace/bin/qualitrace", "/bin/true"), encoding="utf-8")
    return path


@needs_systemd
def test_systemd_has_no_complaint(installed: Path) -> None:
    assert VERIFY is not None
    done = subprocess.run([VERIFY, "verify", "--man=no", str(installed)], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (0, "")


@needs_systemd
def test_systemd_calls_it_well_protected(installed: Path) -> None:
    assert VERIFY is not None
    command = [VERIFY, "security", "--offline=true", "--threshold=20", str(installed)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-300:]


def test_it_starts_a_command_with_variables_that_are_settings(unit: str) -> None:
    (started,) = values(unit, "ExecStart")
    words = started.split()
    assert Path(words[0]).name == "qualitrace"
    assert words[1] in get_command(app).commands  # type: ignore[attr-defined]
    known = {one.variable for one in declared(Settings)} | {"QUALITRACE_SETTINGS"}
    given = {line.partition("=")[0] for line in values(unit, "Environment")}
    assert {name for name in given if name.startswith("QUALITRACE_")} <= known
    assert "QUALITRACE_REGISTRY" in given


def test_it_has_longer_to_stop_than_its_requests(unit: str) -> None:
    (seconds,) = values(unit, "TimeoutStopSec")
    server = Settings().server
    assert int(seconds) > server.drain + server.stop_within
    assert values(unit, "KillMode") == ["mixed"]  # workers hear of it from the first process only
    assert values(unit, "Type") == ["notify"]


def test_it_may_do_little(unit: str) -> None:
    for key, value in (
        ("DynamicUser", "yes"),
        ("ProtectSystem", "strict"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
    ):
        assert values(unit, key) == [value]
    assert values(unit, "MemoryMax")
