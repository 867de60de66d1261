"""Whether a change still means what it meant, when others committed meanwhile (floor 3)."""

from __future__ import annotations

from qualitrace.errors import ConflictError
from qualitrace.journal import Journal
from qualitrace.registry.model import Change
from qualitrace.terms import Fact
from qualitrace.text import Text

_HINT = Text(zh="请重新执行,变更会按现在的内容重新计算。", en="Run it again; the change is worked out anew.")


def check_applies(change: Change, journal: Journal, position: int) -> None:
    """Raise ConflictError when others changed what the change was worked out from.

    That is so when one of its documents was loaded by somebody else since (the change is a difference
    to what that document stated before), or when a statement that it adds is there already. What it
    removes is looked at where it is removed.
    """
    if change.position is None or change.position >= position:
        return
    ours = {document.name for document in change.documents} | {e.source.document for e in change.removed}
    for changeset in journal.changesets(change.position, position, changes=False):
        theirs = sorted(ours & {document.name for document in changeset.documents})
        if theirs:
            raise _loaded_since(theirs, changeset.author, changeset.at)
    added = set(change.added)
    for entry in journal.about({entry.fact.subject for entry in added}):
        if entry in added:
            raise _there_already(entry.fact, entry.source.place())


def no_longer_there(fact: Fact) -> ConflictError:
    """Make the error for a statement that is to be removed and is not there any more."""
    return ConflictError(
        Text(zh="要删除的陈述已不在登记库中。", en="A statement to be removed is no longer in the registry."),
        where=fact.ntriples(),
        hint=_HINT,
    )


def _loaded_since(names: list[str], author: str, at: str) -> ConflictError:
    return ConflictError(
        Text(
            zh=f"{author} 在 {at} 也装入了这个文件。",
            en=f"{author} has loaded this document meanwhile, at {at}.",
        ),
        where=", ".join(names),
        hint=_HINT,
    )


def _there_already(fact: Fact, place: str) -> ConflictError:
    return ConflictError(
        Text(zh="要增加的陈述已由别人写入。", en="Somebody else has added the same statement meanwhile."),
        where=f"{fact.ntriples()} ({place})",
        hint=_HINT,
    )
