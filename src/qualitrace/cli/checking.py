"""Checking RDF files against shapes files, without a registry (floor 5)."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qualitrace.profile import Profile, load_profile
from qualitrace.text import Text, readable
from qualitrace.validation import compile_shapes, validate_store
from qualitrace.validation.files import read_data, read_shapes
from qualitrace.validation.model import Report
from qualitrace.validation.reference import validate_by_reference


class Validator(enum.StrEnum):
    """Who checks: our compiled queries, or the reference validator."""

    QUALITRACE = "qualitrace"
    PYSHACL = "pyshacl"


def check_files(data: Sequence[Path], shapes: Path, *, by_reference: bool = False) -> Report:
    """Check the facts of files against the shapes of a file or folder.

    Raises DocumentError when a file cannot be read, ProfileError when the shapes cannot be used.
    """
    compiled = compile_shapes(read_shapes([shapes]), strict=False)
    store, exact = read_data(data)
    if by_reference:
        return validate_by_reference(store, compiled, exact=exact)
    return validate_store(store, compiled, exact=exact)


def plain_profile(profile: Path | None, data: Sequence[Path]) -> Profile:
    """Return a profile to word a page with, titled by the files it is about."""
    title = ", ".join(readable(path.name) for path in data)
    return replace(load_profile(profile), titles=Text({"": title}), base="")
