"""Findings without what an audience does not see (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import ahocorasick
import rdflib

from qualitrace.profile.exposure import Exposures
from qualitrace.registry.veiling import Place, Veil
from qualitrace.terms import RDF_TYPE, SH, iri_of, is_iri, lit_of, literal
from qualitrace.text import Text
from qualitrace.validation import CompiledShapes
from qualitrace.validation.enrich import rule_of
from qualitrace.validation.model import Acceptance, Finding, Report
from qualitrace.validation.reads import ANY

_IN_SPARQL = (SH + "SPARQLConstraintComponent", "")
_SHORT = 1  # so few characters stand in many texts by chance: they count at their own node only
INSTEAD = "（不公开 / not shown）"


@dataclass(frozen=True)
class Withheld:
    """What an audience does not see: texts by the node they are about, and nodes of which nothing is seen."""

    texts: Mapping[str, frozenset[str]]
    nodes: frozenset[str]

    @classmethod
    def of(cls, veil: Veil, shown: Container[Place]) -> Withheld:
        """Gather what is hidden and not ``shown``."""
        texts: dict[str, set[str]] = {}
        nodes = set()
        for place in veil.hidden:
            if place in shown:
                continue
            fact = place.fact
            if not is_iri(fact.object):
                texts.setdefault(fact.subject, set()).add(lit_of(fact.object).value)
            elif fact.predicate == RDF_TYPE:
                nodes.add(fact.subject)
        for node in nodes:
            texts.setdefault(node, set()).add(node)
        return cls({node: frozenset(said) for node, said in texts.items()}, frozenset(nodes))

    @cached_property
    def _automaton(self) -> Any:
        found = ahocorasick.Automaton()
        for said in self.texts.values():
            for text in said:
                if len(text) > _SHORT:
                    found.add_word(text, text)
        found.make_automaton()
        return found

    def in_text(self, text: str, nodes: Iterable[str] = ()) -> str:
        """Return a text with what is withheld taken out; short texts only of these nodes."""
        marked: list[tuple[int, int]] = []
        if len(self._automaton):
            marked += [(end + 1 - len(word), end + 1) for end, word in self._automaton.iter(text)]
        for word in {word for node in nodes for word in self.texts.get(node, ()) if 0 < len(word) <= _SHORT}:
            marked += [(at, at + len(word)) for at in range(len(text)) if text.startswith(word, at)]
        return _without(text, marked)


def _without(text: str, marked: list[tuple[int, int]]) -> str:
    made, at = [], 0
    for start, end in sorted(marked):
        if end <= at:
            continue
        if start >= at:
            made += [text[at:start], INSTEAD]
        at = end
    return "".join([*made, text[at:]])


class Words:
    """Which messages may hold what was worked out from hidden values: those of rules that read any.

    A rule in SPARQL may say half a name, or how long it is; a rule of SHACL's own names whole values.
    """

    def __init__(self, compiled: CompiledShapes, exposures: Exposures) -> None:
        hidden = {ANY, *exposures.about, *exposures.to}
        self._careful = bool(exposures)
        self._closed = bool(exposures.classes)
        self._harmless = {
            check.name
            for check in compiled.checks
            if hidden.isdisjoint(read.predicate for read in check.reads)
        }
        careful = {rule_of(one.shapes) for one in compiled.checks if one.name not in self._harmless}
        self._harmless_rules = {rule_of(one.shapes) for one in compiled.checks} - careful
        messages = map(str, compiled.shapes.graph.objects(None, rdflib.URIRef(SH + "message")))
        self._fixed = frozenset(words for words in messages if "{" not in words)

    def worked_out(self, finding: Finding) -> bool:
        """Tell whether value and message may hold more than whole values and names."""
        # Another validator tells the rule, and not which check of it.
        harmless = finding.check in self._harmless if finding.check else finding.rule in self._harmless_rules
        if not self._careful or (harmless and not self._closed):
            return False
        return finding.component in _IN_SPARQL or not finding.component.startswith(SH)

    def fixed(self, text: Text) -> bool:
        """Tell whether a message says the same of every node."""
        return self._fixed.issuperset(text.values())


class Redaction:
    """Takes out of findings what is withheld. ``name`` says what nodes are called whose names are."""

    def __init__(self, withheld: Withheld, name: Callable[[str], Text], words: Words) -> None:
        self._withheld = withheld
        self._name = name
        self._words = words
        self._rules: Mapping[str, Text] = {}

    def report(self, report: Report) -> Report:
        """Return a report with the same counts; a notice tells how many findings are withheld altogether."""
        self._rules = {rule.rule: rule.labels for rule in report.rules}
        kept = self.findings(report.findings)
        gone = len(report.findings) - len(kept)
        notices = report.notices
        if gone:
            notices = (*notices, _partial(gone))
        return replace(report, findings=kept, notices=notices)

    def findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return findings about nodes of which something is seen."""
        return tuple(self.finding(one) for one in findings if not self._closed(one))

    def _closed(self, finding: Finding) -> bool:
        nodes = self._withheld.nodes
        return finding.focus in nodes or finding.root in nodes

    def finding(self, finding: Finding) -> Finding:
        """Return a finding without values, labels and cells that are withheld."""
        value = iri_of(finding.value) if is_iri(finding.value) else ""
        nodes = {finding.focus, finding.root, value, *finding.mentions}
        worked_out = self._words.worked_out(finding)
        kept = self._term(finding.value, nodes)
        if worked_out and kept.startswith('"'):
            kept = literal(INSTEAD)
        closed = self._withheld.nodes
        return replace(
            finding,
            focus=self._term(finding.focus, nodes) if finding.focus.startswith('"') else finding.focus,
            value=kept,
            message=self._message(finding, nodes, worked_out=worked_out),
            fix=self._text(finding.fix, nodes),
            focus_label=self._label(finding.focus, finding.focus_label, nodes),
            unit="" if finding.unit in closed else finding.unit,
            unit_label=self._label(finding.unit, finding.unit_label, nodes),
            sources=finding.sources if kept == finding.value else (),
            because=tuple(self.finding(one) for one in finding.because if not self._closed(one)),
            mentions=finding.mentions - closed,
            excepted=self._acceptance(finding.excepted, nodes),
        )

    def _message(self, finding: Finding, nodes: Iterable[str], *, worked_out: bool) -> Text:
        if not worked_out or self._words.fixed(finding.message):
            return self._text(finding.message, nodes)
        label = self._rules.get(finding.rule, Text())
        return Text(
            zh=f"{label.best('zh')}：不成立（详情不公开）。",
            en=f"Does not hold: {label.best('en')} (details not shown).",
        )

    def _label(self, node: str, label: Text, nodes: Iterable[str]) -> Text:
        return self._name(node) or self._text(label, nodes)

    def _text(self, text: Text, nodes: Iterable[str]) -> Text:
        return Text({tag: self._withheld.in_text(said, nodes) for tag, said in text.items()})

    def _term(self, term: str, nodes: Iterable[str]) -> str:
        if not term:
            return term
        if is_iri(term):
            return "" if iri_of(term) in self._withheld.nodes else term
        said = lit_of(term).value
        return term if self._withheld.in_text(said, nodes) == said else literal(INSTEAD)

    def _acceptance(self, acceptance: Acceptance | None, nodes: Iterable[str]) -> Acceptance | None:
        if acceptance is None:
            return None
        return Acceptance(INSTEAD, self._withheld.in_text(acceptance.reason, nodes), acceptance.until)


def _partial(count: int) -> Text:
    return Text(
        zh=f"本报告不完整：有 {count} 条结果涉及不公开的内容，没有列出。",
        en=f"This report is partial: {count} findings about what is not shown are left out.",
    )
