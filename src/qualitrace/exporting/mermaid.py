"""A trace as a Mermaid flowchart, for pages and wikis that draw Mermaid (floor 4)."""

from __future__ import annotations

import re

from qualitrace.exporting.diagram import Box, Diagram, diagram_of
from qualitrace.profile.model import Profile
from qualitrace.text import Text
from qualitrace.tracing.model import Trace

_DASHES = {
    "inferred": "stroke-dasharray:8 4",
    "inherited": "stroke-dasharray:2 4",
    "absent": "stroke:#c62828",
}
_ROLES = (
    "classDef start stroke-width:3px",
    "classDef reached stroke:#1f7a4d,stroke-width:3px",
    "classDef absent fill:#fdecea,stroke:#c62828,color:#a31515",
)
_MORE = Text(zh="另有 {} 条路径未画出", en="{} more paths are not drawn")
_PARTIAL = Text(zh="答案不完整:已达上限", en="the answer is partial: a bound was reached")
# What Mermaid reads inside a quoted label: its quotes, entities, HTML, Markdown strings and lists.
_SPECIAL = re.compile(r"[\"#&<>`\\*_~|\[\]{}()%;$]")
_LIST = re.compile(r"(?:(?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d))\.(?=\s)|^[-+](?=\s)")


def trace_mermaid(trace: Trace, profile: Profile, language: str = "zh") -> str:
    """Return a trace as Mermaid flowchart text (https://mermaid.js.org/syntax/flowchart.html).

    Solid arrows are stated, long dashes inferred, short dashes inherited, red ones missing. Labels
    are escaped, so that no text of a document is read as Mermaid, HTML or Markdown.
    """
    return diagram_mermaid(diagram_of(trace, profile, language), language)


def diagram_mermaid(diagram: Diagram, language: str = "zh") -> str:
    """Return any picture of boxes and arrows as Mermaid flowchart text."""
    numbers = {box.key: f"n{number}" for number, box in enumerate(diagram.boxes)}
    notes = [_MORE.best(language, "en").format(diagram.hidden)] if diagram.hidden else []
    notes += [_PARTIAL.best(language, "en")] if diagram.partial else []
    title = f"{diagram.headline}, {diagram.as_of}" if diagram.as_of else diagram.headline
    lines = ["flowchart TB", f"  accTitle: {_plain(title)}"]
    lines += [f"  accDescr: {_plain('; '.join(notes))}"] if notes else []
    lines += [f'  {numbers[box.key]}["{_box_text(box)}"]' for box in diagram.boxes]
    for arrow in diagram.arrows:
        lines.append(f'  {numbers[arrow.source]} -->|"{escape(arrow.label)}"| {numbers[arrow.target]}')
    for basis, style in _DASHES.items():
        same = [str(number) for number, arrow in enumerate(diagram.arrows) if arrow.basis == basis]
        lines += [f"  linkStyle {','.join(same)} {style}"] if same else []
    lines += [f"  {role}" for role in _ROLES]
    for role in ("start", "reached", "absent"):
        same = [numbers[box.key] for box in diagram.boxes if box.role == role]
        lines += [f"  class {','.join(same)} {role}"] if same else []
    return "\n".join(lines) + "\n"


def _box_text(box: Box) -> str:
    return "<br/>".join(escape(bit) for bit in (box.heading, box.title, box.note) if bit)


def escape(text: str) -> str:
    """Write text so that Mermaid shows it as it is: special characters as ``#number;`` entities."""
    return _LIST.sub(_entity, _SPECIAL.sub(_entity, " ".join(text.split())))


def _entity(found: re.Match[str]) -> str:
    return f"#{ord(found.group())};"


def _plain(text: str) -> str:
    """Text for a line of its own, which runs to the end of the line and knows no entities."""
    return " ".join(text.replace(";", ",").replace("#", "").split())
