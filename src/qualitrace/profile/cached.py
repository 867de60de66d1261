"""A profile read before is there at once (floor 0).

Reading a profile takes half a second, most of it in Turtle; what came of it is kept in the user's cache
folder, like Python's compiled modules, under the hash of everything that it was read from.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
from functools import lru_cache
from pathlib import Path

import rdflib

import qualitrace
from qualitrace.profile.directory import default_directory
from qualitrace.profile.load import load_profile
from qualitrace.profile.model import Profile

_FOLDERS = ("ontology", "shapes", "loaders", "graphql", "reasoning", "exports")
_KEPT = 8  # profiles kept, newest first


def cached_profile(directory: Path | None = None) -> Profile:
    """Read a profile as :func:`load_profile` does, or take what was read from the same files before."""
    root = (default_directory() if directory is None else directory).absolute()
    folder = cache_folder()
    if folder is None or not root.is_dir():
        return load_profile(directory)
    place = folder / "profiles" / f"{_key(root, directory)}.pickle"
    with contextlib.suppress(Exception):  # damaged, or of another user: it is worth nothing
        stands = place.stat()
        if stands.st_uid == os.geteuid():
            found = _read(place, stands.st_ino, stands.st_mtime_ns, stands.st_size)
            if isinstance(found, Profile):
                return found
    profile = load_profile(directory)
    with contextlib.suppress(OSError, pickle.PickleError, RecursionError):
        _write(place, profile)
    return profile


@lru_cache(maxsize=4)
def _read(place: Path, *stands: int) -> object:
    """Read what was written to a file, once as long as it stands as it does."""
    return pickle.loads(place.read_bytes())


def cache_folder() -> Path | None:
    """Return the user's folder for what can be made again; None when there is no home."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "qualitrace"
    try:
        return Path.home() / ".cache" / "qualitrace"
    except RuntimeError:
        return None


def _key(root: Path, directory: Path | None) -> str:
    digest = hashlib.sha256(f"{root}\n{directory}\n{sys.version}\n{rdflib.__version__}\n".encode())
    package = Path(qualitrace.__file__).parent
    read = [path for name in _FOLDERS for path in sorted((root / name).rglob("*"))]
    for path in [*sorted((package / "profile").rglob("*")), package / "text.py", package / "terms.py", *read]:
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path).encode() + b"\n" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _write(place: Path, profile: Profile) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(pickle.dumps(profile, pickle.HIGHEST_PROTOCOL))
    draft.rename(place)
    found = sorted(place.parent.glob("*.pickle"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in found[_KEPT:]:
        old.unlink(missing_ok=True)
