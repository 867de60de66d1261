"""The container file: its steps work on what it copies, and what it starts answers."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from qualitrace import demonstration
from qualitrace.profile import load_profile
from qualitrace.web.settings_reading import read_settings
from tests.web.processes import Served, ask


@dataclass(frozen=True)
class Step:
    word: str
    rest: str


def steps(text: str) -> list[Step]:
    """The instructions of a container file, in order."""
    joined = re.sub(r"\\\n\s*", " ", text)
    lines = (line.strip() for line in joined.splitlines())
    return [Step(*line.split(None, 1)) for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def container(repo_root: Path) -> list[Step]:
    return steps((repo_root / "deploy" / "Containerfile").read_text(encoding="utf-8"))


def of(container: list[Step], word: str) -> list[str]:
    return [step.rest for step in container if step.word == word]


def environment(container: list[Step]) -> dict[str, str]:
    """The variables of the last stage."""
    last = max(number for number, step in enumerate(container) if step.word == "FROM")
    pairs = [pair for step in container[last:] if step.word == "ENV" for pair in shlex.split(step.rest)]
    return dict(pair.split("=", 1) for pair in pairs)


def copied(container: list[Step]) -> list[tuple[str, str]]:
    """What is copied from the checkout, and to where."""
    found = [shlex.split(rest) for rest in of(container, "COPY") if not rest.startswith("--from")]
    return [(source, words[-1]) for words in found for source in words[:-1]]


def test_what_it_copies_is_there_and_sent_to_the_builder(container: list[Step], repo_root: Path) -> None:
    sources = {source for source, _ in copied(container)}
    assert len(sources) > 8
    assert [source for source in sources if not (repo_root / source).exists()] == []
    ignored = (repo_root / "deploy" / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == sources


def test_it_runs_as_nobody_in_particular_and_says_how_it_is(container: list[Step]) -> None:
    assert len(of(container, "FROM")) == 2
    assert of(container, "USER") == ["10001:10001"]
    assert "/readyz" in of(container, "HEALTHCHECK")[0]
    assert of(container, "STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(of(container, "ENTRYPOINT")[0]) == ["qualitrace"]


def test_its_variables_are_settings_that_hold(container: list[Step]) -> None:
    settings = read_settings(None, environment(container)).settings
    assert f"{settings.server.port}" == of(container, "EXPOSE")[0]
    assert settings.registry.location.startswith(of(container, "VOLUME")[0])


def test_the_pins_it_installs_are_those_of_this_environment(container: list[Step], repo_root: Path) -> None:
    (pins,) = [words[-1] for words in map(shlex.split, of(container, "RUN")) if "--requirement" in words]
    wanted = [
        Requirement(line) for line in (repo_root / pins).read_text("utf-8").splitlines() if line.strip()
    ]
    here = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    differ = [str(one) for one in here if not one.specifier.contains(importlib.metadata.version(one.name))]
    assert differ == []


@pytest.fixture(scope="module")
def built(container: list[Step], repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The steps of the build, on nothing but what was copied; libraries are those of this environment."""
    root = tmp_path_factory.mktemp("image")
    source = root / "source"
    for name, target in copied(container):
        place = source / target if not target.startswith("/") else root / target[1:]
        place = place / Path(name).name if target.endswith("/") else place
        place.parent.mkdir(parents=True, exist_ok=True)
        if (repo_root / name).is_dir():
            shutil.copytree(repo_root / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(repo_root / name, place)
    (install,) = [rest for rest in of(container, "RUN") if "--no-deps" in rest]
    assert shlex.split(install)[-1] == "."
    # What pip does there: the wheel is made by the project's own build system, and unpacked.
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(root / "dist")]
    subprocess.run(command, cwd=source, check=True, env=_environ(), capture_output=True)
    (wheel,) = (root / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(root / "opt")
    return root


def _environ() -> dict[str, str]:
    """This process's, without the checkout on the path."""
    return {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}


def test_the_installed_package_carries_the_profile(built: Path) -> None:
    code = "from qualitrace.profile import load_profile; print(load_profile().directory)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=built, capture_output=True, text=True, check=True,
        env={**_environ(), "PYTHONPATH": str(built / "opt")},
    )  # fmt: skip
    assert Path(done.stdout.strip()).is_relative_to(built / "opt")


def test_what_it_starts_answers_that_it_is_ready(
    container: list[Step], built: Path, repo_root: Path, tmp_path: Path
) -> None:
    kitchen = load_profile(repo_root / "tests" / "profiles" / "kitchen")
    location = tmp_path / "registry.db"
    demonstration.build(kitchen, location).close()
    told = environment(container)
    given = {
        name.removeprefix("QUALITRACE_").lower(): text
        for name, text in told.items()
        if name.startswith("QUALITRACE_SERVER_")
    }
    server = Served(
        str(location), kitchen.directory, tmp_path, source=built / "opt", **given,
    )  # fmt: skip
    try:
        server.wait()
        status, _, body = ask(server.connect(), "/readyz")
        assert (status, json.loads(body)["status"]) == (200, "ready")
        server.process.terminate()
        assert server.end() == 0
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def _engine() -> str | None:
    for name in ("docker", "podman", "buildah"):
        if shutil.which(name) and subprocess.run([name, "info"], capture_output=True).returncode == 0:
            return name
    return None


@pytest.mark.skipif(_engine() is None, reason="no container engine runs here (docker, podman or buildah)")
def test_an_engine_builds_it(repo_root: Path) -> None:
    engine = _engine()
    assert engine is not None
    tag = f"qualitrace-test-{secrets.token_hex(4)}"
    build = [engine, "build", "--file", "deploy/Containerfile", "--tag", tag, "."]
    subprocess.run(build, cwd=repo_root, check=True, timeout=280)
    done = subprocess.run(
        [engine, "run", "--rm", tag, "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("qualitrace ")
