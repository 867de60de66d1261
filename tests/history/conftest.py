"""A program to call on a registry with a history: three loads of a list of units, then a list of staff."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from qualitrace.cli.app import app
from qualitrace.profile import Profile, load_profile
from qualitrace.registry import Registry
from tests.deciding import decided
from tests.history.kitchen import copied

Program = Callable[..., Result]

UNITS = "单位名称,单位类别,纵向系统,负责人岗位"
STAFF = "工号,姓名,部门,科室,岗位,任职方式,任职起,任职止"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture(scope="session")
def college() -> Profile:
    return load_profile()


@pytest.fixture
def program(registry_file: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Run a command on the test's own registry; stdout and stderr are kept apart."""
    monkeypatch.setenv("QUALITRACE_REGISTRY", str(registry_file))
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()

    def run(*arguments: object) -> Result:
        return runner.invoke(app, [str(argument) for argument in arguments])

    return run


@pytest.fixture(scope="session")
def three_loads(tmp_path_factory: pytest.TempPathFactory, college: Profile) -> Path:
    """#1 a unit, #2 its head and who holds the post, #3 another holder."""
    folder = tmp_path_factory.mktemp("three")
    units = write(folder / "units.csv", UNITS, "示例处,职能部门,资源建设,处长")
    staff = write(folder / "staff.csv", STAFF, "S1,示例甲,示例处,综合科,处长,,2022-01-01,")
    registry = Registry.create(folder / "r.db", college)
    registry.commit(registry.prepare([units]), author="示例员", message="单位")
    registry.commit(registry.prepare([staff]), author="另一员", message="人员")
    write(staff, STAFF, "S2,示例乙,示例处,综合科,处长,代理,2022-01-01,")
    registry.commit(decided(registry, registry.prepare([staff])), author="示例员", message="换人")
    registry.close()
    return folder / "r.db"


@pytest.fixture
def loaded(program: Program, three_loads: Path, registry_file: Path) -> Program:
    copied(three_loads, registry_file)
    return program
