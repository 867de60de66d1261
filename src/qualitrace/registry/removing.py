"""What takes whole nodes out of the registry, and that somebody decided it (floor 3)."""

from __future__ import annotations

from collections.abc import Sequence

from qualitrace.errors import QueryError
from qualitrace.journal import Basis, Journal
from qualitrace.registry.model import Change
from qualitrace.registry.proposals import STREAM, Step, proposal
from qualitrace.terms import RDF_TYPE
from qualitrace.text import Text

_SHOWN = 5


def vanishing(change: Change, journal: Journal) -> tuple[str, ...]:
    """Return the nodes (IRIs) that a change takes out of the registry: nothing says any more what they are.

    A node that was only mentioned where another is described now is not among them.
    """
    classed = {entry for entry in change.removed if entry.fact.predicate == RDF_TYPE}
    said = {entry.fact.subject for entry in classed if entry.source.basis is not Basis.DERIVED}
    said -= {entry.fact.subject for entry in change.added if entry.fact.predicate == RDF_TYPE}
    if not said:
        return ()
    held = [entry for entry in journal.about(said) if entry.fact.predicate == RDF_TYPE]
    return tuple(sorted(said - {entry.fact.subject for entry in held if entry not in classed}))


def is_same(one: Change, other: Change) -> bool:
    """Tell whether two changes state and take back the same."""
    return set(one.added) == set(other.added) and set(one.removed) == set(other.removed)


def check_decided(change: Change, journal: Journal) -> None:
    """Raise QueryError when a change takes whole nodes away and carries no approval of just that change."""
    gone = vanishing(change, journal)
    if gone and not any(is_same(change, one) for one in _approved(change, journal)):
        raise _undecided(gone)


def _approved(change: Change, journal: Journal) -> Sequence[Change]:
    """The changes that are approved together with this one."""
    notes = (note for note in change.notes if note.kind == Step.APPROVED and note.stream.startswith(STREAM))
    return [proposal(journal, int(note.stream.removeprefix(STREAM))).change for note in notes]


def _undecided(gone: Sequence[str]) -> QueryError:
    return QueryError(
        Text(
            zh=f"这项更改会删除 {len(gone)} 个对象,须先作为提议由别人批准;登记库没有改动。",
            en=f"This would remove {len(gone)} nodes; it must be proposed and approved. Nothing was changed.",
        ),
        where=", ".join(gone[:_SHOWN]) + ("…" if len(gone) > _SHOWN else ""),
        hint=Text(zh="用 qualitrace propose 提议。", en="Propose it with qualitrace propose."),
    )
