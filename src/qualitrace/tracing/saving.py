"""The traced graph as bytes, and back: reading it anew from a store takes some twenty times as long."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping
from itertools import islice

import orjson

from qualitrace.store import Engine
from qualitrace.tracing.graph import TraceGraph
from qualitrace.tracing.schema import TraceSchema

_FORM = 1
_PARTS = ("names", "out", "into", "inferred", "types", "intervals")


def dump(graph: TraceGraph, schema: TraceSchema) -> bytes:
    """Write a graph down. Only :func:`load` of the same version and byte order reads it."""
    kinds = {types: number for number, types in enumerate(dict.fromkeys(graph.types.values()))}
    parts = {
        "names": "\n".join(graph.names).encode(),
        "out": _adjacency(graph.out),
        "into": _adjacency(graph.into),
        "inferred": _numbers(number for pair in sorted(graph.inferred) for number in pair),
        "types": _numbers(number for node, said in graph.types.items() for number in (node, kinds[said])),
        "intervals": _numbers(number for node, days in graph.intervals.items() for number in (node, *days)),
    }
    head = {
        "form": _FORM,
        "order": sys.byteorder,
        "properties": list(schema.properties),
        "kinds": [sorted(types) for types in kinds],
        "sizes": [len(parts[name]) for name in _PARTS],
    }
    return b"".join([orjson.dumps(head), b"\n", *(parts[name] for name in _PARTS)])


def load(data: bytes, engine: Engine, schema: TraceSchema) -> TraceGraph:
    """Read a graph back. Raises ValueError when it was written by another version or for other properties."""
    first, _, rest = data.partition(b"\n")
    head = orjson.loads(first)
    if (head.get("form"), head.get("order")) != (_FORM, sys.byteorder):
        raise ValueError("written by another version")
    if head["properties"] != list(schema.properties):
        raise ValueError("written for other properties")
    if sum(head["sizes"]) != len(rest):
        raise ValueError("not whole")
    parts, at = {}, 0
    for name, size in zip(_PARTS, head["sizes"], strict=True):
        parts[name] = rest[at : at + size]
        at += size
    graph = TraceGraph(engine, schema)
    graph.set_names(parts["names"].decode().split("\n") if parts["names"] else [])
    graph.out, graph.into = _entries(parts["out"]), _entries(parts["into"])
    numbers = iter(_array(parts["inferred"]))
    graph.inferred = set(zip(numbers, numbers, strict=True))
    kinds = [frozenset(types) for types in head["kinds"]]
    numbers = iter(_array(parts["types"]))
    graph.set_types({node: kinds[kind] for node, kind in zip(numbers, numbers, strict=True)})
    numbers = iter(_array(parts["intervals"]))
    triples = zip(numbers, numbers, numbers, strict=True)
    graph.intervals = {node: (first_day, last_day) for node, first_day, last_day in triples}
    return graph


def _numbers(values: Iterable[int]) -> bytes:
    return array("q", values).tobytes()


def _array(data: bytes) -> array[int]:
    numbers = array("q")
    numbers.frombytes(data)
    return numbers


def _adjacency(side: Mapping[int, tuple[int, ...]]) -> bytes:
    """How many nodes, the nodes, how many entries each has, and all entries."""
    counts = (len(entries) for entries in side.values())
    entries = (entry for found in side.values() for entry in found)
    return _numbers([len(side)]) + _numbers(side) + _numbers(counts) + _numbers(entries)


def _entries(data: bytes) -> dict[int, tuple[int, ...]]:
    numbers = _array(data)
    size = numbers[0]
    entries = iter(numbers[1 + 2 * size :])
    return {
        node: tuple(islice(entries, count))
        for node, count in zip(numbers[1 : 1 + size], numbers[1 + size : 1 + 2 * size], strict=True)
    }
