"""What a scenario would break and mend, as a picture and as a page (floor 4)."""

from __future__ import annotations

from collections.abc import Iterator

import jinja2

from qualitrace.exporting.diagram import BOX_LIMIT, Arrow, Box, Diagram
from qualitrace.exporting.mermaid import diagram_mermaid
from qualitrace.exporting.svg import diagram_svg
from qualitrace.exporting.templating import bad_template, find_template
from qualitrace.exporting.wrapping import printable
from qualitrace.profile.model import Profile
from qualitrace.registry.differing import VerdictChange
from qualitrace.registry.what_if import WhatIf
from qualitrace.registry.what_if_words import TITLES, counts, headline, sections
from qualitrace.text import Text
from qualitrace.tracing.model import Node

TEMPLATE = "what-if.html.j2"
_WHAT_IF = Text(zh="如果：", en="What if: ")
_REPAIR = Text(zh="由{}补正", en="to be repaired by {}")
_WHOLE = Text(zh="链条补齐", en="whole again")
_NOBODY = Text(zh="没有人负责", en="nobody answers")
_START = "what-if"


def what_if_diagram(found: WhatIf, profile: Profile, language: str) -> Diagram:
    """Draw up what is changed, and from each change what breaks by it or is mended."""
    painter = _Painter(found, profile, language)
    painter.draw()
    return Diagram(
        start=_WHAT_IF.best(language, "en") + printable(headline(found, language)),
        to="",
        as_of=found.as_of,
        boxes=tuple(painter.boxes.values()),
        arrows=tuple(painter.arrows.values()),
        hidden=painter.hidden,
    )


class _Painter:
    def __init__(self, found: WhatIf, profile: Profile, language: str) -> None:
        self.boxes: dict[str, Box] = {}
        self.arrows: dict[tuple[str, str], Arrow] = {}
        self.hidden = 0
        self._found, self._profile, self._language = found, profile, language
        self._changed = {change.node.iri for change in found.difference.nodes}

    def draw(self) -> None:
        title = printable(headline(self._found, self._language))
        self.boxes[_START] = Box(_START, "start", title)
        judged = {verdict.node.iri for verdict in self._found.difference.verdicts}
        for verdict in self._found.difference.verdicts:
            self._verdict(verdict)
        for one in self._found.answering:
            if one.node.iri not in judged | self._changed and one.after.value == "nobody" and self._room():
                note = _NOBODY.best(self._language, "en")
                self._box(one.node, "absent", note)
                self._arrow(_START, one.node.iri, "absent", "")
        if len(self.boxes) == 1:  # it breaks and mends nothing: what is changed is all there is
            for change in self._found.difference.nodes:
                if self._room():
                    self._through(change.node)

    def _verdict(self, verdict: VerdictChange) -> None:
        if not self._room():
            return
        causes = list(self._causes(verdict)) or [_START]
        if verdict.broken and verdict.after is not None:
            absence = verdict.after.absence.best(self._language)
            units = self._found.units
            unit = units[verdict.unit].label.best(self._language) if verdict.unit in units else ""
            note = _REPAIR.best(self._language, "en").format(unit) if unit else ""
            self._box(verdict.node, "absent", note)
        else:
            absence = ""
            self._box(verdict.node, "reached", _WHOLE.best(self._language, "en"))
        for cause in causes:
            self._arrow(cause, verdict.node.iri, "absent" if verdict.broken else "stated", absence)

    def _causes(self, verdict: VerdictChange) -> Iterator[str]:
        """The changed nodes that stood, or stand, where the chain breaks."""
        at = verdict.after.at.iri if verdict.after is not None and verdict.after.at is not None else ""
        for name in (*verdict.lost, at):
            if name in self._changed and name != verdict.node.iri:
                node = next(one.node for one in self._found.difference.nodes if one.node.iri == name)
                self._through(node)
                yield name

    def _through(self, node: Node) -> None:
        if node.iri not in self.boxes:
            self._box(node, "through", "")
        self._arrow(_START, node.iri, "stated", "")

    def _room(self) -> bool:
        if len(self.boxes) < BOX_LIMIT:
            return True
        self.hidden += 1
        return False

    def _box(self, node: Node, role: str, note: str) -> None:
        models = [self._profile.classes[kind] for kind in node.classes if kind in self._profile.classes]
        self.boxes[node.iri] = Box(
            key=node.iri,
            role=role,
            title=printable(node.label.best(self._language)),
            kind=models[0].labels.best(self._language) if models else "",
            kind_name=models[0].name if models else "",
            code=printable(node.code),
            note=printable(note),
        )

    def _arrow(self, source: str, target: str, basis: str, label: str) -> None:
        self.arrows[source, target] = Arrow(source, target, basis, printable(label))


def what_if_svg(found: WhatIf, profile: Profile, language: str = "zh") -> str:
    """Return the picture. Raises ProfileError when the profile's template cannot be used."""
    return diagram_svg(what_if_diagram(found, profile, language), profile, language)


def what_if_mermaid(found: WhatIf, profile: Profile, language: str = "zh") -> str:
    """Return the picture as Mermaid flowchart text."""
    return diagram_mermaid(what_if_diagram(found, profile, language), language)


def what_if_html(found: WhatIf, profile: Profile, language: str = "zh", *, stands_at: str = "") -> str:
    """Return a page of HTML5 with the picture and all that is different, unit by unit.

    ``stands_at`` says which state of the registry it is about. Raises ProfileError when the profile's
    template cannot be used.
    """
    template, where = find_template(profile, TEMPLATE)
    asked = found.asked
    try:
        return template.render(
            language=language,
            title=printable(headline(found, language)),
            says=printable(asked.scenario.says.best(language)) if asked else "",
            since=asked.since.isoformat() if asked and asked.scenario.day else "",
            as_of=found.as_of,
            stands_at=stands_at,
            counts=[(kind, TITLES[kind].best(language), n) for kind, n in counts(found).items() if n],
            picture=what_if_svg(found, profile, language),
            sections=[
                {
                    "title": printable(section.title),
                    "lines": [
                        (line.kind, TITLES[line.kind].best(language), printable(line.text), line.below)
                        for line in section.lines
                    ],
                }
                for section in sections(found, language)
            ],
        )
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise bad_template(where, str(error)) from error  # what expressions in a template may raise
