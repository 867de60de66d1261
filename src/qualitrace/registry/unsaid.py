"""Findings without what the profile calls private, for who sees everything else (decision 9) (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from typing import Protocol

from qualitrace.profile.exposure import PRIVATE, ByClass, Exposures
from qualitrace.profile.model import Profile
from qualitrace.registry.guarding import Views
from qualitrace.registry.redacting import INSTEAD, Redaction, Withheld, Words
from qualitrace.registry.veiling import Place, Veil
from qualitrace.terms import iri_of, is_iri, literal
from qualitrace.text import Text
from qualitrace.validation import CompiledShapes
from qualitrace.validation.model import Finding, Report


class _State(Protocol):
    @property
    def views(self) -> Views: ...


class Unsaid:
    """Takes private values out of findings of a registry, of a past state, or of a change to it."""

    def __init__(self, profile: Profile, compiled: Callable[[], CompiledShapes]) -> None:
        self._profile = profile
        self._compiled = compiled

    @cached_property
    def _private(self) -> Exposures:
        found = Exposures.of(self._profile)
        about, to = (
            {name: kept for name, by_class in side.items() if (kept := _only_private(by_class))}
            for side in (found.about, found.to)
        )
        return Exposures(about, to, _only_private(found.classes))

    @cached_property
    def _words(self) -> Words:
        return Words(self._compiled(), self._private)

    def report(self, state: _State, report: Report) -> Report:
        """Return a report with the same counts. Ask within ``state.reading()``."""
        return self._redaction(state).report(report) if self._private else report

    def findings(self, state: _State, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return findings about nodes that may be known of. Ask within ``state.reading()``."""
        if not self._private:
            return tuple(findings)
        return self._redaction(state).findings(findings)

    def refused(self, state: _State, findings: Iterable[object]) -> tuple[Finding, ...]:
        """Return findings of a change that was refused, with the cells that whoever made it has to mend."""
        found = [one for one in findings if isinstance(one, Finding)]
        return tuple(
            replace(self.findings(state, (one,))[0], sources=one.sources)
            for one in found
            if self.findings(state, (one,))
        )

    def _redaction(self, state: _State) -> _Private:
        veil = state.views.veil()
        withheld = Withheld.of(veil, _NotPrivate(veil))
        return _Private(
            withheld, lambda node: Text(), self._words, self._private, veil, self._profile.classes.keys()
        )


class _NotPrivate:
    """The places that somebody sees."""

    def __init__(self, veil: Veil) -> None:
        self._veil = veil

    def __contains__(self, place: object) -> bool:
        return isinstance(place, Place) and self._veil.hidden.get(place, ()) is not None


class _Private(Redaction):
    """Takes out also what the registry does not hold: what was refused, what is gone."""

    def __init__(
        self,
        withheld: Withheld,
        name: Callable[[str], Text],
        words: Words,
        private: Exposures,
        veil: Veil,
        classes: AbstractSet[str],
    ) -> None:
        super().__init__(withheld, name, words)
        self._private, self._veil, self._classes = private, veil, classes

    def finding(self, finding: Finding) -> Finding:
        """Return a finding without values of private properties."""
        kept = super().finding(finding)
        if not finding.value or not self._on_private_path(finding):
            return kept
        value = "" if is_iri(finding.value) else literal(INSTEAD)
        message = self._message(finding, {finding.focus}, worked_out=True)
        return replace(kept, value=value, message=message, sources=())

    def _on_private_path(self, finding: Finding) -> bool:
        """Tell whether the value may be one of a private property; where no class is known, it may."""
        for side in (self._private.about, self._private.to):
            for predicate, by_class in side.items():
                if f"<{predicate}>" not in finding.path:
                    continue
                known = self._kinds(finding.focus)
                if is_iri(finding.value):
                    known |= self._kinds(iri_of(finding.value))
                if not known or known & by_class.keys():
                    return True
        return False

    def _kinds(self, node: str) -> frozenset[str]:
        return frozenset() if node.startswith('"') else self._veil.kinds(node) & self._classes


def _only_private(by_class: ByClass) -> ByClass:
    return {name: exposure for name, exposure in by_class.items() if exposure == PRIVATE}
