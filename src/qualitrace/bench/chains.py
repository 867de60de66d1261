"""Coverage as a plain resolver works it out: chains followed node by node over any store (floor 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from qualitrace.bench.stores import PlainStore, values
from qualitrace.graphql.filters import CODE_PATH, LABEL_PATH
from qualitrace.profile.dates import interval
from qualitrace.profile.model import ClassModel, PathStep, Profile
from qualitrace.terms import RDF_TYPE, language_text, lit_of

Link = Callable[[str, PathStep], list[str]]
_TYPE = ((PathStep(RDF_TYPE),),)


def group_verdicts(store: PlainStore, profile: Profile, of: str, day: int) -> dict[str, Any]:
    """Judge the nodes of a class by its chains on a day (an ordinal); ``groups`` counts them by a field."""
    model = profile.class_named(of)
    assert model is not None
    there: dict[str, bool] = {}

    def exists(node: str) -> bool:
        if node not in there:
            there[node] = _valid(store, profile, node, day)
        return there[node]

    def linked(node: str, link: PathStep) -> list[str]:
        ends = {term[1:-1] for term in store.step(node, link) if term.startswith("<")}
        return [end for end in ends if exists(end)]

    members = [node for node in store.members({model.iri, *model.children}) if exists(node)]
    whole = {node: _whole(node, _classes(store, profile, node), linked) for node in members}

    def groups(by: list[str]) -> list[dict[str, Any]]:
        path = next(one.path for one in model.properties if one.name == by[0])
        gathered: dict[str, list[bool]] = {}
        for node, complete in whole.items():
            ends = {end for steps in path for end in _follow(node, steps, linked)} or {""}
            for end in ends:
                gathered.setdefault(end, []).append(complete)
        ordered = sorted(gathered, key=lambda node: _order(store, node))
        return [{"node": node, **_counts(gathered[node])} for node in ordered]

    return {**_counts(list(whole.values())), "groups": groups}


def _counts(judged: list[bool]) -> dict[str, int]:
    return {"total": len(judged), "complete": sum(judged), "broken": len(judged) - sum(judged)}


def _classes(store: PlainStore, profile: Profile, node: str) -> list[ClassModel]:
    named = [term[1:-1] for term in values(store, _TYPE, node)]
    own = [profile.classes[iri] for iri in named if iri in profile.classes]
    above = {parent for one in own for parent in one.parents}
    return [*own, *(profile.classes[iri] for iri in above if iri in profile.classes)]


def _whole(node: str, classes: Iterable[ClassModel], linked: Link) -> bool:
    for chain in (chain for one in classes for chain in one.chains):
        nodes = {node}
        for link in chain.links:
            found = {one: linked(one, link) for one in nodes}
            if not all(found.values()):
                return False
            nodes = {end for ends in found.values() for end in ends}
    return True


def _follow(node: str, steps: Iterable[PathStep], linked: Link) -> set[str]:
    nodes = {node}
    for step in steps:
        nodes = {end for one in nodes for end in linked(one, step)}
    return nodes


def _valid(store: PlainStore, profile: Profile, node: str, day: int) -> bool:
    begins = [term for p in profile.trace.valid_from for term in store.step(node, PathStep(p))]
    ends = [term for p in profile.trace.valid_to for term in store.step(node, PathStep(p))]
    days = interval(begins, ends)
    return days is None or days[0] <= day <= days[1]


def _order(store: PlainStore, node: str) -> tuple[str, str]:
    if not node:
        return "", ""
    codes = [lit_of(term).value for term in values(store, CODE_PATH, node) if not term.startswith("<")]
    return min(codes, default="") or language_text(values(store, LABEL_PATH[:1], node)).best(), node
