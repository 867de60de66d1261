"""A trace as an SVG picture (floor 4).

Geometry is worked out here; the drawing itself is a template, so that a profile can restyle it:
``exports/trace.svg.j2`` of the profile, which may extend ``default/trace.svg.j2`` of this package.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import jinja2

from qualitrace.exporting.diagram import BASIS_WORDS, Arrow, Box, Diagram, diagram_of
from qualitrace.exporting.layers import Gaps, Placed, Point, Route, place, spread
from qualitrace.exporting.templating import bad_template, find_template
from qualitrace.exporting.wrapping import em_width, wrap
from qualitrace.profile.model import Profile
from qualitrace.tracing.model import Trace

TEMPLATE = "trace.svg.j2"

# Pixels, but for the widths of text, which are in em.
TITLE_SIZE, SMALL_SIZE = 14, 11
TITLE_EMS, SMALL_EMS, LABEL_EMS = 12.0, 16.0, 11.0
TITLE_LEADING, SMALL_LEADING = 19, 15
PADDING, NARROWEST = 12, 104
MARGIN, HEAD, FOOT, LEAST_WIDTH = 24, 62, 44, 560
DOWN, RIGHT = Gaps(within=28, between=56), Gaps(within=16, between=150)
BROAD = 5  # more boxes than this in a row, and the picture goes from left to right

Direction = Literal["down", "right"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: its anchor point (middle, baseline)."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box with its rectangle and its lines of text."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    heading: tuple[Line, ...]
    title: tuple[Line, ...]
    note: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class DrawnArrow:
    """An arrow with its path data (SVG 1.1, 8.3) and its label, ``width`` pixels wide."""

    arrow: Arrow
    data: str
    label: Line | None
    width: float


def trace_svg(trace: Trace, profile: Profile, language: str = "zh") -> str:
    """Return a trace as SVG: boxes from the start down to who is reached, a legend, title and desc.

    Solid arrows are stated, dashed ones inferred, dotted ones inherited; what is missing is red.
    Raises ProfileError when the profile's template cannot be used.
    """
    return diagram_svg(diagram_of(trace, profile, language), profile, language)


def diagram_svg(diagram: Diagram, profile: Profile, language: str = "zh") -> str:
    """Return any picture of boxes and arrows as SVG. Raises as :func:`trace_svg` does."""
    sizes = {box.key: _size(box) for box in diagram.boxes}
    direction, placed = _place(diagram, sizes)
    across, along = placed.across, placed.along
    content = (across, along) if direction == "down" else (along, across)
    width = max(content[0], LEAST_WIDTH) + 2 * MARGIN
    shift = ((width - content[0]) / 2, float(HEAD + MARGIN))
    template, where = find_template(profile, TEMPLATE)
    try:
        return template.render(
            diagram=diagram,
            language=language,
            width=round(width),
            height=round(content[1] + HEAD + FOOT + 2 * MARGIN),
            boxes=[_drawn_box(box, sizes[box.key], placed, direction, shift) for box in diagram.boxes],
            arrows=_drawn_arrows(diagram.arrows, placed, direction, shift),
            basis={name: text.best(language) for name, text in BASIS_WORDS.items()},
            sentences=list(sentences(diagram)),
        )
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise bad_template(where, str(error)) from error  # what expressions in a template may raise


def sentences(diagram: Diagram) -> Iterable[str]:
    """Say the picture in words, one arrow a line, for those who cannot see it."""
    titles = {
        box.key: " ".join(bit for bit in (box.heading, box.title, box.note) if bit) for box in diagram.boxes
    }
    for arrow in diagram.arrows:
        yield f"{titles[arrow.source]} → {arrow.label} → {titles[arrow.target]}"


# ---------------------------------------------------------------- geometry


def _size(box: Box) -> tuple[float, float]:
    """Width and height of a box, in pixels."""
    title, heading, note = _texts(box)
    width = max(
        [NARROWEST]
        + [em_width(line) * TITLE_SIZE for line in title]
        + [em_width(line) * SMALL_SIZE for line in heading + note]
    )
    height = len(title) * TITLE_LEADING + (len(heading) + len(note)) * SMALL_LEADING
    return width + 2 * PADDING, height + 1.5 * PADDING


def _texts(box: Box) -> tuple[list[str], list[str], list[str]]:
    return (
        wrap(box.title, TITLE_EMS, 3),
        wrap(box.heading, SMALL_EMS, 1),
        wrap(box.note, SMALL_EMS, 2),
    )


def _place(diagram: Diagram, sizes: dict[str, tuple[float, float]]) -> tuple[Direction, Placed]:
    edges = [(arrow.source, arrow.target) for arrow in diagram.arrows]
    placed = place(sizes, edges, DOWN)
    if placed.breadth <= BROAD:
        return "down", placed
    return "right", place({key: (high, wide) for key, (wide, high) in sizes.items()}, edges, RIGHT)


def _point(across: float, along: float, direction: Direction, shift: Point) -> Point:
    x, y = (across, along) if direction == "down" else (along, across)
    return x + shift[0], y + shift[1]


def _drawn_box(
    box: Box, size: tuple[float, float], placed: Placed, direction: Direction, shift: Point
) -> DrawnBox:
    x, y = _point(*placed.centres[box.key], direction, shift)
    width, height = size
    title, heading, note = _texts(box)
    baseline = y - height / 2 + PADDING * 0.75
    drawn: list[tuple[Line, ...]] = []
    for lines, leading in ((heading, SMALL_LEADING), (title, TITLE_LEADING), (note, SMALL_LEADING)):
        drawn.append(tuple(Line(text, x, baseline + (n + 0.76) * leading) for n, text in enumerate(lines)))
        baseline += leading * len(lines)
    return DrawnBox(box, x - width / 2, y - height / 2, width, height, *drawn)


def _drawn_arrows(
    arrows: Sequence[Arrow], placed: Placed, direction: Direction, shift: Point
) -> list[DrawnArrow]:
    drawn = [arrow for arrow in arrows if (arrow.source, arrow.target) in placed.routes]
    routes = {arrow: placed.routes[arrow.source, arrow.target] for arrow in drawn}
    texts = {arrow: _label(arrow) for arrow in drawn}
    middles = _apart({arrow: _middle(route) for arrow, route in routes.items()}, texts, direction)
    made = []
    for arrow in drawn:
        x, y = _point(*middles[arrow], direction, shift)
        label = Line(texts[arrow], x, y + SMALL_SIZE * 0.36) if texts[arrow] else None
        width = em_width(texts[arrow]) * SMALL_SIZE
        made.append(DrawnArrow(arrow, _path_data(routes[arrow], direction, shift), label, width))
    return made


def _label(arrow: Arrow) -> str:
    if arrow.basis == "absent":
        return ""  # the red box says it
    return "".join(wrap(arrow.label, LABEL_EMS, 1))


def _apart(middles: dict[Arrow, Point], texts: dict[Arrow, str], direction: Direction) -> dict[Arrow, Point]:
    """Move labels that meet in the gap between two rows apart, along the gap."""
    gaps: list[list[Arrow]] = []
    for arrow in sorted(middles, key=lambda one: middles[one][1]):
        if gaps and middles[arrow][1] - middles[gaps[-1][-1]][1] < SMALL_LEADING:
            gaps[-1].append(arrow)
        else:
            gaps.append([arrow])
    for together in gaps:
        together.sort(key=lambda arrow: middles[arrow][0])
        wide = direction == "down"
        extents = [em_width(texts[arrow]) * SMALL_SIZE if wide else SMALL_LEADING for arrow in together]
        moved = spread([middles[arrow][0] for arrow in together], extents, 6 if wide else 0)
        middles |= {arrow: (at, middles[arrow][1]) for arrow, at in zip(together, moved, strict=True)}
    return middles


def _middle(route: Route) -> Point:
    """The middle of the last gap that an arrow crosses."""
    (x0, y0), (x1, y1) = route[-2:]
    return (x0 + x1) / 2, (y0 + y1) / 2


def _path_data(route: Route, direction: Direction, shift: Point) -> str:
    """A smooth line through the points that leaves and enters along the rows' direction."""
    x, y = _point(*route[0], direction, shift)
    data = [f"M{x:.1f} {y:.1f}"]
    for (across0, along0), (across1, along1) in itertools.pairwise(route):
        half = (along0 + along1) / 2
        points = ((across0, half), (across1, half), (across1, along1))
        data.append("C" + " ".join("{:.1f} {:.1f}".format(*_point(*p, direction, shift)) for p in points))
    return "".join(data)
