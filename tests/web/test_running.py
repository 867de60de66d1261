"""Real servers: they stop without losing a request, and several processes answer as one."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from qualitrace import demonstration
from qualitrace.access.model import Role
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from tests.registry.worker import increment
from tests.web.processes import Connection, Served, ask, serving, token

QUESTION = {"query": "{ findings { totalCount } stations { totalCount nodes { label } } }"}


@pytest.fixture(scope="module")
def kitchen(repo_root: Path) -> Profile:
    return load_profile(repo_root / "tests" / "profiles" / "kitchen")


@pytest.fixture
def registry(tmp_path: Path, kitchen: Profile) -> str:
    place = tmp_path / "r.db"
    demonstration.build(kitchen, place).close()
    return str(place)


class Client(threading.Thread):
    """Asks on one connection after another until nobody listens any longer."""

    def __init__(self, server: Served) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.answered = 0
        self.wrong: list[str] = []
        self.start()

    def run(self) -> None:
        connection = self._server.connect()
        while True:
            if connection.sock is None:
                try:
                    connection.connect()
                except ConnectionError:
                    return  # refused: nothing was taken
            try:
                status, _, body = ask(connection, "/graphql", QUESTION)
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(repr(error))
                return
            if status != 200 or b"errors" in body:
                self.wrong.append(f"{status} {body[:200]!r}")
            self.answered += 1


@pytest.mark.parametrize("workers", [1, 2])
def test_no_request_that_was_taken_is_lost(
    registry: str, kitchen: Profile, tmp_path: Path, workers: int
) -> None:
    with serving(
        registry, kitchen.directory, tmp_path, server_workers=workers, log_level="warning"
    ) as server:
        clients = [Client(server) for _ in range(6)]
        while min(one.answered for one in clients) < 5 and not any(one.wrong for one in clients):
            time.sleep(0.05)
        server.tell(signal.SIGTERM)
        code = server.end()
        for one in clients:
            one.join(timeout=60)
            assert not one.is_alive()
        assert [problem for one in clients for problem in one.wrong] == []
        assert code == 0, server.log.read_text("utf-8")
        assert server.log.read_text("utf-8") == ""
    assert Registry.open(registry, kitchen).position == 1  # nothing was left locked


def test_while_it_drains_it_answers_and_says_that_it_is_not_ready(
    registry: str, kitchen: Profile, tmp_path: Path
) -> None:
    with serving(registry, kitchen.directory, tmp_path, server_drain=3) as server:
        kept = server.connect()
        assert ask(kept, "/readyz")[0] == 200
        server.tell(signal.SIGTERM)
        server.wait_for("stopping")
        status, headers, body = ask(kept, "/readyz")
        assert (status, json.loads(body)) == (503, {"status": "stopping"})
        assert headers["connection"] == "close"
        assert ask(server.connect(), "/healthz")[0] == 200
        assert ask(server.connect(), "/graphql", QUESTION)[0] == 200
        assert server.end() == 0
        with pytest.raises(ConnectionError):
            ask(server.connect(), "/healthz")


def under_way(server: Served) -> socket.socket:
    """Begin a request that never ends."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {server.token}\r\nContent-Length: 100\r\n\r\n"
    connection.sendall(f"{head}{{".encode())
    open_requests = 0
    while open_requests < 2:  # it, and the one that asks
        text = ask(server.connect(), "/metrics")[2].decode()
        found = re.search(r"^qualitrace_requests_in_flight (\S+)$", text, re.MULTILINE)
        assert found
        open_requests = int(float(found[1]))
    return connection


def test_what_takes_too_long_is_cut_off_and_told(registry: str, kitchen: Profile, tmp_path: Path) -> None:
    with serving(registry, kitchen.directory, tmp_path, server_stop_within=0.5) as server:
        connection = under_way(server)
        server.tell(signal.SIGTERM)
        assert server.end() == 1
        assert [one["requests"] for one in server.events("requests cut off")] == [1]
        connection.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_signal_ends_it_at_once(
    registry: str, kitchen: Profile, tmp_path: Path, workers: int
) -> None:
    with serving(
        registry, kitchen.directory, tmp_path, server_stop_within=600, server_workers=workers
    ) as server:
        connection = under_way(server)
        server.tell(signal.SIGTERM)
        server.wait_for("stopping", workers)
        server.tell(signal.SIGTERM)
        assert server.end() in (128 + signal.SIGTERM, -signal.SIGTERM)
        connection.close()


