"""A disk that is full and a folder that may not be written to: a clear error, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualitrace.errors import RegistryError
from qualitrace.journal import Journal
from qualitrace.journal.verifying import faults
from tests.databases import Server
from tests.journal.histories import SETTINGS, Writer, everything, statement

# Commits until the disk refuses: "ok <identifier>" for each that came back, then what it was told.
FILL = """
import random, resource, sys
from qualitrace.errors import RegistryError
from qualitrace.journal import Journal
from tests.journal.histories import Writer, statement
journal = Journal.open(sys.argv[1])
if sys.argv[2] != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
writer = Writer(journal)
try:
    for number in range(2000):
        made = writer.commit([statement(f"n{number}", random.randbytes(6000).hex())])
        print("ok", made.id)
except RegistryError as error:
    print("told", error.what["en"], "|", error.hint["en"])
"""


def fill(location: str, root: Path, limit: int = 0) -> tuple[list[str], str]:
    """Commit in a process of its own until told to stop; returns what was acknowledged, and what was told."""
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    done = subprocess.run(
        [sys.executable, "-c", FILL, location, str(limit)],
        capture_output=True, text=True, env=environment, cwd=root, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    return [line.split()[1] for line in lines if line.startswith("ok")], lines[-1]


def check(location: str, acknowledged: list[str]) -> None:
    """All that was acknowledged is there, nothing else, and it can be written on."""
    journal = Journal.open(location)
    assert list(faults(journal)) == []
    assert [one.id for one in journal.changesets()] == acknowledged
    Writer(journal).commit([statement("afterwards", "v")])
    assert journal.head()[0] == len(acknowledged) + 1
    journal.close()


def test_a_file_that_may_not_grow(tmp_path: Path, repo_root: Path) -> None:
    place = str(tmp_path / "r.db")
    Journal.create(place, SETTINGS).close()
    acknowledged, told = fill(place, repo_root, limit=1_000_000)
    assert acknowledged
    assert "nothing was written" in told
    check(place, acknowledged)


@pytest.fixture
def little(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    folder = tmp_path / "little"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0777", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(little: Path, repo_root: Path) -> None:
    place = str(little / "r.db")
    Journal.create(place, SETTINGS).close()
    ballast = little / "ballast"
    ballast.write_bytes(bytes(2_000_000))
    acknowledged, told = fill(place, repo_root)
    assert acknowledged
    assert "The disk is full; nothing was written." in told
    ballast.unlink()
    check(place, acknowledged)


def test_a_full_disk_of_postgresql(little: Path, repo_root: Path, postgresql: Server) -> None:
    address = postgresql.new_database()
    name = address.rsplit("/", 1)[1]
    (little / "space").mkdir()
    os.chown(little / "space", postgresql.user["user"], postgresql.user["group"])
    # The server's user must be able to walk there.
    for folder in [*little.parents][:-2]:
        folder.chmod(folder.stat().st_mode | 0o011)
    Journal.create(address, SETTINGS).close()
    ballast = little / "ballast"
    ballast.write_bytes(bytes(2_000_000))
    with postgresql.admin() as connection:
        connection.execute(f"CREATE TABLESPACE little{name} LOCATION '{little / 'space'}'")  # type: ignore[arg-type]
    journal = Journal.open(address)
    with journal.database.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE change SET TABLESPACE little{name}")
    journal.close()
    acknowledged, told = fill(address, repo_root)
    assert "The disk is full; nothing was written." in told
    ballast.unlink()
    check(address, acknowledged)
    with postgresql.admin() as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]
        connection.execute(f"DROP TABLESPACE little{name}")  # type: ignore[arg-type]


READ = """
import os, sys
from pathlib import Path
from qualitrace.errors import RegistryError
from qualitrace.journal import Journal
from qualitrace.journal.keeping import backup
from tests.journal.histories import everything, Writer, statement
everything("sqlite://")  # imports what is needed: another user may not
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder = Path(sys.argv[1])
def told(work):
    try:
        work()
        print("done")
    except RegistryError as error:
        print("told", error.what["en"], "|", error.where, "|", error.hint["en"])
told(lambda: Journal.create(folder / "new.db", {"base": "b", "profile": "p"}))
told(lambda: Writer(Journal.open(folder / "r.db")).commit([statement("x", "v")]))
told(lambda: backup(Journal.open(folder / "r.db"), folder / "copy.db"))
"""


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, repo_root: Path) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        everything(str(folder / "r.db")).close()
        content = (folder / "r.db").read_bytes()
        (folder / "r.db").chmod(0o444)
        folder.chmod(0o555)
        try:
            environment = {**os.environ, "PYTHONPATH": f"{repo_root / 'src'}{os.pathsep}{repo_root}"}
            done = subprocess.run(
                [sys.executable, "-c", READ, name],
                capture_output=True, text=True, env=environment, cwd=repo_root, check=True,
            )  # fmt: skip
        finally:
            folder.chmod(0o755)
        lines = done.stdout.splitlines()
        assert len(lines) == 3
        for line in lines:
            assert line.startswith("told"), lines
            assert name in line
        assert (folder / "r.db").read_bytes() == content
        assert [path.name for path in folder.iterdir()] == ["r.db"]
    with pytest.raises(RegistryError):
        Journal.open(tmp_path / "r.db")
