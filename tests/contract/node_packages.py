"""The npm packages of the contract suite, installed from their lock into ``build/`` when a test asks.

The lock holds versions and hashes but no addresses: npm takes them from wherever it is set up to.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

LISTED = Path(__file__).parent / "npm"
FILES = ("package.json", "package-lock.json", ".npmrc")
MINUTES = 5


@pytest.fixture(scope="session")
def npm(repo_root: Path) -> Path:
    """A folder with ``node_modules`` as locked. Without node or npm: a failure in CI, elsewhere a skip."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            without(f"{program} is not installed (Debian: nodejs, npm)")
    folder = repo_root / "build" / "contract-npm"
    mark = folder / ".installed"
    lock = hashlib.sha256((LISTED / "package-lock.json").read_bytes()).hexdigest()
    if not mark.is_file() or mark.read_text() != lock:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(LISTED / name, folder / name)
        done = subprocess.run(
            ["npm", "ci"], cwd=folder, capture_output=True, text=True, timeout=60 * MINUTES, check=False
        )
        if done.returncode:
            without("npm could not install the packages:\n" + done.stderr[-2000:])
        mark.write_text(lock)
    return folder


def without(reason: str) -> NoReturn:
    """Fail in CI; skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


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