def workers_of(server: Served, count: int) -> dict[int, Connection]:
    """A connection to each worker, by its process number."""
    server.wait_for("worker ready", count)
    found: dict[int, Connection] = {}
    spare: list[Connection] = []
    until = time.monotonic() + 60
    while len(found) < count:
        assert time.monotonic() < until
        connection = server.connect()
        text = ask(connection, "/metrics")[2].decode()
        pid = re.search(r'python_gc_collections_total{generation="0",worker="(\d+)"}', text)
        if pid is None:  # it has not collected anything yet
            connection.close()
            continue
        if found.setdefault(int(pid[1]), connection) is not connection:
            spare.append(connection)  # left open: the next goes to whoever is less busy
    return found


def test_every_worker_shows_what_was_committed_through_another(
    location: str, kitchen: Profile, tmp_path: Path
) -> None:
    demonstration.build(kitchen, location).close()
    with serving(location, kitchen.directory, tmp_path, server_workers=2) as server:
        connections = workers_of(server, 2)
        assert len(connections) == 2
        registry = Registry.open(location, kitchen)
        for _ in range(3):
            head = increment(registry)
            for connection in connections.values():  # the first that each is asked after the commit
                stands = json.loads(ask(connection, "/readyz")[2])
                assert (stands["position"], stands["head"]) == (registry.position, head)
        registry.close()
        one, other = connections.values()
        propose(one)
        other.token = token(location, Role.AUDITOR, name="示例乙")
        told = data(other, "mutation { approve(number: 1) { proposal { state } } }")
        assert told == {"approve": {"proposal": {"state": "APPROVED"}}}
        stands = [json.loads(ask(connection, "/readyz")[2])["position"] for connection in (one, other)]
        assert stands == [registry.position + 1] * 2


def data(connection: Connection, query: str, **variables: object) -> Any:
    answer = json.loads(ask(connection, "/graphql", {"query": query, "variables": variables})[2])
    assert "errors" not in answer, answer
    return answer["data"]


def propose(connection: Connection) -> None:
    """Propose another name for the first node of a class."""
    (node,) = data(connection, "{ stations(first: 1) { nodes { id } } }")["stations"]["nodes"]
    name = {"field": "label", "value": "示例改名", "language": "zh"}
    data(
        connection,
        """mutation($changes: [ProposedNode!]!) {
          propose(title: "改", changes: $changes) { proposal { number } }
        }""",
        changes=[{"id": node["id"], "of": "Station", "set": [name]}],
    )


def test_a_worker_that_dies_is_replaced_and_its_counts_stay(
    registry: str, kitchen: Profile, tmp_path: Path
) -> None:
    with serving(registry, kitchen.directory, tmp_path, server_workers=2) as server:
        first = workers_of(server, 2)
        asked = sum(answers(server).values())
        gone = next(iter(first))
        os.kill(gone, signal.SIGKILL)
        server.wait_for("worker died")
        assert ask(server.connect(), "/readyz")[0] == 200
        server.wait_for("worker ready", 3)
        now = workers_of(server, 2)
        assert gone not in now
        assert len(set(first) & set(now)) == 1
        assert sum(answers(server).values()) > asked
        pids = set(re.findall(r'process_resident_memory_bytes{worker="(\d+)"}', figures(server)))
        assert pids == {str(pid) for pid in now}
        server.tell(signal.SIGTERM)
        assert server.end() == 0


def test_it_gives_up_when_workers_keep_dying(registry: str, kitchen: Profile, tmp_path: Path) -> None:
    with serving(registry, kitchen.directory, tmp_path, server_workers=2) as server:
        pids = list(workers_of(server, 2))
        Path(registry).rename(tmp_path / "elsewhere.db")
        os.kill(pids[0], signal.SIGKILL)
        assert server.end() not in (0, None)
        assert server.events("workers keep dying")
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


