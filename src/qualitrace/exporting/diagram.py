"""A trace as boxes and arrows, before any format (floor 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import rdflib

from qualitrace.exporting.wrapping import printable
from qualitrace.journal.model import Basis
from qualitrace.profile.model import Profile
from qualitrace.text import Text
from qualitrace.tracing.model import Ending, Node, Path, Step, Trace

BOX_LIMIT = 120

BASIS_WORDS = {
    "stated": Text(zh="明文", en="stated"),
    "inferred": Text(zh="推断", en="inferred"),
    "inherited": Text(zh="继承", en="inherited"),
}
_MISSING = Text(zh="缺少", en="missing")
EVERYTHING = Text(zh="一切", en="everything")
_REPAIR = Text(zh="由{}补正", en="to be repaired by {}")
_UNTIL_NOW = Text(zh="至今", en="now")


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the picture. ``role`` is start, through, reached or absent.

    A node without a name is called by its capacity and dates; ``note`` holds them otherwise, or who
    must repair an absence.
    """

    key: str
    role: str
    title: str
    kind: str = ""  # the class's label, or what is missing
    kind_name: str = ""  # the class's API name: a handle for styles
    code: str = ""
    note: str = ""

    @property
    def heading(self) -> str:
        """Class and code on one line."""
        return " ".join(bit for bit in (self.kind, self.code) if bit)


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge of the picture. ``basis`` is stated, inferred, inherited or absent."""

    source: str
    target: str
    basis: str
    label: str = ""
    places: tuple[str, ...] = ()  # where it is written


@dataclass(frozen=True, slots=True)
class Diagram:
    """What a picture shows, of a trace or of anything else that is boxes and arrows.

    ``to`` and ``as_of`` may be empty. ``hidden`` paths did not fit; ``partial`` as in the trace.
    """

    start: str
    to: str
    as_of: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    hidden: int = 0
    partial: bool = False

    @property
    def headline(self) -> str:
        """What stands above the picture."""
        return f"{self.start} → {self.to}" if self.to else self.start


def diagram_of(trace: Trace, profile: Profile, language: str, limit: int = BOX_LIMIT) -> Diagram:
    """Draw up the boxes and arrows of a trace, at most about ``limit`` boxes: whole paths only.

    Paths are taken in the trace's order; what does not fit is counted in ``hidden``.
    """
    painter = _Painter(trace, profile, language)
    shown = 0
    for path in trace.paths:
        if shown and len(painter.boxes) >= limit:
            break
        painter.add(path)
        shown += 1
    target = profile.classes.get(trace.to)
    return Diagram(
        start=painter.name(trace.start),
        to=target.labels.best(language) if target else EVERYTHING.best(language),
        as_of=trace.as_of,
        boxes=tuple(painter.boxes.values()),
        arrows=tuple(painter.arrows.values()),
        hidden=len(trace.paths) - shown,
        partial=trace.partial,
    )


class _Painter:
    def __init__(self, trace: Trace, profile: Profile, language: str) -> None:
        self.boxes: dict[str, Box] = {}
        self.arrows: dict[tuple[str, str, str], Arrow] = {}
        self._trace = trace
        self._profile = profile
        self._language = language
        self._details = {
            step.target: detail
            for path in trace.paths
            for step in path.steps
            if (detail := self._detail(step))
        }
        self._ends = {_walk(trace.start, p)[-1] for p in trace.paths if p.ending is Ending.REACHED}
        self._box(trace.start)

    def add(self, path: Path) -> None:
        """Add the boxes and arrows of one path that are not there yet."""
        nodes = _walk(self._trace.start, path)
        for node in nodes:
            self._box(node)
        for step in path.steps:
            self.arrows.setdefault((step.source, step.property, step.target), self._arrow(step))
        if path.ending is Ending.ABSENT:
            self._absence(nodes[-1], path)

    def name(self, node: str) -> str:
        """What a node is called: its label, else the end of its identifier."""
        return self._label(node) or printable(_short(self._profile.shorten(node)))

    def _label(self, node: str) -> str:
        found = self._trace.nodes.get(node)
        return printable(found.label.best(self._language)) if found else ""

    def _box(self, iri: str) -> None:
        if iri in self.boxes:
            return
        node = self._trace.nodes.get(iri) or Node(iri, (), Text())
        model = next((self._profile.classes[c] for c in node.classes if c in self._profile.classes), None)
        label, detail = self._label(iri), self._details.get(iri, "")
        role = "start" if iri == self._trace.start else "reached" if iri in self._ends else "through"
        self.boxes[iri] = Box(
            key=iri,
            role=role,
            title=label or detail or self.name(iri),
            kind=printable(model.labels.best(self._language)) if model else "",
            kind_name=re.sub(r"\W", "", model.name) if model else "",
            code=printable(node.code),
            note=detail if label else "",
        )

    def _arrow(self, step: Step) -> Arrow:
        return Arrow(
            source=step.source,
            target=step.target,
            basis=_line(step.basis),
            label=self._property(step.property),
            places=tuple(printable(source.place()) for source in step.sources),
        )

    def _absence(self, node: str, path: Path) -> None:
        key = f"{node} {path.missing}"
        label = self._property(path.missing)
        steward = self.name(path.steward) if path.steward else ""
        self.boxes.setdefault(
            key,
            Box(
                key=key,
                role="absent",
                title=printable(path.absence.best(self._language)) or _MISSING.best(self._language),
                kind=label,
                note=_REPAIR.best(self._language, "en").format(steward) if steward else "",
            ),
        )
        self.arrows.setdefault((node, path.missing, key), Arrow(node, key, "absent", label))

    def _property(self, iri: str) -> str:
        known = self._profile.trace.properties.get(iri)
        if known and known.labels:
            return printable(known.labels.best(self._language))
        labels = self._declared(iri)
        return printable(labels.best(self._language) or self._profile.shorten(iri))

    def _declared(self, iri: str) -> Text:
        labels = self._profile.ontology.objects(rdflib.URIRef(iri), rdflib.RDFS.label)
        found = sorted(label for label in labels if isinstance(label, rdflib.Literal))
        return Text({label.language or "": str(label) for label in reversed(found)})

    def _detail(self, step: Step) -> str:
        """In what capacity, and when, the end of a step holds."""
        dates = ""
        if step.valid_from or step.valid_to:
            dates = f"{step.valid_from} – {step.valid_to or _UNTIL_NOW.best(self._language, 'en')}"
        return " ".join(bit for bit in (printable(step.capacity.best(self._language)), dates) if bit)


def _short(iri: str) -> str:
    """The last two parts of an identifier: enough to tell it by."""
    return "/".join(iri.split("#")[-1].split("/")[-2:])


def _line(basis: Basis) -> str:
    """Facts read from a document are stated, however its cells were laid out."""
    return basis.value if basis in (Basis.INFERRED, Basis.INHERITED) else "stated"


def _walk(start: str, path: Path) -> list[str]:
    """The nodes of a path in walking order; steps point the same way in both directions of asking."""
    nodes = [start]
    for step in path.steps:
        nodes.append(step.target if step.source == nodes[-1] else step.source)
    return nodes
