"""What incremental validation looks up at every change, worked out once for compiled shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qualitrace.validation.compiled import CompiledShapes
from qualitrace.validation.compiler import Check
from qualitrace.validation.reads import Read, path_reads
from qualitrace.validation.rule import Rule
from qualitrace.validation.rules import rules_of
from qualitrace.validation.targets import Targets


@dataclass(frozen=True, slots=True)
class Root:
    """A shape with a target: its name, what it targets, and what decides that."""

    name: str
    targets: Targets
    reads: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Touching:
    """Which checks, targets and units a changed fact can matter to.

    ``reads`` are the different reads of each predicate, with the numbers of the checks that read so.
    """

    checks: tuple[Check, ...]
    numbers: Mapping[str, int]  # name of a check → its number
    reads: Mapping[str, tuple[tuple[Read, tuple[int, ...]], ...]]
    roots: tuple[Root, ...]
    root_of: tuple[Root, ...]  # by number of the check
    rules: Mapping[str, tuple[tuple[Rule, tuple[Root, ...]], ...]]  # by name of a root
    indirect: tuple[tuple[Rule, tuple[Root, ...]], ...]  # rules whose nodes are reached from a root's
    stewards: frozenset[Read]


def touching(compiled: CompiledShapes) -> Touching:
    """Return what changes are looked up in; it is kept with the compiled shapes."""
    if not isinstance(compiled.index, Touching):
        compiled.index = _touching(compiled)
    return compiled.index


def _touching(compiled: CompiledShapes) -> Touching:
    roots = {}
    for shape in compiled.roots:
        targets = compiled.targets(shape)
        roots[shape.name] = Root(shape.name, targets, tuple(dict.fromkeys(targets.reads())))
    reads: dict[str, dict[Read, list[int]]] = {}
    for number, check in enumerate(compiled.checks):
        for read in dict.fromkeys(check.reads):
            reads.setdefault(read.predicate, {}).setdefault(read, []).append(number)
    rules: dict[str, list[tuple[Rule, tuple[Root, ...]]]] = {}
    indirect = []
    for rule in rules_of(compiled):
        entry = rule, tuple(roots[root.name] for root in rule.roots)
        if rule.predicates or any(root.targets.queries for root in entry[1]):
            indirect.append(entry)
            continue
        for root in entry[1]:
            rules.setdefault(root.name, []).append(entry)
    return Touching(
        checks=compiled.checks,
        numbers={check.name: number for number, check in enumerate(compiled.checks)},
        reads={
            predicate: tuple((read, tuple(numbers)) for read, numbers in found.items())
            for predicate, found in reads.items()
        },
        roots=tuple(roots.values()),
        root_of=tuple(roots[check.root.name] for check in compiled.checks),
        rules={name: tuple(entries) for name, entries in rules.items()},
        indirect=tuple(indirect),
        stewards=frozenset(read for path in set(compiled.stewards.values()) for read in path_reads(path)),
    )