def test_workers_end_with_their_supervisor(registry: str, kitchen: Profile, tmp_path: Path) -> None:
    with serving(registry, kitchen.directory, tmp_path, server_workers=2) as server:
        pids = list(workers_of(server, 2))
        server.process.kill()
        server.process.wait()
        until = time.monotonic() + 60
        while any(map(going_on, pids)):
            assert time.monotonic() < until
            time.sleep(0.05)


def going_on(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and that nobody waited for does not."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def test_a_registry_that_cannot_be_opened_is_told(tmp_path: Path, kitchen: Profile) -> None:
    for workers in (1, 2):
        server = Served(str(tmp_path / "none.db"), kitchen.directory, tmp_path, None, server_workers=workers)
        assert server.end() == 2
        assert "qualitrace init" in server.log.read_text("utf-8")


def figures(server: Served) -> str:
    return ask(server.connect(), "/metrics")[2].decode()


def answers(server: Served) -> dict[str, float]:
    found = re.findall(
        r'^qualitrace_requests_total{.*?route="(.*?)".*?} (\S+)$', figures(server), re.MULTILINE
    )
    counted: dict[str, float] = {}
    for route, number in found:
        counted[route] = counted.get(route, 0) + float(number)
    return counted


def test_figures_of_several_workers_are_added_up(registry: str, kitchen: Profile, tmp_path: Path) -> None:
    with serving(registry, kitchen.directory, tmp_path, server_workers=2) as server:
        connections = workers_of(server, 2)
        before = answers(server).get("/schema.graphql", 0)
        for number, connection in enumerate(connections.values(), start=1):
            for _ in range(number):
                assert ask(connection, "/schema.graphql")[0] == 200
        assert answers(server)["/schema.graphql"] == before + 3


def test_it_answers_over_tls_and_asks_who_asks(
    registry: str, kitchen: Profile, tmp_path: Path, certificate: tuple[str, str]
) -> None:
    secret = token(registry, Role.READER)
    server = Served(
        registry, kitchen.directory, tmp_path, None, server_host="0.0.0.0", metrics_token="示例",
        server_tls_certificate=certificate[0], server_tls_key=certificate[1],
    )  # fmt: skip
    trusting = ssl.create_default_context(cafile=certificate[0])
    address = f"https://localhost:{server.port}"
    with httpx.Client(verify=trusting, base_url=address, timeout=60) as client:
        try:
            until = time.monotonic() + 240
            while True:
                try:
                    assert client.get("/healthz").status_code == 200
                    break
                except httpx.TransportError:
                    assert server.process.poll() is None, server.log.read_text("utf-8")
                    assert time.monotonic() < until
                    time.sleep(0.1)
            assert client.post("/graphql", json=QUESTION).status_code == 401
            known = {"Authorization": f"Bearer {secret}"}
            assert client.post("/graphql", json=QUESTION, headers=known).status_code == 200
            assert "position" not in client.get("/readyz").json()
            assert "position" in client.get("/readyz", headers=known).json()
            server.tell(signal.SIGTERM)
            assert server.end() == 0
        finally:
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()
    (asked,) = [
        one for one in server.events("request") if one["route"] == "/graphql" and one["status"] == 200
    ]
    assert asked["token"] and asked["token"] not in secret
    assert asked["audience"] == "public"


def test_beyond_this_machine_it_asks_who_asks(
    registry: str, kitchen: Profile, tmp_path: Path, certificate: tuple[str, str]
) -> None:
    for given in (
        {
            "server_host": "0.0.0.0",
            "server_tls_certificate": certificate[0],
            "server_tls_key": certificate[1],
        },
        {"server_behind_proxy": "yes"},
    ):
        server = Served(registry, kitchen.directory, tmp_path, None, **given)
        assert server.end() == 2
        assert "qualitrace token make" in server.log.read_text("utf-8")
