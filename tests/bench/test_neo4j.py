"""The bench of Neo4j: bounds, statements by hand on a real server, and what is told where none is."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from qualitrace.bench import neo4j as bench
from qualitrace.bench import neo4j_asked, neo4j_publishing, neo4j_rivals
from qualitrace.bench.neo4j_home import lasted
from qualitrace.bench.neo4j_latencies import BY_HAND, NEO4J, OXIGRAPH, Latency
from qualitrace.bench.neo4j_types import ByHand
from qualitrace.errors import UnavailableError
from qualitrace.graphql.derive import derive
from qualitrace.profile import Profile, load_profile
from qualitrace.store.neo4j.naming import Naming
from qualitrace.text import Text
from tests.graphql.kitchens import KITCHEN
from tests.neo4j_server import Neo4jServer


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


def _measured(
    trace: float, by_hand: float, syncs: tuple[float, float], rdflib: float | None
) -> bench.Measured:
    small = neo4j_publishing.Published(1_000, 1.0, syncs[0], syncs[0], 1, 1)
    large = replace(small, facts=100_000, seconds=10.0, sync=syncs[1], rdflib=rdflib)
    latencies = [
        Latency(name, "trace", 1, p50, p50, 1.0)
        for name, p50 in ((NEO4J, trace), (OXIGRAPH, 1.0), (f"{BY_HAND}, by hand", by_hand))
    ]
    return bench.Measured([small, large], latencies)


def test_bounds_that_do_not_hold_are_told() -> None:
    assert not bench.broken(_measured(5.0, 5.0, (10.0, 15.0), 10.0))
    assert len(bench.broken(_measured(5.1, 5.0, (10.0, 15.0), 10.0))) == 1
    assert len(bench.broken(_measured(5.0, 5.0, (10.0, 15.1), 10.0))) == 1
    assert len(bench.broken(_measured(5.0, 5.0, (10.0, 15.0), 9.9))) == 1
    assert not bench.broken(_measured(5.0, 5.0, (10.0, 15.0), None))


def test_a_question_that_nobody_else_answered_alike_is_told() -> None:
    measured = _measured(5.0, 5.0, (10.0, 15.0), 10.0)
    measured.latencies.append(Latency(NEO4J, "list", 1, 1.0, 1.0, 1.0))
    (told,) = bench.broken(measured)
    assert told.startswith("list: ")
    measured.latencies.append(Latency(f"{BY_HAND}, its fields", "list", 1, 0.5, 0.5, 1.0))
    assert not bench.broken(measured), "only the trace has a bound"


def test_a_list_is_cut_among_equal_labels_by_each_server_as_it_likes() -> None:
    def rows(*named: str) -> list[dict[str, str]]:
        return [{"id": one, "label": one[0]} for one in named]

    ours = neo4j_asked._cut(rows("a2", "a1", "b6", "b51"), "")
    assert ours == neo4j_asked._cut(rows("a1", "a2", "b51", "b52"), "")
    assert ours != neo4j_asked._cut(rows("a1", "a3", "b6", "b51"), "")
    assert ours != neo4j_asked._cut(rows("a1", "a2", "a3", "b6"), "")


def test_each_size_is_compared_with_rdflib_neo4j() -> None:
    measured = _measured(5.0, 5.0, (10.0, 15.0), 10.0)
    measured.published[0].rdflib = 0.9
    assert [one for one in bench.broken(measured) if "1,000" in one]


def test_a_rival_that_was_stopped_is_slower_than_its_limit() -> None:
    measured = _measured(5.0, 5.0, (10.0, 15.0), 300.0)
    measured.published[-1].stopped = True
    assert not bench.broken(measured)
    console = Console(width=160, record=True, file=StringIO())
    bench.report(measured, console)
    assert "stopped after 5.0 min, at most 333 facts/s" in console.export_text()


def test_what_is_measured_is_written_as_it_comes_and_a_rival_that_hangs_is_stopped(
    tmp_path: Path, neo4j: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole run on servers of its own, broken off before its questions; the rival never ends."""
    monkeypatch.setattr(bench, "read_wanted", lambda profile: None)  # a kitchen does not say what to ask
    monkeypatch.setattr(bench, "measure", _broken_off)
    monkeypatch.setattr(neo4j_publishing, "SYNCS", 2)
    monkeypatch.setattr(neo4j_rivals, "LOADING", "tests.bench.hanging:load")
    monkeypatch.setattr(neo4j_rivals, "has_rdflib_neo4j", lambda: True)
    written, console = tmp_path / "found.json", Console(file=StringIO(), record=True)
    with pytest.raises(UnavailableError, match="questions"):
        bench.run([1], 0.1, console, KITCHEN, home=neo4j.jars, output=written, limit=1.0)
    found = json.loads(written.read_text(encoding="utf-8"))
    one = found["published"][0]
    assert one["facts"] > 1 and one["seconds"] > 0 and one["sync"] > 0
    assert (one["rdflib"], one["stopped"]) == (1.0, True)
    assert one["csv"][1] > 0 and "questions" in found["left_out"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("IMPORT DONE in 4s 613ms.", 4.613),
        ("IMPORT DONE in 2h 3s.", 2 * 3600 + 3),
        ("IMPORT DONE in 1d 2h 3m 4s 5ms. Imported:", 26 * 3600 + 3 * 60 + 4.005),
        ("Import failed after 3s", 0),
    ],
)
def test_what_an_import_says_of_its_time_is_read(said: str, seconds: float) -> None:
    assert lasted(f"Nodes, 1s 2ms\n{said}\n") == pytest.approx(seconds)


def _broken_off(*_: object) -> object:
    raise UnavailableError(Text(zh="questions", en="questions"))


def test_a_trace_without_anything_to_compare_with_breaks_the_bound() -> None:
    measured = _measured(5.0, 5.0, (10.0, 15.0), None)
    measured.latencies = [one for one in measured.latencies if not one.server.startswith(BY_HAND)]
    assert len(bench.broken(measured)) == 1


def test_statements_by_hand_are_cypher(neo4j: Neo4jServer, profile: Profile) -> None:
    from qualitrace.store.neo4j import Server

    hand = ByHand(profile, Naming.of(profile), derive(profile))
    with Server(neo4j.account()) as server:
        given = {"registry": "nobody", "node": "nothing", "asOf": "2025-03-01"}
        assert server.read(hand.trace("Person"), **given) == []
        assert server.read(hand.trace("Person", exact=True), **given) == []
        counted = server.read(hand.coverage("Duty"), **given)
        assert counted == [{"row": {"total": 0, "complete": 0, "broken": 0}}]


def test_where_there_is_no_neo4j_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as told:
        bench.jars(str(tmp_path))
    assert str(tmp_path) in str(told.value)
