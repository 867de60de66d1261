"""How far a registry in Neo4j is: one node for each registry, written with what it counts (floor 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from neo4j import ManagedTransaction

from qualitrace.errors import ConflictError
from qualitrace.store.neo4j.naming import REGISTRY
from qualitrace.text import Text

READ = f"MATCH (q:{REGISTRY} {{name: $registry}}) RETURN properties(q) AS said"
_LOCK = f"MERGE (q:{REGISTRY} {{name: $registry}}) SET q.name = $registry RETURN properties(q) AS said"
_WRITE = f"MATCH (q:{REGISTRY} {{name: $registry}}) SET q += $said"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a registry in Neo4j stands at.

    ``position`` and ``changeset`` (identifier) are of the journal; ``profile`` tells which program and
    profile wrote it; ``at`` is when (UTC). While a large change is on its way in several transactions,
    ``toward`` is the position that it leads to (-1: none is), ``toward_changeset`` its identifier, and
    ``through`` the last node that is done. ``stage`` says, while all of it is written anew, which pass that
    is (0: what was there before is being taken away). ``stated`` and ``inferred`` count facts.
    """

    position: int = 0
    changeset: str = ""
    profile: str = ""
    at: str = ""
    toward: int = -1
    toward_changeset: str = ""
    through: str = ""
    stage: int = 0
    stated: int = 0
    inferred: int = 0

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Mark:
        """Read a mark from the properties of its node."""
        return cls(**{name: said[name] for name in cls.__dataclass_fields__ if name in said})

    @property
    def place(self) -> tuple[int, str, int, str, int]:
        """What must be the same when somebody goes on from here."""
        return self.position, self.changeset, self.toward, self.through, self.stage


def locked(transaction: ManagedTransaction, registry: str) -> Mark:
    """Return the mark of a registry and keep others from changing it until the transaction ends."""
    found = transaction.run(_LOCK, registry=registry).single(strict=True)
    return Mark.of(found["said"])


def write(
    transaction: ManagedTransaction, registry: str, mark: Mark, more: Mapping[str, Any] | None = None
) -> None:
    """Write a mark, and what else is said with it (None takes it away)."""
    transaction.run(_WRITE, registry=registry, said={**asdict(mark), **(more or {})}).consume()


def moved(found: Mark, expected: Mark) -> ConflictError:
    """Return the refusal of a change that was meant for another state."""
    return ConflictError(
        Text(
            zh=f"Neo4j 里的登记库已经在第 {found.position} 号变更，而不是第 {expected.position} 号："
            "可能有另一个程序也在发布。",
            en=f"The registry in Neo4j stands at change {found.position}, not {expected.position}:"
            " another program may be publishing too.",
        ),
        hint=Text(zh="请再运行一次。", en="Run it again."),
    )
