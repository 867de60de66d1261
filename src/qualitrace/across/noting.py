"""Whose personal data an answer holds, by registry (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import PUBLIC, Caller
from qualitrace.across.grants import Sees, sees
from qualitrace.across.model import Adoption, Duplicates
from qualitrace.profile.exposure import Exposures
from qualitrace.profile.model import Profile
from qualitrace.tracing.model import Node


def personal(answer: Adoption | Duplicates, seen: Sees, profile: Profile) -> Mapping[str, frozenset[str]]:
    """Return the nodes (IRIs) an answer holds of which not everything is public, by registry.

    Of registries of which only what is public is seen, none. It may name a node of which nothing protected
    was shown; never too few.
    """
    sensitive = Exposures.of(profile).sensitive
    family = {kind for one in sensitive for kind in (one, *_below(one, profile))}
    found: dict[str, frozenset[str]] = {}
    for registry, nodes in _nodes(answer).items():
        if seen(registry) != PUBLIC:
            noted = frozenset(node.iri for node in nodes if not family.isdisjoint(node.classes))
            if noted:
                found[registry] = noted
    return found


def note(
    answer: Adoption | Duplicates,
    caller: Caller,
    route: str,
    profile: Profile,
    write: Callable[[PersonalRead], None],
) -> None:
    """Note whose personal data an answer holds, a note for each registry; to be called before it is shown.

    ``write`` is :meth:`qualitrace.access.gate.Access.note`. Raises RegistryError, and nothing is to be shown.
    """
    for registry, nodes in sorted(personal(answer, sees(caller), profile).items()):
        write(PersonalRead.by(caller, f"{route} {registry}", nodes))


def _nodes(answer: Adoption | Duplicates) -> Mapping[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    if isinstance(answer, Duplicates):
        for kept in (kept for one in answer.found for kept in one.nodes):
            found.setdefault(kept.registry, []).append(kept.node)
        return found
    for registry, adopted in answer.registries.items():
        for one in adopted:
            traced = one.trace.nodes.values() if one.trace is not None else ()
            found.setdefault(registry, []).extend((one.node, *traced))
    return found


def _below(kind: str, profile: Profile) -> frozenset[str]:
    model = profile.classes.get(kind)
    return model.children if model is not None else frozenset()
