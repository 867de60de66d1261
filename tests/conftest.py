"""Fixtures every suite may use."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.missing import missing

pytest_plugins = ["pytester", "tests.suites", "tests.databases", "tests.neo4j_server", "tests.scheduling"]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command that a test ran in this process may have set up logging, to a stream that ends with the test,
    and what is done with errors of threads. Neither lasts beyond it.
    """
    root, ours = logging.getLogger(), logging.getLogger("qualitrace")
    handlers, levels = list(root.handlers), (root.level, ours.level)
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    for handler in list(root.handlers):
        if handler not in handlers:
            root.removeHandler(handler)
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The root of the source checkout."""
    return Path(__file__).resolve().parent.parent


def _shared(repo_root: Path, name: str) -> Path:
    """A folder of the shared data, which lies beside the checkout or where QUALITRACE_SHARED says."""
    place = os.environ.get("QUALITRACE_SHARED")
    folder = (Path(place) if place else repo_root.parent / "shared") / name
    if not folder.is_dir():
        reason = f"the shared data is not here: no folder {folder} (QUALITRACE_SHARED names another place)"
        missing(reason)
    return folder


@pytest.fixture(scope="session")
def seed_dir(repo_root: Path) -> Path:
    """``shared/seed``: the college's plan as .docx and as extracted .txt."""
    return _shared(repo_root, "seed")


@pytest.fixture(scope="session")
def conformance_dir(repo_root: Path) -> Path:
    """``shared/conformance``: the W3C suites (``shacl/manifest.ttl``)."""
    return _shared(repo_root, "conformance")


@pytest.fixture(scope="session")
def java() -> None:
    """A Java runtime, which HermiT needs: without one a failure in CI, elsewhere a skip."""
    if shutil.which("java") is None:
        missing("HermiT needs Java, which is not here (Debian: default-jre-headless)")
