"""Each analysis finds what trying everything finds."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualitrace.networks.apart import conflicts
from qualitrace.networks.concentration import concentration, herfindahl
from qualitrace.networks.cycles import cycles
from qualitrace.networks.failing import failure_points
from qualitrace.networks.islands import islands
from qualitrace.networks.load import gini, load
from tests.networks.graphs import NODES, Edges, edges, link_rows, nodes, reached, some

ALL = {"bound": 1.0, "most": 100.0}


def walks_round(found: Edges, length: int) -> Iterator[tuple[str, ...]]:
    for ring in itertools.permutations(NODES, length):
        steps = zip(ring, (*ring[1:], ring[0]), strict=True)
        if ring[0] == min(ring) and all(step in found for step in steps):
            yield ring


@given(edges)
def test_every_knot_is_found_with_a_shortest_cycle_of_it(found: Edges) -> None:
    answer = cycles(link_rows(found), {})
    knots: set[tuple[str, ...]] = set()
    for node in NODES:
        after = {b for a, b in found if a == node}
        if any(node in reached(found, one) for one in after):
            mutual = {one for one in reached(found, node) if node in reached(found, one)}
            knots.add(tuple(sorted(mutual)))
    assert {one.nodes["knot"] for one in answer.findings} == knots
    for one in answer.findings:
        ring, knot = one.nodes["ring"], set(one.nodes["knot"])
        shortest = next(
            length
            for length in range(1, len(NODES) + 1)
            if any(set(walk) <= knot for walk in walks_round(found, length))
        )
        assert len(ring) == shortest == one.figures["length"]
        assert ring in set(walks_round(found, shortest))
        assert {(k.source, k.target) for k in one.links} == set(zip(ring, (*ring[1:], ring[0]), strict=True))


@given(edges, some, some)
def test_islands_are_what_no_anchor_is_joined_to(found: Edges, lone: set[str], anchors: set[str]) -> None:
    rows = [
        *link_rows(found),
        *({"node": node} for node in sorted(lone)),
        *({"anchor": node} for node in sorted(anchors)),
    ]
    answer = islands(rows, {})
    both = found | {(b, a) for a, b in found}
    everything = {end for edge in found for end in edge} | lone | anchors
    parts = {tuple(sorted(reached(both, node))) for node in everything}
    if anchors:
        expected = {part for part in parts if not set(part) & anchors}
    else:
        expected = set(sorted(parts, key=lambda part: (-len(part), part[0]))[1:])
    assert {one.nodes["member"] for one in answer.findings} == expected
    assert answer.checked == len(everything)
    sizes = [one.figures["size"] for one in answer.findings]
    assert sizes == sorted(sizes, reverse=True)


@given(edges, some, some, some, st.sets(st.tuples(st.sampled_from("xyz"), nodes), max_size=6))
def test_a_point_of_failure_is_one_without_which_no_route_is_left(
    found: Edges, starts: set[str], points: set[str], ends: set[str], of: set[tuple[str, str]]
) -> None:
    rows = [
        *link_rows(found),
        *({"start": node} for node in sorted(starts)),
        *({"point": node} for node in sorted(points)),
        *({"end": node} for node in sorted(ends)),
        *({"of": thing, "start": start} for thing, start in sorted(of)),
    ]
    parts: dict[str, set[str]] = {start: {start} for start in starts}
    for thing, start in of:
        parts.setdefault(thing, set()).add(start)
    everything = {start for one in parts.values() for start in one}
    now = {start for start in everything if reached(found, start) & ends}
    answer = failure_points(rows, ALL)
    expected = {}
    for point in points:
        others = now - {point}  # nothing is lost by its own absence
        gone = {start for start in others if not (reached(found, start, without=point) & ends)}
        if gone:
            broken = {thing for thing, one in parts.items() if one & gone}
            whole = {thing for thing in broken if not (parts[thing] & now) - gone}
            expected[point] = (tuple(sorted(broken)), tuple(sorted(gone)), len(whole))
    assert {
        one.nodes["point"][0]: (one.nodes["broken"], one.nodes["start"], one.figures["whole"])
        for one in answer.findings
    } == expected
    assert answer.figures["broken"] == sum(not one & now for one in parts.values())
    ranks = [one.figures["breaks"] for one in answer.findings]
    assert ranks == sorted(ranks, reverse=True)


def test_only_what_breaks_enough_is_named_and_only_so_much() -> None:
    rows = [{"start": f"s:{n}"} for n in range(3)] + [{"point": "p"}, {"point": "q"}, {"end": "e"}]
    rows += [{"from": f"s:{n}", "to": "p"} for n in range(2)] + [{"from": "p", "to": "e"}]
    rows += [{"from": "s:2", "to": "q"}, {"from": "q", "to": "e"}]
    assert [one.nodes["point"] for one in failure_points(rows, ALL).findings] == [("p",), ("q",)]
    assert len(failure_points(rows, {"bound": 2.0, "most": 9.0}).findings) == 1
    cut = failure_points(rows, {"bound": 1.0, "most": 1.0})
    assert [one.nodes["point"] for one in cut.findings] == [("p",)]
    assert (cut.figures["found"], cut.figures["worst"]) == (2, 2)


@given(
    st.dictionaries(nodes, st.sets(st.integers(0, 9), max_size=9), max_size=7),
    st.floats(0, 3),
    st.integers(0, 6),
)
def test_who_has_far_more_than_the_others(has: dict[str, set[int]], bound: float, least: int) -> None:
    rows = [{"who": who} for who in has]
    rows += [{"who": who, "item": f"i:{item}"} for who, items in has.items() for item in sorted(items)]
    answer = load(rows, {"bound": bound, "least": float(least)})
    counts = {who: len(items) for who, items in has.items()}
    expected = set()
    if counts:
        mean, spread = statistics.fmean(counts.values()), statistics.pstdev(counts.values())
        expected = {
            who
            for who, count in counts.items()
            if spread and count >= least and (count - mean) / spread >= bound
        }
    assert {one.nodes["who"][0] for one in answer.findings} == expected
    assert dict(answer.ranking) == counts


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
def test_the_coefficient_of_gini_is_the_mean_difference(numbers: list[int]) -> None:
    total, count = sum(numbers), len(numbers)
    apart = sum(abs(a - b) for a in numbers for b in numbers)
    assert gini(numbers) == pytest.approx(apart / (2 * count * total) if total else 0.0)


@given(edges, st.sets(st.tuples(st.sampled_from("xyz"), nodes), max_size=12))
def test_a_conflict_is_a_pair_in_one_hand(apart: Edges, held: set[tuple[str, str]]) -> None:
    rows = [{"first": a, "second": b, "because": f"w:{a}{b}"} for a, b in sorted(apart)]
    rows += [{"who": who, "holds": what} for who, what in sorted(held)]
    answer = conflicts(rows, {})
    expected = {
        (who, *sorted((a, b))) for a, b in apart for who in "xyz" if a != b and {(who, a), (who, b)} <= held
    }
    assert {(one.nodes["who"][0], *one.nodes["pair"]) for one in answer.findings} == expected
    assert sum(len(one.nodes["because"]) for one in answer.findings) == sum(
        a != b and {(who, a), (who, b)} <= held for a, b in apart for who in "xyz"
    )
    assert answer.checked == len({tuple(sorted((a, b))) for a, b in apart if a != b})


@given(st.sets(st.tuples(st.sampled_from("uv"), nodes, st.integers(0, 9)), max_size=25), st.floats(0.1, 1))
def test_a_whole_is_concentrated_by_the_squared_shares(held: set[tuple[str, str, int]], bound: float) -> None:
    rows = [{"whole": whole, "part": f"{whole}{part}"} for whole in "uv" for part in NODES]
    rows += [{"whole": w, "part": f"{w}{part}", "item": f"i:{item}"} for w, part, item in sorted(held)]
    answer = concentration(rows, {"bound": bound, "least": 1.0})
    indices = {}
    for whole in "uv":
        mine = [(part, item) for one, part, item in held if one == whole]
        if mine:
            # The chance that two items drawn one after the other, with return, lie with one part.
            same = sum(a[0] == b[0] for a in mine for b in mine)
            indices[whole] = same / len(mine) ** 2
    assert {one.nodes["whole"][0] for one in answer.findings} == {
        whole for whole, index in indices.items() if herfindahl_at_least(index, bound)
    }
    assert dict(answer.ranking) == {whole: pytest.approx(index, abs=1e-3) for whole, index in indices.items()}


def herfindahl_at_least(index: float, bound: float) -> bool:
    """Compared as the analysis does, so that rounding at the bound does not tell the two apart."""
    return index >= bound or index == pytest.approx(bound)


def test_one_part_with_all_and_equal_parts_are_the_ends_of_the_scale() -> None:
    assert herfindahl([5]) == 1
    assert herfindahl([2, 2, 2, 2]) == pytest.approx(1 / 4)
    assert herfindahl([]) == 0


@pytest.mark.parametrize("analysis", [cycles, islands, failure_points, load, conflicts, concentration])
def test_of_nothing_nothing_was_checked(analysis: object) -> None:
    assert callable(analysis)
    answer = analysis([], {"bound": 1.0, "least": 1.0, "most": 1.0})
    assert (answer.checked, answer.findings) == (0, ())
