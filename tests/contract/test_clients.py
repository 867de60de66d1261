"""The example clients: generated from the schema as it is, typed, and answered by a real server."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace import demonstration
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.web import create_app
from tests.contract.node_packages import installed
from tests.contract.serving import serving
from tests.missing import missing

INDICATOR, DAY = "Indicator:ZB2.3.2", dt.date(2025, 3, 1)
CLIENTS = Path("examples", "clients")


@pytest.fixture(scope="module")
def college(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    registry = demonstration.build(load_profile(), tmp_path_factory.mktemp("clients") / "demo.db")
    yield registry
    registry.close()


@pytest.fixture(scope="module")
def server(college: Registry) -> Iterator[str]:
    with serving(create_app(college)) as address:
        yield address


@pytest.fixture(scope="module")
def copied(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clients and the schema in a folder of their own, with the packages of JavaScript."""
    folder = tmp_path_factory.mktemp("generated")
    script = repo_root / CLIENTS / "javascript"
    packages = installed(script, repo_root / "build" / "clients-npm")
    shutil.copytree(repo_root / "graphql", folder / "graphql")
    ignored = shutil.ignore_patterns("node_modules", "dist", "__pycache__")
    shutil.copytree(repo_root / CLIENTS, folder / CLIENTS, ignore=ignored)
    (folder / CLIENTS / "javascript" / "node_modules").symlink_to(packages / "node_modules")
    return folder


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


def expected(college: Registry) -> tuple[set[str], int]:
    """Who answered, by identifier, and how many duties lack a link: asked of the registry itself."""
    trace = college.trace(INDICATOR, "Person", as_of=DAY)
    people = {
        path.steps[-1].target.removeprefix(college.base) for path in trace.paths if path.ending == "reached"
    }
    broken = [one for one in college.coverage("Duty", as_of=DAY).verdicts if not one.complete]
    return people, len(broken)


def told(printed: str) -> tuple[set[str], int]:
    *ends, last = printed.strip().splitlines()
    return {line.split("\t")[-1] for line in ends}, int(last.split()[0])


def test_both_are_what_the_generators_make_of_the_schema(repo_root: Path, copied: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    if not uv.is_file():
        missing("uv is not installed beside Python: the Python client cannot be generated")
    run("sh", repo_root / "tools" / "make_clients.sh", copied, cwd=repo_root, UV=str(uv))
    compared = 0
    for made in ("python/qualitrace_client", "javascript/src"):
        for path in sorted((copied / CLIENTS / made).glob("*.[pt][ys]")):
            assert path.read_text() == (repo_root / CLIENTS / made / path.name).read_text(), path.name
            compared += 1
    assert compared == len(list((repo_root / CLIENTS / "python" / "qualitrace_client").glob("*.py"))) + 2


def test_the_javascript_client_is_typed_and_answered(copied: Path, server: str, college: Registry) -> None:
    folder = copied / CLIENTS / "javascript"
    run("node", "node_modules/typescript/bin/tsc", cwd=folder)
    printed = run("node", "dist/ask.js", INDICATOR, DAY.isoformat(), cwd=folder, QUALITRACE_URL=server)
    assert told(printed) == expected(college)


def test_the_python_client_is_typed_and_answered(copied: Path, server: str, college: Registry) -> None:
    folder = copied / CLIENTS / "python"
    run(sys.executable, "-m", "mypy", "--strict", "--config-file=", "ask.py", cwd=folder)
    printed = run(sys.executable, "ask.py", INDICATOR, DAY.isoformat(), cwd=folder, QUALITRACE_URL=server)
    assert told(printed) == expected(college)


def test_a_wrong_use_of_a_type_is_found(copied: Path) -> None:
    """The types are not mere decoration: a misspelt field is an error in both languages."""
    script, python = copied / CLIENTS / "javascript", copied / CLIENTS / "python"
    wrong = (script / "src" / "ask.ts").read_text().replace("end.capacity", "end.capaciti")
    (script / "src" / "wrong.ts").write_text(wrong)
    (python / "wrong.py").write_text((python / "ask.py").read_text().replace("end.capacity", "end.capaciti"))
    for command, cwd in (
        (["node", "node_modules/typescript/bin/tsc", "--noEmit"], script),
        ([sys.executable, "-m", "mypy", "--strict", "--config-file=", "wrong.py"], python),
    ):
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode != 0 and "capaciti" in done.stdout
    (script / "src" / "wrong.ts").unlink()
