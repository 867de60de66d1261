"""Queries that never end, or take all there is: ended at their limit, while the server goes on answering."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from qualitrace.access import Role
from qualitrace.registry import Registry
from qualitrace.web.settings import Querying, Settings
from qualitrace.web.sparql.evaluating import Question
from qualitrace.web.sparql.process import QueryProcess
from qualitrace.web.sparql.protocol import sparql_routes
from tests.web.linked_world import World, kitchen_registry, somebody

SECONDS, MEGABYTES = 0.5, 64
LIMITS = Querying(
    seconds=SECONDS, megabytes=MEGABYTES, answer_megabytes=2, at_once=2, waiting=1, patience=0.3
)

CROSS = " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(9))
NEVER_ENDS = {
    "cross product": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}",
    "cross product that finds nothing": f"SELECT * {{ {CROSS} FILTER(?a0 = ?b4 && ?c1 = ?b8) }}",
    "ask": f"ASK {{ {CROSS} FILTER(STR(?a0) = CONCAT(STR(?c8), 'x')) }}",
    "construct": f"CONSTRUCT {{ <urn:x:a> <urn:x:b> ?n }} {{ SELECT (COUNT(*) AS ?n) {{ {CROSS} }} }}",
    "paths": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x:p>|^!<urn:x:p>)* ?b . ?b (!<urn:x:p>)* ?c . "
    "?c (!<urn:x:p>|^!<urn:x:p>)* ?d . ?d (!<urn:x:p>|^!<urn:x:p>)* ?e . ?e ?p ?f . ?g ?h ?i }",
    "regex": f"ASK {{ {CROSS} FILTER REGEX(CONCAT(STR(?a0), STR(?c8)), '^(a+)+b$') }}",
}
TOO_MUCH = {
    "doubling": "SELECT (STRLEN(?z) AS ?n) { BIND('0123456789abcdef' AS ?a) "
    + " ".join(
        f"BIND(CONCAT({'?a' if n == 0 else f'?v{n - 1}'}, {'?a' if n == 0 else f'?v{n - 1}'}) AS ?v{n})"
        for n in range(30)
    )
    + " BIND(?v29 AS ?z) }",
    "GROUP_CONCAT": "SELECT (STRLEN(GROUP_CONCAT(?all)) AS ?n) { { SELECT (GROUP_CONCAT(STR(?c)) AS ?all) "
    "{ ?a ?b ?c . ?d ?e ?f } } ?g ?h ?i . ?j ?k ?l }",
    "ORDER BY": "SELECT ?a0 { ?a0 ?b0 ?c0 . ?a1 ?b1 ?c1 . ?a2 ?b2 ?c2 } ORDER BY ?c2 ?c0 LIMIT 1",
    "DISTINCT": "SELECT (COUNT(DISTINCT ?x) AS ?n) { ?a0 ?b0 ?c0 . ?a1 ?b1 ?c1 . ?a2 ?b2 ?c2 "
    "BIND(CONCAT(STR(?a0), STR(?c1), STR(?c2), STR(?b0)) AS ?x) }",
}
TOO_LARGE = "SELECT * { ?a0 ?b0 ?c0 . ?a1 ?b1 ?c1 }"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    made = kitchen_registry(tmp_path_factory.mktemp("kitchen"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(registry: Registry) -> Iterator[World]:
    """Where queries are soon ended."""
    made = World(sparql_routes, registry, replace(Settings(), sparql=LIMITS))
    made.caller = somebody(Role.OFFICE)
    works(made)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def patient(registry: Registry) -> Iterator[World]:
    """With more time than any query here needs until somebody ends it."""
    limits = replace(LIMITS, seconds=120.0)
    made = World(sparql_routes, registry, replace(Settings(), sparql=limits))
    made.caller = somebody(Role.OFFICE)
    assert ask(made, "ASK {}").status_code == 200
    yield made
    made.stop()


def ask(world: World, query: str, **request: Any) -> httpx.Response:
    headers = {"content-type": "application/sparql-query", **request.pop("headers", {})}
    return world.ask("POST", "/sparql", content=query.encode(), headers=headers, **request)


def asking(world: World, query: str) -> Coroutine[Any, Any, httpx.Response]:
    return world.asking("GET", "/sparql", params={"query": query})


def works(world: World) -> None:
    """It answers a query that needs next to nothing, at the latest when the machine has time for it."""
    deadline = time.monotonic() + 120
    while (answer := ask(world, "ASK {}")).status_code == 422 and f"{SECONDS:g} s" in said(answer):
        assert time.monotonic() < deadline
    assert answer.json() == {"head": {}, "boolean": True}


def said(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    return str(error["extensions"]["what"]["en"])


def children(world: World) -> list[int]:
    """The processes that run queries now."""
    pid = world.endpoint().pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def idle(world: World) -> None:
    """Wait until the process of the query before, which has answered, is gone too."""
    deadline = time.monotonic() + 60
    while children(world):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("query", NEVER_ENDS.values(), ids=NEVER_ENDS.keys())
def test_queries_that_never_end_are_ended(world: World, query: str) -> None:
    answer = ask(world, query)
    assert answer.status_code == 422
    assert f"{SECONDS:g} s" in said(answer)
    idle(world)
    works(world)


@pytest.mark.parametrize("query", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_queries_that_take_all_memory_are_ended(patient: World, query: str) -> None:
    answer = ask(patient, query)
    assert answer.status_code == 422
    assert f"{MEGABYTES} MB" in said(answer)
    assert ask(patient, "ASK {}").status_code == 200


def test_what_takes_memory_and_time_is_ended_for_either(world: World) -> None:
    answer = ask(world, TOO_MUCH["ORDER BY"])
    assert answer.status_code == 422
    assert f"{MEGABYTES} MB" in said(answer) or f"{SECONDS:g} s" in said(answer)
    works(world)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { " + "{" * 20_000 + "}" * 20_000 + " }",
        "SELECT * { ?a " + "(" * 20_000 + "<urn:x:p>" + ")" * 20_000 + " ?b }",
        "ASK { FILTER(" + "!" * 40_000 + "true) }",
        "SELECT * { " + "{ SELECT * { " * 4_000 + "}}" * 4_000 + " }",
        "ASK { ?a ?b ?c " + "OPTIONAL { ?a ?b ?c " * 3_000 + "}" * 3_000 + " }",
    ],
    ids=["groups", "path", "not", "subqueries", "optional"],
)
def test_deep_queries_hurt_nobody(world: World, query: str) -> None:
    assert ask(world, query).status_code in (200, 400, 422)
    idle(world)
    works(world)


def test_an_answer_is_never_cut(patient: World) -> None:
    """Half an answer looks like a whole one; so there is none."""
    for accept in ("text/csv", "application/sparql-results+json"):
        answer = ask(patient, TOO_LARGE, headers={"accept": accept})
        assert answer.status_code == 422
        assert "no part" in said(answer)
    whole = ask(patient, TOO_LARGE + " LIMIT 1000", headers={"accept": "text/csv"})
    assert whole.status_code == 200
    assert len(whole.text.splitlines()) == 1001


@contextlib.asynccontextmanager
async def running(world: World, many: int) -> AsyncIterator[None]:
    """So many queries that do not end run meanwhile."""
    idle(world)
    endless = [asyncio.ensure_future(asking(world, NEVER_ENDS["cross product"])) for _ in range(many)]
    while len(children(world)) < many:
        await asyncio.sleep(0.01)
    yield
    assert not any(one.done() for one in endless)
    for one in endless:
        one.cancel()
    await asyncio.gather(*endless, return_exceptions=True)


def test_others_are_answered_meanwhile(patient: World) -> None:
    async def both() -> list[int]:
        async with running(patient, 1):
            return [(await asking(patient, "ASK {}")).status_code for _ in range(5)]

    assert asyncio.run(both()) == [200] * 5
    idle(patient)


def test_so_many_at_a_time_and_then_a_clear_refusal(patient: World) -> None:
    async def crowd() -> list[httpx.Response]:
        async with running(patient, LIMITS.at_once):
            return list(await asyncio.gather(*(asking(patient, "ASK {}") for _ in range(3))))

    answers = asyncio.run(crowd())
    assert [answer.status_code for answer in answers] == [503] * 3
    for refused in answers:
        assert int(refused.headers["retry-after"]) > 0
        assert "Too many" in said(refused)
    idle(patient)
    assert ask(patient, "ASK {}").status_code == 200


def test_who_waits_gets_a_place_when_one_is_free(registry: Registry) -> None:
    limits = replace(LIMITS, seconds=120.0, at_once=1, waiting=3, patience=240.0)
    made = World(sparql_routes, registry, replace(Settings(), sparql=limits))

    async def line() -> list[httpx.Response]:
        return list(await asyncio.gather(*(asking(made, "ASK {}") for _ in range(4))))

    try:
        assert [answer.status_code for answer in asyncio.run(line())] == [200] * 4
    finally:
        made.stop()


def test_a_query_ends_when_whoever_asked_has_left(patient: World) -> None:
    async def left() -> None:
        endpoint = patient.endpoint()
        idle(patient)
        asked = asyncio.ensure_future(
            endpoint.ask(Question(NEVER_ENDS["cross product"], "srj"), patient.caller.audience)
        )
        while not children(patient):
            await asyncio.sleep(0.01)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(left())
    idle(patient)


def test_the_process_is_started_again_when_it_died(patient: World) -> None:
    before = patient.endpoint().pid
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert ask(patient, "ASK {}").status_code == 200
    assert patient.endpoint().pid != before


def test_dying_in_the_middle_is_a_clear_error(patient: World) -> None:
    async def killed() -> httpx.Response:
        idle(patient)
        asked = asyncio.ensure_future(asking(patient, NEVER_ENDS["cross product"]))
        while not children(patient):
            await asyncio.sleep(0.01)
        (query,) = children(patient)
        keeper = patient.endpoint().pid
        os.kill(keeper, signal.SIGKILL)
        os.waitid(os.P_PID, keeper, os.WEXITED | os.WNOWAIT)  # else it may still say how the query ended
        with contextlib.suppress(ProcessLookupError):
            os.kill(query, signal.SIGKILL)
        answer: httpx.Response = await asked
        return answer

    answer = asyncio.run(killed())
    assert answer.status_code == 503, answer.text
    assert ask(patient, "ASK {}").status_code == 200


def test_nothing_leaves_by_the_network_whatever_the_guard_missed(patient: World) -> None:
    """The query is given to the process as it is, past the guard."""
    reached = threading.Event()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(240)
        port = listening.getsockname()[1]

        def accept() -> None:
            try:
                listening.accept()[0].close()
                reached.set()
            except OSError:
                return

        thread = threading.Thread(target=accept)
        thread.start()
        for silent in ("", "SILENT "):
            text = f"SELECT * {{ SERVICE {silent}<http://127.0.0.1:{port}/sparql> {{ ?s ?p ?o }} }}"
            found = asyncio.run(patient.endpoint().ask(Question(text, "srj"), patient.caller.audience))
            assert found.failed == ("" if silent else "query")
        assert not reached.is_set()
        socket.create_connection(("127.0.0.1", port)).close()  # it could have been reached
        thread.join()
        assert reached.is_set()


def test_a_registry_that_cannot_be_opened_is_a_clear_error(tmp_path: Path) -> None:
    process = QueryProcess(str(tmp_path / "none.db"), str(tmp_path), LIMITS)
    with pytest.raises(Exception, match="no answer") as failed:
        asyncio.run(process.ask(Question("ASK {}", "srj"), somebody(Role.OFFICE).audience))
    assert type(failed.value).__name__ == "UnavailableError"
    assert process.pid == 0


def test_the_process_ends_with_the_server(registry: Registry) -> None:
    made = World(sparql_routes, registry, replace(Settings(), sparql=LIMITS))
    made.caller = somebody(Role.OFFICE)
    works(made)
    pid = made.endpoint().pid
    os.kill(pid, 0)
    made.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
