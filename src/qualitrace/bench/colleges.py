"""Many colleges as files for import, made from one (floor 5).

One college is generated, opened (so that all that follows is inferred) and exported. The others are its
files under other names: another base of identifiers, another name in Neo4j. So each has nodes and people of
its own, and says as much as the first; without a journal of its own none can be published further. Values
that one registry alone should have (``qt:uniqueKey``) are told apart as ``copies`` of ``examples/demo.yaml``
says.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from qualitrace.bench.generated import Demonstration, read_demonstration, write_journal
from qualitrace.exporting.importing import Imported, arguments, held
from qualitrace.exporting.neo4j_admin import neo4j_admin
from qualitrace.profile import load_profile
from qualitrace.profile.shared import unique_keys
from qualitrace.registry import Registry
from qualitrace.terms import lit_of

_AT_ONCE = 16 << 20  # bytes


def first_college(location: str, size: int, directory: str, profile: str | None) -> dict[str, Any]:
    """Generate a registry of about ``size`` facts and export it; returns seconds for each step."""
    loaded = load_profile(Path(profile) if profile else None)
    steps = [time.perf_counter()]
    demo = read_demonstration(loaded)
    write_journal(demo, size, location, loaded)
    steps.append(time.perf_counter())
    registry = Registry.open(location, loaded)
    steps.append(time.perf_counter())
    done = neo4j_admin(registry, Path(directory))
    steps.append(time.perf_counter())
    alone = _alone(registry, demo)
    registry.close()
    took = [after - before for before, after in pairwise(steps)]
    return {
        "name": done.name,
        "base": done.base,
        "facts": done.stated + done.inferred,
        "journal": took[0],
        "opening": took[1],
        "export": took[2],
        "alone": alone,
    }


def _alone(registry: Registry, demo: Demonstration) -> dict[str, list[str]]:
    """Return the values that this registry alone should have, by how copies tell them apart."""
    found: dict[str, list[str]] = {}
    for key in sorted(unique_keys(registry.profile) & demo.codes.keys()):
        values = {lit_of(fact.object).value for fact in registry.engine.facts(predicate=key)}
        found.setdefault(demo.codes[key], []).extend(sorted(values))
    return found


def multiply(
    directory: Path,
    count: int,
    progress: Callable[[int, int], None],
    alone: Mapping[str, Sequence[str]] | None = None,
) -> list[Imported]:
    """Write further colleges beside the first, ``count`` in all; returns them, the first one first.

    ``alone``: the values that each must have others of (pattern → values), as :func:`first_college` tells.
    """
    there = {one.name: one for one in held(directory)}
    first = min(there.values(), key=lambda one: len(one.name))
    found = [first]
    for number in range(2, count + 1):
        found.append(there.get(_name(first, number)) or _renamed(directory, first, number, alone or {}))
        progress(number, count)
    return found


def some(directory: Path, colleges: list[Imported]) -> str:
    """Write the arguments of an import of some colleges; returns the name of the file."""
    name = f"import-{len(colleges)}.args"
    (directory / name).write_text(arguments(colleges), encoding="utf-8")
    return name


def _name(first: Imported, number: int) -> str:
    return f"c{number:04}.{first.name}"


def _renamed(directory: Path, first: Imported, number: int, alone: Mapping[str, Sequence[str]]) -> Imported:
    scheme, _, rest = first.base.partition("://")
    base = f"{scheme}://c{number:04}.{rest}"
    one = replace(first, name=_name(first, number), base=base)
    folder = directory / one.name
    folder.mkdir(exist_ok=True)  # of somebody who was interrupted
    for path in sorted((directory / first.name).glob("*.csv")):
        _copy(
            path,
            folder / path.name,
            [(first.base, one.base), (first.name, one.name), *_others(alone, number)],
        )
    one.save(folder)
    return one


def _others(alone: Mapping[str, Sequence[str]], number: int) -> list[tuple[str, str]]:
    """Return what stands for each value in college ``number``; the first has those of its own copies."""
    return [
        (value, pattern.format(n=number * len(values) + place, code=value))
        for pattern, values in alone.items()
        for place, value in enumerate(values)
    ]


def _copy(source: Path, target: Path, names: list[tuple[str, str]]) -> None:
    """Copy a file with other names in it, whole lines at a time."""
    with source.open("rb") as read, target.open("wb") as write:
        while lines := read.readlines(_AT_ONCE):
            text = b"".join(lines)
            for old, new in names:
                text = text.replace(old.encode(), new.encode())
            write.write(text)


def about(found: list[Imported]) -> dict[str, int]:
    """Return how much colleges hold together: facts, nodes, links."""
    return {
        "facts": sum(one.stated + one.inferred for one in found),
        "nodes": sum(one.tables.get("nodes", 0) for one in found),
        "links": sum(one.tables.get("links", 0) for one in found),
    }


def written(path: Path, answer: Any) -> None:
    """Write what was measured so far: a measurement of an hour may be interrupted."""
    path.write_text(json.dumps(answer, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
