"""What loading answers: facts with places, counts, and everything that needs a person's eye (floor 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qualitrace.journal.model import Document, Source, SourcedFact
from qualitrace.text import Text

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


class NoticeKind(StrEnum):
    """Why a place in a document is listed."""

    BLANK = "blank"  # a cell that is not filled in
    INFERRED = "inferred"  # read from a merged cell
    REALIGNED = "realigned"  # a damaged row whose cells were put back by what they contain
    LOST_MERGE = "lost-merge"  # blank in a form where extraction loses merged cells: not guessed
    AMBIGUOUS = "ambiguous"  # readable in two ways; kept as text
    ALIAS = "alias"  # two names that may be one body; needs a decision
    GROUP = "group"  # a name of a group, not of one body
    UNREADABLE = "unreadable"  # could not be read; kept as text
    BLANK_FORM = "blank-form"  # a known form with nothing in it
    DISAGREEMENT = "disagreement"  # two places of the document say different things
    IGNORED = "ignored"  # content no mapping claims (a column, a table)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should look at; ``message`` says what and what to do."""

    kind: NoticeKind
    source: Source
    message: Text
    text: str = ""  # the cell's own text


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name the registry knows: the node, its class and a label or alias of it.

    ``alias`` tells that ``label`` is another name than the node's own label.
    """

    label: str
    iri: str
    class_iri: str
    alias: bool = False


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Names the registry knows already, so that names and aliases resolve across documents."""

    entries: tuple[KnownName, ...] = ()

    @classmethod
    def of(cls, by_class: Mapping[str, Mapping[str, str]]) -> KnownNames:
        """Make it from class IRI → label → node IRI."""
        return cls(
            tuple(
                KnownName(label, iri, class_iri)
                for class_iri, labels in by_class.items()
                for label, iri in labels.items()
            )
        )


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read from one document.

    ``counts`` maps class IRI to distinct nodes found; ``named`` maps class IRI to the names of bodies
    and groups met in cells, sorted.
    """

    document: Document
    facts: tuple[SourcedFact, ...]
    notices: tuple[Notice, ...]
    counts: Mapping[str, int]
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
