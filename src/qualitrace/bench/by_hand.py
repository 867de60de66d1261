"""A trusted operation in process, beside a fetch of the same answer written by hand (floor 5).

The fetch knows its question beforehand: level by level it looks up quads, makes dictionaries and writes
them as JSON. It checks nothing: no types, no language but the one asked for, no limits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import pyoxigraph as ox

from qualitrace.bench.questions import Wanted, read_questions, wanted
from qualitrace.errors import UnavailableError
from qualitrace.graphql import build_schema, execute
from qualitrace.graphql.derive import derive
from qualitrace.graphql.model import ApiModel, Kind
from qualitrace.graphql.paging import natural
from qualitrace.profile import load_profile
from qualitrace.registry import Registry
from qualitrace.terms import RDFS_LABEL, SKOS_NOTATION
from qualitrace.text import Text

MOST = 3.0  # times what the fetch by hand costs
_LABEL, _CODE = ox.NamedNode(RDFS_LABEL), ox.NamedNode(SKOS_NOTATION)


@dataclass(slots=True)
class _Level:
    """What is read of the nodes of a level, in the order of the answer."""

    plain: list[tuple[str, ox.NamedNode]] = field(default_factory=list)
    links: list[tuple[str, ox.NamedNode, bool, bool, _Level]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def _level(model: ApiModel, type_name: str, asked: Wanted) -> _Level:
    level = _Level()
    for one in asked.below:
        level.keys.append(one.name)
        own = model.types[type_name].fields.get(one.name)
        if own is None:
            if one.name != "id":
                level.plain.append((one.name, _LABEL if one.name == "label" else _CODE))
            continue
        step = own.path[0][0]
        named = ox.NamedNode(step.predicate)
        if own.kind is Kind.LINK:
            below = _level(model, own.scalar, one)
            level.links.append((one.name, named, step.inverse, own.many, below))
        else:
            level.plain.append((one.name, named))
    return level


def _fetch(store: ox.Store, base: str, level: _Level, nodes: Sequence[str]) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    named = {node: ox.NamedNode(node) for node in nodes}
    start = len(base)
    for node in named:
        found[node] = dict.fromkeys(level.keys)
        found[node]["id"] = node[start:]
    for key, predicate in level.plain:
        for node, here in named.items():
            for quad in store.quads_for_pattern(here, predicate, None, None):
                found[node][key] = quad.object.value  # type: ignore[union-attr]
    for key, predicate, inverse, many, below in level.links:
        ends: dict[str, list[str]] = {}
        for node, here in named.items():
            if inverse:
                quads = store.quads_for_pattern(None, predicate, here, None)
                ends[node] = list({quad.subject.value for quad in quads})  # type: ignore[union-attr]
            else:
                quads = store.quads_for_pattern(here, predicate, None, None)
                ends[node] = list({quad.object.value for quad in quads})  # type: ignore[union-attr]
        rows = _fetch(store, base, below, list({end for one in ends.values() for end in one}))
        for node, one in ends.items():
            shown = [rows[end] for end in sorted(one, key=natural)]
            found[node][key] = shown if many else next(iter(shown), None)
    return found


def compare(journal: str, profile: str, name: str, copies: int) -> Mapping[str, Any]:
    """Measure a question that asks about a node of each copy: medians of processor time, in milliseconds.

    ``cold`` is the first time a node is asked about, ``warm`` a later time. Raises UnavailableError when
    the answers differ.
    """
    read = load_profile(Path(profile))
    registry = Registry.open(journal, read)
    schema = build_schema(registry)
    question = next(one for one in read_questions(read) if one.name == name)
    asked = wanted(question)
    nodes = asked.child("nodes")
    assert nodes is not None
    model = derive(read)
    type_name = next(type_.name for type_ in model.types.values() if type_.root == asked.name)
    level = _level(model, type_name, nodes)
    store, base = registry.engine.store, registry.base
    requests = question.requests(copies)

    def ours(variables: Mapping[str, Any]) -> bytes:
        answer = execute(schema, question.document, variables)
        if not answer.planned:
            raise UnavailableError(Text(zh="问题没有计划。", en="The question has no plan."), where=name)
        return answer.content

    def by_hand(variables: Mapping[str, Any]) -> bytes:
        start = base + variables[question.copies]
        rows = _fetch(store, base, level, [start])
        return orjson.dumps({"data": {asked.name: {"nodes": [rows[start]]}}})

    execute(schema, "{ __typename }", {})
    cold, hand = _timed(ours, requests), _timed(by_hand, requests)
    for variables in requests:
        if ours(variables) != by_hand(variables):
            raise UnavailableError(
                Text(zh="两个答案不同。", en="The two answers differ."), where=str(variables)
            )
    warm, again = _timed(ours, requests), _timed(by_hand, requests)
    best = min(hand, again)
    return {"cold": cold, "warm": warm, "by_hand": best, "ratio_cold": cold / best, "ratio": warm / best}


def _timed(work: Callable[[Mapping[str, Any]], bytes], requests: Sequence[Mapping[str, Any]]) -> float:
    times = []
    for one in requests:
        begun = time.thread_time()
        work(one)
        times.append((time.thread_time() - begun) * 1000)
    return median(times)
