"""Small journals with everything in them, for tests that damage, move or compare journals."""

from __future__ import annotations

from dataclasses import replace

from qualitrace.journal import (
    Basis,
    Changeset,
    Decision,
    Document,
    Journal,
    Note,
    Record,
    Source,
    SourcedFact,
)
from qualitrace.terms import Fact, literal

SETTINGS = {"base": "https://example.org/id/", "profile": "https://example.org/profile"}


def statement(subject: str, value: str, *, document: str = "a.csv", row: int | None = 1) -> SourcedFact:
    return SourcedFact(
        Fact(f"https://example.org/id/{subject}", "https://example.org/p", literal(value)),
        Source(document, "sheet", row, "A1", Basis.STATED),
    )


class Writer:
    """Appends changesets with the effect that they have."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.held: set[SourcedFact] = set()
        self.count = 0

    def commit(
        self,
        added: list[SourcedFact],
        removed: list[SourcedFact] | None = None,
        *,
        records: tuple[Record, ...] = (),
        told: tuple[tuple[str, object], ...] = (),
    ) -> Changeset:
        before = {entry.fact for entry in self.held}
        self.held = (self.held - set(removed or [])) | set(added)
        after = {entry.fact for entry in self.held}
        position, parent = self.journal.head()
        names = sorted({entry.source.document for entry in added})
        draft = Changeset(
            position=position + 1,
            parent=parent,
            author="示例",
            at=f"2025-03-01T00:00:{position % 60:02}.000000Z",
            message=f"第 {position + 1} 次",
            documents=tuple(Document(name, f"{position:064x}") for name in names),
            added=tuple(added),
            removed=tuple(removed or []),
            facts_added=tuple(sorted(after - before)),
            facts_removed=tuple(sorted(before - after)),
            records=records,
        )
        made = replace(draft, id=draft.digest())
        self.journal.append(made, told)
        return made


def everything(location: str) -> Journal:
    """A journal with rows in every table, removals that do and do not end a fact, and events."""
    journal = Journal.create(location, SETTINGS)
    writer = Writer(journal)
    here, there = statement("b", "v", row=2), statement("b", "v", document="b.csv", row=None)
    writer.commit([statement("一", "值"), here, there], told=(("loading", {"notices": [{"zh": "注意"}]}),))
    writer.commit([statement("c", 'a "quoted"\nline')], [here])
    body = {"reason": "等候", "rule": "https://example.org/rule"}
    writer.commit([], records=(Record.of(Decision.EXCEPTION, body),))
    writer.commit([statement("d", "w")], [there], told=(("validation", {"findings": [["r", "n"]] * 30}),))
    for kind in ("proposed", "comment"):
        journal.note(
            Note.of("proposal/1", kind, {"text": "为何"}, author="示例", at="2025-03-02T00:00:00.000000Z")
        )
    return journal
