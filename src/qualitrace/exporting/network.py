"""What was found in the network as boxes and arrows, and as a page (floor 4)."""

from __future__ import annotations

import re

import jinja2
from markupsafe import Markup

from qualitrace.errors import UnavailableError
from qualitrace.exporting.diagram import Arrow, Box, Diagram
from qualitrace.exporting.mermaid import diagram_mermaid
from qualitrace.exporting.svg import diagram_svg
from qualitrace.exporting.templating import bad_template, find_template
from qualitrace.exporting.wrapping import printable
from qualitrace.profile.model import Profile
from qualitrace.registry.network_words import FIGURES, ROLES
from qualitrace.registry.networking import NetworkAnswer, NetworkFinding
from qualitrace.text import Text
from qualitrace.tracing.model import Node

TEMPLATE = "network.html.j2"
LIMIT = 60  # boxes of one picture
PNG_ZOOM = 2
_NONE = Text(zh="没有查出", en="nothing found")


def network_diagram(answer: NetworkAnswer, profile: Profile, language: str, limit: int = LIMIT) -> Diagram:
    """Draw up the boxes and arrows of what was found: whole findings only, as many as fit.

    Of a finding that alone is larger, its first links are drawn. What is not drawn is counted.
    """
    boxes: dict[str, Box] = {}
    arrows: dict[tuple[str, str, str], Arrow] = {}
    hidden = 0
    for number, finding in enumerate(answer.findings):
        if boxes and len(boxes) >= limit:
            hidden = len(answer.findings) - number
            break
        _draw(finding, answer, profile, language, limit, boxes, arrows)
    if not boxes:
        said = _NONE if answer.checked else answer.summary
        boxes[""] = Box("", "through", printable(said.best(language)))
    return Diagram(
        start=printable(answer.titles.best(language)) or answer.question,
        to="",
        as_of=answer.as_of,
        boxes=tuple(boxes.values()),
        arrows=tuple(arrows.values()),
        hidden=hidden,
    )


def _draw(
    finding: NetworkFinding,
    answer: NetworkAnswer,
    profile: Profile,
    language: str,
    limit: int,
    boxes: dict[str, Box],
    arrows: dict[tuple[str, str, str], Arrow],
) -> None:
    first = next((nodes[0] for nodes in finding.nodes.values() if nodes), None)
    roles = {node.iri: role for role, nodes in reversed(list(finding.nodes.items())) for node in nodes}
    known = {node.iri: node for nodes in finding.nodes.values() for node in nodes}
    start = len(boxes)

    def add(node: Node) -> None:
        if node.iri not in boxes:
            main = first is not None and node.iri == first.iri
            box = _box(node, profile, language, "start" if main else "through")
            role = _role(roles.get(node.iri, ""), language)
            home = printable(answer.homes.get(node.iri, Text()).best(language))
            said = (home, _figures(finding, language) if main else role)
            note = " · ".join(bit for bit in said if bit)
            boxes[node.iri] = Box(box.key, box.role, box.title, box.kind, box.kind_name, box.code, note)

    if first is not None:
        add(first)
    for link in finding.links:
        ends = [
            answer.names.get(end) or known.get(end) or Node(end, (), Text())
            for end in (link.source, link.target)
        ]
        new = sum(node.iri not in boxes for node in ends)
        if len(boxes) - start + new > limit:
            break
        for node in ends:
            add(node)
        by = answer.properties.get(link.by, Text()).best(language)
        arrows.setdefault(
            (link.source, link.target, link.by), Arrow(link.source, link.target, "stated", printable(by))
        )
    for node in known.values():
        if not finding.links and len(boxes) - start < limit:
            add(node)


def _box(node: Node, profile: Profile, language: str, role: str) -> Box:
    model = next((profile.classes[c] for c in node.classes if c in profile.classes), None)
    short = "/".join(node.iri.split("#")[-1].split("/")[-2:])
    return Box(
        key=node.iri,
        role=role,
        title=printable(node.label.best(language)) or printable(short),
        kind=printable(model.labels.best(language)) if model else "",
        kind_name=re.sub(r"\W", "", model.name) if model else "",
        code=printable(node.code),
    )


def _figures(finding: NetworkFinding, language: str) -> str:
    said = (
        f"{FIGURES[name].best(language)} {number:g}"
        for name, number in finding.figures.items()
        if name in FIGURES
    )
    return "，".join(said) if language.startswith("zh") else ", ".join(said)


def _role(role: str, language: str) -> str:
    quiet = ("ring", "knot", "member", "item", "part", "")
    return "" if role in quiet else ROLES[role].best(language)


def network_svg(answer: NetworkAnswer, profile: Profile, language: str = "zh") -> str:
    """Return what was found as a picture. Raises ProfileError when the profile's template cannot be used."""
    return diagram_svg(network_diagram(answer, profile, language), profile, language)


def network_png(answer: NetworkAnswer, profile: Profile, language: str = "zh") -> bytes:
    """Return the picture as PNG, in the fonts of this machine.

    Raises UnavailableError when the library that draws it is not installed, and as :func:`network_svg` does.
    """
    try:
        import resvg_py
    except ImportError as error:
        raise UnavailableError(
            Text(zh="这里没有安装画 PNG 的程序库。", en="The library that draws PNG is not installed here."),
            hint=Text(
                zh='请安装 "qualitrace[pictures]"，或改写成 .svg。',
                en='Install "qualitrace[pictures]", or write .svg instead.',
            ),
        ) from error
    drawn = resvg_py.svg_to_bytes(
        svg_string=network_svg(answer, profile, language), background="white", zoom=PNG_ZOOM
    )
    return bytes(drawn)


def network_mermaid(answer: NetworkAnswer, profile: Profile, language: str = "zh") -> str:
    """Return what was found as Mermaid flowchart text."""
    return diagram_mermaid(network_diagram(answer, profile, language), language)


def network_html(answer: NetworkAnswer, profile: Profile, language: str = "zh") -> str:
    """Return a page that needs nothing else: sentences, numbers, names and the picture.

    Raises ProfileError when the profile's template cannot be used.
    """
    template, where = find_template(profile, TEMPLATE)
    try:
        return template.render(
            answer=answer,
            language=language,
            picture=Markup(network_svg(answer, profile, language)),
            figures=FIGURES,
            roles=ROLES,
        )
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise bad_template(where, str(error)) from error  # what expressions in a template may raise
