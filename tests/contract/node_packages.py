"""The npm packages of the tests, installed from their locks into ``build/`` when a test asks.

A lock holds versions and hashes but no addresses: npm takes them from wherever it is set up to.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.missing import missing

LISTED = Path(__file__).parent / "npm"
SYSTEMS = Path(__file__).parent / "systems"
FILES = ("package.json", "package-lock.json", ".npmrc")
MINUTES = 5


@pytest.fixture(scope="session")
def npm(repo_root: Path) -> Path:
    """A folder with ``node_modules`` as locked. Without node or npm: a failure in CI, elsewhere a skip."""
    return installed(LISTED, repo_root / "build" / "contract-npm")


@pytest.fixture(scope="session")
def systems(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of other systems, and the programs of ``systems/`` beside them."""
    folder = installed(SYSTEMS, repo_root / "build" / "contract-systems")
    for program in SYSTEMS.glob("*.mjs"):
        shutil.copyfile(program, folder / program.name)
    return folder


def installed(listed: Path, folder: Path) -> Path:
    """Install the packages of a lock into a folder, unless they are there."""
    needed()
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / ".installed"
    lock = hashlib.sha256((listed / "package-lock.json").read_bytes()).hexdigest()
    with (folder / ".lock").open("w") as held:  # tests of several processes may want it at once
        fcntl.flock(held, fcntl.LOCK_EX)
        _install(listed, folder, mark, lock)
    return folder


def _install(listed: Path, folder: Path, mark: Path, lock: str) -> None:
    if not mark.is_file() or mark.read_text() != lock:
        for name in FILES:
            shutil.copyfile(listed / name, folder / name)
        done = subprocess.run(
            ["npm", "ci"], cwd=folder, capture_output=True, text=True, timeout=60 * MINUTES, check=False
        )
        if done.returncode:
            missing("npm could not install the packages:\n" + done.stderr[-2000:])
        mark.write_text(lock)


def needed() -> None:
    """Fail in CI, and skip elsewhere, where node or npm is missing."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            missing(f"{program} is not installed (Debian: nodejs, npm)")


def node(folder: Path, *arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run node with the packages of the folder; the caller looks at how it ended."""
    return subprocess.run(
        ["node", *map(str, arguments)],
        cwd=cwd or folder,
        capture_output=True,
        text=True,
        timeout=60 * MINUTES,
        check=False,
    )
