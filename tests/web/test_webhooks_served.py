"""A running server tells webhooks what is committed to its registry, by itself and by other programs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import uvicorn

from qualitrace.access.book import AccessBook
from qualitrace.access.hooks import HookEvent
from qualitrace.access.model import Role
from qualitrace.registry import Registry
from qualitrace.web import create_app
from qualitrace.web.hooks.messages import start
from qualitrace.web.settings import Settings
from qualitrace.web.settings_access import Hooking
from tests.graphql.kitchens import node
from tests.history.kitchen import commit, profile, statement
from tests.web.hook_receiver import SECRET, Receiver

QUICK = replace(Settings(), webhooks=Hooking(poll_seconds=0.02))


@contextmanager
def served(location: Path, settings: Settings = QUICK) -> Iterator[str]:
    with (
        closing(Registry.open(location, profile())) as registry,
        closing(AccessBook.open(location)) as book,
        socket.socket() as listening,
    ):
        listening.bind(("127.0.0.1", 0))
        app = create_app(registry, access=book, settings=settings)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def area(registry: Registry, number: int) -> None:
    commit(registry, [statement(fact) for fact in node(f"area/{number}", "Area", f"区域{number}")])


def test_a_server_tells_what_others_commit_while_it_runs(tmp_path: Path) -> None:
    location = tmp_path / "r.db"
    with (
        closing(Registry.create(location, profile())) as registry,
        closing(AccessBook.open(location)) as book,
        Receiver() as receiver,
    ):
        told = start(registry.journal)
        book.hooks.add(receiver.url, SECRET, [HookEvent.CHANGES], told, private=True, by="t")
        _, secret = book.tokens.make("示例", [Role.READER], expires=None, by="t")
        with served(location) as address:
            area(registry, 1)
            receiver.wait(1)
            asked = httpx.post(
                f"{address}/graphql",
                json={"query": "{ __typename }"},
                headers={"Authorization": f"Bearer {secret}"},
                timeout=240,
            )
            assert asked.status_code == 200
        area(registry, 2)
        time.sleep(0.2)
        receiver.wait(1)  # nobody serves
        with served(location):
            assert [one.said["data"]["position"] for one in receiver.wait(2)] == [1, 2]
        with served(location, replace(QUICK, webhooks=Hooking(enabled=False, poll_seconds=0.02))):
            area(registry, 3)
            time.sleep(0.2)
            receiver.wait(2)
