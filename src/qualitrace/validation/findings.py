"""The findings of a report, kept so that a change which touches few of them costs little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import overload

from qualitrace.validation.hierarchy import Hierarchy
from qualitrace.validation.model import Finding

Groups = Mapping[str, Mapping[str, tuple[Finding, ...]]]
Place = tuple[str, str]  # check, focus node of the shape with the target
_STALE_FACTOR = 4


class Findings(Sequence[Finding]):
    """Findings in a stable order. Two of them are equal when they hold the same findings.

    They are grouped by the check that found them and the node it started from, so that
    :meth:`replaced` shares the groups it does not touch. The flat sequence is put in order when it is
    first asked for. Immutable; safe to read from several threads.
    """

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._set(sorted(findings, key=order))

    def _set(self, ordered: Sequence[Finding]) -> None:
        self.version: object = object()
        self._flat: tuple[Finding, ...] | None = tuple(ordered)
        self._count = len(self._flat)
        self._groups: tuple[Groups, Groups] | None = None
        self._places: _Places | None = None
        self.hierarchy: Hierarchy | None = None  # the subclass pairs of the data, where known
        self._step: tuple[object, tuple[Finding, ...], tuple[Finding, ...]] | None = None

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> Findings:
        """Return findings as they are, or put any other sequence in order."""
        return findings if isinstance(findings, cls) else cls(findings)

    # As a sequence

    @property
    def all(self) -> tuple[Finding, ...]:
        """The findings in their order."""
        if self._flat is None:
            by_check, _ = self._grouped
            flat = chain.from_iterable(chain.from_iterable(nodes.values()) for nodes in by_check.values())
            self._flat = tuple(sorted(flat, key=order))
        return self._flat

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.all)

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, at: int | slice) -> Finding | tuple[Finding, ...]:
        return self.all[at]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Findings):
            return self.version is other.version or self.all == other.all
        return self.all == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.all)

    def __repr__(self) -> str:
        return repr(self.all)

    # By what found them

    @property
    def _grouped(self) -> tuple[Groups, Groups]:
        if self._groups is None:
            by_check: dict[str, dict[str, tuple[Finding, ...]]] = {}
            by_rule: dict[str, dict[str, tuple[Finding, ...]]] = {}
            for finding in self._flat or ():
                _put(by_check.setdefault(finding.check, {}), root_of(finding), finding)
                _put(by_rule.setdefault(finding.rule, {}), finding.focus, finding)
            self._groups = by_check, by_rule
        return self._groups

    def found_by(self, check: str, nodes: Iterable[str] | None) -> list[Finding]:
        """Return what a check found when it started from some nodes; from any, when None."""
        at = self._grouped[0].get(check, {})
        found = at.values() if nodes is None else (at[node] for node in nodes if node in at)
        return list(chain.from_iterable(found))

    def at(self, rule: str, node: str) -> tuple[Finding, ...]:
        """Return the findings of a rule on a focus node."""
        return self._grouped[1].get(rule, {}).get(node, ())

    def failed(self, rule: str) -> int:
        """Count the nodes that a rule fails on."""
        return len(self._grouped[1].get(rule, {}))

    def naming(self, nodes: Iterable[str]) -> set[Place]:
        """Return where a check must start again when labels or units of nodes change; a few too many."""
        if self._places is None or self._places.count > _STALE_FACTOR * (self._count + 1000):
            self._places = _Places()
            self._places.note(self.all)
        return {place for node in nodes for place in self._places.by_node.get(node, ())}

    # Changing

    def replaced(self, gone: Iterable[Finding], fresh: Iterable[Finding]) -> Findings:
        """Return findings with some taken out and others put in. What stays is shared."""
        before, after = Counter(gone), Counter(fresh)
        out, into = tuple((before - after).elements()), tuple((after - before).elements())
        new = Findings()
        new._groups = (
            _changed(self._grouped[0], out, into, _by_check),
            _changed(self._grouped[1], out, into, _by_rule),
        )
        new._flat = None if out or into else self._flat
        new._count = self._count - len(out) + len(into)
        # Shared: what is noted for a version that came to nothing costs a check too many, no more.
        new._places = self._places
        if new._places is not None:
            new._places.note(into)
        new.hierarchy = self.hierarchy
        new._step = (self.version, out, into)
        return new

    def follows(self, earlier: Findings) -> bool:
        """Tell whether these are the earlier findings, or were made from them in one step."""
        came_from = self._step[0] if self._step else None
        return earlier.version in (self.version, came_from)

    def since(self, earlier: Findings) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return the findings that were not there earlier, and those that were and are gone."""
        if self.version is earlier.version:
            return (), ()
        if self._step and self._step[0] is earlier.version:
            return self._step[2], self._step[1]
        now, then = Counter(self.all), Counter(earlier.all)
        return tuple((now - then).elements()), tuple((then - now).elements())


class _Places:
    """Where checks must start again when a node's label or unit changes. Only ever added to."""

    def __init__(self) -> None:
        self.by_node: dict[str, list[Place]] = {}
        self.count = 0

    def note(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if finding.check:
                self.count += 1
                place = finding.check, root_of(finding)
                for node in {*finding.mentions, *_standing(finding)}:
                    self.by_node.setdefault(node, []).append(place)


def _standing(finding: Finding) -> Iterator[str]:
    """The nodes from which the unit of a finding, or of a reason for it, is looked for."""
    yield finding.focus
    yield root_of(finding)
    for reason in finding.because:
        yield from _standing(reason)


def root_of(finding: Finding) -> str:
    """Return the focus node of the shape with the target that a finding comes from."""
    return finding.root or finding.focus


def order(finding: Finding) -> tuple[str, ...]:
    """What findings are sorted by."""
    return (
        finding.rule,
        finding.focus,
        finding.component,
        finding.path,
        finding.value,
        finding.shape,
        finding.constraint,
        finding.root_shape,
        finding.root,
        finding.check,
    )


def _by_check(finding: Finding) -> tuple[str, str]:
    return finding.check, root_of(finding)


def _by_rule(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.focus


def _put(nodes: dict[str, tuple[Finding, ...]], node: str, finding: Finding) -> None:
    nodes[node] = (*nodes.get(node, ()), finding)


def _take(nodes: dict[str, tuple[Finding, ...]], node: str, finding: Finding) -> None:
    left = list(nodes[node])
    left.remove(finding)
    if left:
        nodes[node] = tuple(left)
    else:
        del nodes[node]


def _changed(
    groups: Groups, out: Iterable[Finding], into: Iterable[Finding], key: Callable[[Finding], tuple[str, str]]
) -> Groups:
    """Copy the groups that change, and share the others."""
    changed: dict[str, dict[str, tuple[Finding, ...]]] = {}
    for act, findings in ((_take, out), (_put, into)):
        for finding in findings:
            name, node = key(finding)
            if name not in changed:
                changed[name] = dict(groups.get(name, {}))
            act(changed[name], node, finding)
    return {**groups, **changed}
