"""Many requests at once: each caller has a share, and nobody else is kept waiting."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from qualitrace.access import Role
from tests.attack.operations import HARD, REFUSED
from tests.attack.serving import NORMAL, SECONDS, Bystander, Served


def flood(served: Served, body: Any, *, clients: int, times: int, role: Role = Role.READER) -> Counter[int]:
    """Ask one thing many times at once, with one token."""
    token = {"authorization": f"Bearer {served.token(role)}"}
    seen: Counter[int] = Counter()
    lock = threading.Lock()

    def ask() -> None:
        with served.stranger("127.0.8.1") as client:
            for _ in range(times):
                status = client.post("/graphql", json=body, headers=token).status_code
                with lock:
                    seen[status] += 1

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(ask) for _ in range(clients)]:
            done.result()
    return seen


def test_one_token_with_fifty_hard_requests_holds_nobody_up(served: Served, bystander: Bystander) -> None:
    before = len(bystander.waits)
    seen = flood(served, HARD["a list of 2,000"], clients=50, times=1, role=Role.SYSTEM)
    assert set(seen) <= {200, 429}, seen
    assert len(bystander.waits) > before


def test_a_token_uses_up_its_share_and_no_other_s(served: Served) -> None:
    body = HARD["every order"]
    seen: Counter[int] = Counter()
    with served.client(Role.STEWARD) as greedy, served.client(Role.STEWARD) as modest:
        until = time.monotonic() + 240
        while not seen[429] and time.monotonic() < until:
            answer = greedy.post("/graphql", json=body)
            seen[answer.status_code] += 1
        assert seen[429], seen
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert modest.post("/graphql", json={"query": NORMAL}).json()["data"] == served.expected


def test_refused_operations_in_great_number(served: Served) -> None:
    for name in ("one name many times", "fragments that double", "variables declared", "many conditions"):
        seen = flood(served, REFUSED[name][0], clients=8, times=12)
        assert set(seen) <= {200, 400, 429}, (name, seen)


def test_new_documents_in_great_number_are_not_all_kept(served: Served) -> None:
    before = served.memory()
    with served.client(Role.SYSTEM) as client:
        for number in range(400):
            text = "{ " + " ".join(
                f"a{n}x{number}: diagnosisPoints(first: 1) {{ totalCount }}" for n in range(20)
            )
            answer = client.post("/graphql", json={"query": text + " }"})
            assert answer.status_code in (200, 429)
            if answer.status_code == 429:
                time.sleep(min(2, int(answer.headers["retry-after"])))
    assert served.memory() < before + 150 * 2**20


def test_new_filters_in_great_number_are_not_all_kept(served: Served) -> None:
    before = served.memory()
    query = "query Q($w: DiagnosisPointWhere) { diagnosisPoints(where: $w) { totalCount } }"
    with served.client(Role.SYSTEM) as client:
        for number in range(120):
            where = {"code": {"in": [f"{number} {n} " + "x" * 40 for n in range(500)]}}
            answer = client.post("/graphql", json={"query": query, "variables": {"w": where}})
            assert answer.status_code in (200, 429)
            if answer.status_code == 429:
                time.sleep(min(2, int(answer.headers["retry-after"])))
    assert served.memory() < before + 150 * 2**20


def test_time_is_bounded_for_every_hard_request_at_once(served: Served) -> None:
    with ThreadPoolExecutor(len(HARD)) as pool:

        def ask(body: Any) -> tuple[int, float]:
            with served.client(Role.SYSTEM) as client:
                begun = served.worked()
                return client.post("/graphql", json=body).status_code, served.worked() - begun

        found = list(pool.map(ask, HARD.values()))
    assert {status for status, _ in found} <= {200, 400, 429}
    assert max(seconds for _, seconds in found) < 6 * SECONDS
