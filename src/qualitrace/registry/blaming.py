"""Who stated each fact about a node, when, in which changeset, from which cell (floor 3)."""

from __future__ import annotations

from dataclasses import dataclass

from qualitrace.journal.lookup import Signature, statements_about
from qualitrace.journal.model import SourcedFact
from qualitrace.registry.past import Past
from qualitrace.registry.private import private_by_class
from qualitrace.registry.registry import Registry
from qualitrace.registry.speaking import Speaker
from qualitrace.store import STATED
from qualitrace.terms import iri
from qualitrace.text import Text


@dataclass(frozen=True, slots=True)
class Blamed:
    """A statement about a node: what it says, who made it, and who removed it, if anybody did.

    ``incoming``: another node says it, and leads here.
    """

    entry: SourcedFact
    property: Text
    value: Text
    incoming: bool
    stated: Signature
    removed: Signature | None


def blame(state: Registry | Past, node: str, *, everything: bool = False) -> list[Blamed]:
    """Tell who stated what about a node (any name that ``resolve`` takes), oldest first.

    Of a state on a date, only what holds on it. With ``everything`` also what has been removed since, and
    by whom; a node that has left the registry is then known by its identifier. What is private is left out.
    Raises UnknownNodeError.
    """
    name = _known(state, node) if everything else state.resolve(node)
    linking = {fact.subject for fact in state.engine.facts(STATED, object=iri(name))} - {name}
    speaker = Speaker(state.profile, state.base, state.engine)
    dated = state._on is not None
    holding = (
        {f for one in (name, *linking) for f in state.engine.facts(STATED, subject=one)} if dated else ()
    )
    said = statements_about(state.journal, {name, *linking}, ended=everything)
    private = private_by_class(state.profile, state.engine, stated=(one.entry.fact for one in said))
    found = []
    for statement in said:
        fact = statement.entry.fact
        incoming = fact.subject != name
        if incoming and (fact.object != iri(name) or statement.ended):
            continue
        if private(fact) or (dated and not statement.ended and fact not in holding):
            continue
        value = speaker.node(fact.subject).label if incoming else speaker.value(fact.object)
        found.append(
            Blamed(
                statement.entry,
                speaker.property(fact.predicate),
                value,
                incoming,
                statement.stated,
                statement.ended,
            )
        )
    return found


def _known(state: Registry | Past, node: str) -> str:
    """Find a node by name; one that has left is still known by its identifier."""
    for candidate in (state.base + node.strip(), node.strip()):
        if ":" in candidate and statements_about(state.journal, [candidate], ended=True):
            return candidate
    return state.resolve(node)
