"""A program to call and a registry to call it on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from qualitrace.cli.app import app

Program = Callable[..., Result]


@pytest.fixture
def registry_file(tmp_path: Path) -> Path:
    return tmp_path / "registry.db"


@pytest.fixture
def program(registry_file: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Run a command on the test's own registry; stdout and stderr are kept apart."""
    monkeypatch.setenv("QUALITRACE_REGISTRY", str(registry_file))
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()

    def run(*arguments: object) -> Result:
        return runner.invoke(app, [str(argument) for argument in arguments])

    return run
