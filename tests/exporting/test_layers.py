"""The layout: what every drawing must hold, on random graphs, cyclic ones too."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from qualitrace.exporting.layers import Gaps, place, spread

GAPS = Gaps(within=20, between=50)
SIZES = st.tuples(st.floats(20, 200), st.floats(20, 80))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]:
    sizes = draw(st.dictionaries(st.sampled_from("abcdefghij"), SIZES, min_size=1))
    ends = st.sampled_from(sorted(sizes))
    return sizes, draw(st.lists(st.tuples(ends, ends), max_size=20))


@given(graphs())
def test_boxes_do_not_overlap_and_lie_inside(
    graph: tuple[dict[str, tuple[float, float]], list[tuple[str, str]]],
) -> None:
    sizes, edges = graph
    placed = place(sizes, edges, GAPS)
    assert set(placed.centres) == set(sizes)
    slack = 1e-6
    for one, other in itertools.combinations(sizes, 2):
        (x0, y0), (x1, y1) = placed.centres[one], placed.centres[other]
        beside = abs(x0 - x1) >= (sizes[one][0] + sizes[other][0]) / 2 + GAPS.within - slack
        apart = abs(y0 - y1) >= (sizes[one][1] + sizes[other][1]) / 2 + GAPS.between - slack
        assert beside or apart
    for name, (x, y) in placed.centres.items():
        wide, high = sizes[name]
        assert -slack <= x - wide / 2 and x + wide / 2 <= placed.across + slack
        assert -slack <= y - high / 2 and y + high / 2 <= placed.along + slack


@given(graphs())
def test_arrows_join_the_borders_of_their_boxes_and_cross_no_other(
    graph: tuple[dict[str, tuple[float, float]], list[tuple[str, str]]],
) -> None:
    sizes, edges = graph
    placed = place(sizes, edges, GAPS)
    assert set(placed.routes) == {edge for edge in edges if edge[0] != edge[1]}
    for (source, target), route in placed.routes.items():
        for name, (x, y) in ((source, route[0]), (target, route[-1])):
            assert abs(x - placed.centres[name][0]) < 1e-6
            assert abs(abs(y - placed.centres[name][1]) - sizes[name][1] / 2) < 1e-6
        assert len(route) % 2 == 0
        for (x, y0), (x1, y1) in zip(route[1:-1:2], route[2:-1:2], strict=True):
            assert x == x1  # straight through a row, beside its boxes
            for name, (centre, middle) in placed.centres.items():
                if min(y0, y1) <= middle <= max(y0, y1):
                    assert abs(centre - x) > sizes[name][0] / 2


def test_a_chain_goes_straight_down() -> None:
    placed = place(dict.fromkeys("abc", (50.0, 30.0)), [("a", "b"), ("b", "c")], GAPS)
    assert len({x for x, _ in placed.centres.values()}) == 1
    assert placed.centres["a"][1] < placed.centres["b"][1] < placed.centres["c"][1]


def test_crossings_that_can_be_avoided_are() -> None:
    sizes = dict.fromkeys("abxy", (50.0, 30.0))
    placed = place(sizes, [("a", "y"), ("b", "x")], GAPS)
    x_of = {name: x for name, (x, _) in placed.centres.items()}
    assert (x_of["a"] < x_of["b"]) == (x_of["y"] < x_of["x"])


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(1, 100)), min_size=1, max_size=12))
def test_spread_keeps_order_and_distance(boxes: list[tuple[float, float]]) -> None:
    wanted, widths = [want for want, _ in boxes], [width for _, width in boxes]
    moved = spread(wanted, widths, 10)
    for (a, wide_a), (b, wide_b) in itertools.pairwise(zip(moved, widths, strict=True)):
        assert b - a >= (wide_a + wide_b) / 2 + 10 - 1e-6
    assert abs(sum(moved) - sum(wanted)) < 1e-3  # least squares: the mean stays


@given(st.lists(st.floats(1, 100), min_size=1, max_size=8))
def test_spread_leaves_alone_what_does_not_overlap(widths: list[float]) -> None:
    wanted = [number * 200.0 for number in range(len(widths))]
    moved = spread(wanted, widths, 10)
    assert all(abs(a - b) < 1e-6 for a, b in zip(moved, wanted, strict=True))
