"""Opening registries that hold the same and have histories of different lengths (floor 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from qualitrace.bench.measuring import quantile
from qualitrace.journal import Changeset, Journal, Note, Record, Source, SourcedFact
from qualitrace.journal.model import Decision
from qualitrace.profile.model import Profile
from qualitrace.terms import QT, RDFS_LABEL, Fact, literal

NODES = 100  # what such a registry holds, however often it was changed
ALLOWED = 1.25  # × the opening of the registry whose history is a tenth as long
_REPEATS = 7
_EVERY = 10  # so many changesets to one decision, and to one proposal
_AT = "2025-01-01T00:00:00.000000Z"
Row = dict[str, Any]
First = Callable[[Path], Row]  # opens a registry in a process of its own and says what each part took


def growing(folder: Path, history: int, profile: Profile, first: First) -> list[Row]:
    """Open a long history and one a tenth as long, in turn, once each was opened before.

    Every changeset gives one of the same nodes another name; both registries hold the same facts in the end.
    """
    lengths = (history // 10, history)
    places = {length: folder / f"{length}.db" for length in lengths}
    rows: list[Row] = []
    for length, location in places.items():
        write_history(location, length, profile)
        rows.append(
            {
                "changesets": length,
                "replayed": first(location)["open"],
                "bytes": location.stat().st_size,
                "took": [],
            }
        )
    for _ in range(_REPEATS):  # in turn, so that what else the machine does falls on both
        for row in rows:
            row["took"].append(first(places[row["changesets"]])["open"])
    for row in rows:
        row["opened"] = quantile(row.pop("took"), 0.5)
    return rows


def flat(rows: list[Row]) -> bool:
    """Tell whether opening does not grow with the length of history."""
    return bool(rows[-1]["opened"] <= ALLOWED * rows[0]["opened"])


def write_history(location: Path, length: int, profile: Profile) -> None:
    """Make a journal of so many changesets, as a registry would have written them.

    Each says what the validation found newly and no longer; some hold a decision, or follow a proposal.
    """
    journal, parent = Journal.create(location, {"base": profile.base, "profile": profile.iri}), ""
    with journal.database.connect() as connection:  # how it is written is not what is measured
        connection.connection.execute("PRAGMA synchronous=OFF")
    for number in range(length):
        changeset = _changeset(profile.base, number, length, parent)
        found = {"appeared": [[f"rule {number}"]], "gone": [[f"rule {number - 1}"]], "rules": []}
        notes = (_proposed(number),) if number % _EVERY == 0 else ()
        journal.append(changeset, [("validation", found)], notes)
        parent = changeset.id
    journal.close()


def _changeset(base: str, number: int, length: int, parent: str) -> Changeset:
    left = length - number  # the last name of each node is the same in both histories
    entry, before = _named(base, number, left), _named(base, number - NODES, left + NODES)
    removed = (before,) if number >= NODES else ()
    draft = Changeset(
        position=number + 1,
        parent=parent,
        author="bench",
        at=_AT,
        message="a name",
        documents=(),
        added=(entry,),
        removed=removed,
        facts_added=(entry.fact,),
        facts_removed=tuple(one.fact for one in removed),
        records=(_accepted(base, number),) if number % _EVERY == 0 else (),
    )
    return replace(draft, id=draft.digest())


def _named(base: str, number: int, left: int) -> SourcedFact:
    fact = Fact(f"{base}n{left % NODES}", RDFS_LABEL, literal(f"示例 {left}"))
    return SourcedFact(fact, Source("bench.csv", row=number))


def _accepted(base: str, number: int) -> Record:
    body = {"rule": QT + "rule", "node": f"{base}n{number % NODES}", "by": "示例", "reason": "示例"}
    return Record.of(Decision.EXCEPTION, {**body, "until": "2099-12-31"})


def _proposed(number: int) -> Note:
    change: dict[str, Any] = {"documents": [], "added": [], "removed": []}
    body = {"title": "示例", "role": "", "base": number, "change": change}
    return Note.of(f"proposal/{number // _EVERY + 1}", "proposed", body, author="示例", at=_AT)
