"""/healthz, /readyz and /metrics of one application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from qualitrace import demonstration
from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.errors import RegistryError
from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.registry import Registry
from qualitrace.store import INFERRED, STATED
from qualitrace.text import Text
from qualitrace.web import create_app
from qualitrace.web.request_log import PARTIAL
from qualitrace.web.settings import Measuring, Settings
from tests.graphql.kitchens import Kitchen
from tests.registry.worker import increment
from tests.web.calling import call, post

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures(text: str) -> Figures:
    """What Prometheus would read."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def measured(app: FastAPI) -> Figures:
    answer = call(app, "GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return figures(answer.text)


@pytest.fixture(scope="module")
def profile(repo_root: Path) -> Profile:
    return load_profile(repo_root / "tests" / "profiles" / "kitchen")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Iterator[Registry]:
    made = demonstration.build(profile, tmp_path_factory.mktemp("metrics") / "r.db")
    yield made
    made.close()


@pytest.fixture(scope="module")
def served(registry: Registry) -> FastAPI:
    return create_app(registry)


def test_requests_are_counted_by_template_method_and_status(served: FastAPI) -> None:
    before = measured(served)
    for name in ("a", "b", "c"):
        call(served, "GET", f"/nothing/{name}")
    post(served, {"query": "{ __typename }"})
    call(served, "PUT", "/graphql")
    after = measured(served)

    def came(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    total = "qualitrace_requests_total"
    assert came(total, method="GET", route="(none)", status="404") == 3
    assert came(total, method="POST", route="/graphql", status="200") == 1
    assert came(total, method="PUT", route="/graphql", status="405") == 1
    assert came("qualitrace_request_seconds_count", route="(none)") == 3
    assert came("qualitrace_request_seconds_bucket", route="(none)", le="+Inf") == 3
    assert value(after, "qualitrace_requests_in_flight") == 1  # the one that asks
    assert not [labels for _, labels in after if "nothing" in str(labels)]


def test_answers_that_limits_cut_short_or_refused_are_counted(registry: Registry) -> None:
    app = create_app(registry)

    async def cut(request: Request) -> Response:
        return Response(b"{}", headers={PARTIAL: "time"})

    async def refused(request: Request) -> Response:
        return Response(b"{}", 429)

    app.router.routes[:0] = [Route("/cut", cut), Route("/refused", refused)]
    for _ in range(2):
        call(app, "GET", "/cut")
    call(app, "GET", "/refused")
    found = measured(app)
    assert value(found, "qualitrace_answers_partial_total") == 2
    assert value(found, "qualitrace_requests_limited_total") == 1


def test_the_registry_is_told_in_numbers(served: FastAPI, registry: Registry) -> None:
    increment(registry)
    found = measured(served)
    assert value(found, "qualitrace_commits_total") == registry.position
    assert value(found, "qualitrace_registry_position") == registry.position
    assert value(found, "qualitrace_facts", basis="stated") == registry.engine.count(STATED)
    assert value(found, "qualitrace_facts", basis="inferred") == registry.engine.count(INFERRED)
    assert value(found, "qualitrace_seconds_since_change") < 3600
    counted: dict[str, int] = {}
    for finding in registry.validate().findings:
        counted[finding.severity] = counted.get(finding.severity, 0) + 1
    assert counted
    for severity, count in counted.items():
        assert value(found, "qualitrace_findings", severity=str(severity)) == count
    assert value(found, "process_resident_memory_bytes") > 0
    assert value(found, "python_gc_collections_total", generation="0") >= 0


def test_reads_of_personal_data_are_counted(registry: Registry) -> None:
    from qualitrace.access.gate import PersonalRead
    from qualitrace.access.model import Caller, Principal

    book = AccessBook.open(registry.journal.database.url.database or "")
    app = create_app(registry, access=book)
    before = value(measured(app), "qualitrace_personal_reads_noted_total")
    caller = Caller(Principal("示例", frozenset({Role.AUDITOR})), "review")
    book.note(PersonalRead.by(caller, "/x", [registry.base + "cook/1"]))
    assert value(measured(app), "qualitrace_personal_reads_noted_total") == before + 1
    book.close()


def from_elsewhere(app: FastAPI, **headers: str) -> int:
    """Ask for figures from another machine."""

    async def made() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.get("/metrics", headers=headers)

    return asyncio.run(made()).status_code


@pytest.fixture(scope="module")
def guarded(registry: Registry) -> Iterator[FastAPI]:
    book = AccessBook.open(registry.journal.database.url.database or "")
    settings = Settings(metrics=Measuring(token="m3trics-token"))
    yield create_app(registry, access=book, settings=settings)
    book.close()


def test_figures_are_for_this_machine_or_with_their_token(guarded: FastAPI, registry: Registry) -> None:
    assert call(guarded, "GET", "/metrics").status_code == 200
    assert from_elsewhere(guarded) == 401
    assert from_elsewhere(guarded, Authorization="Bearer m3trics-token") == 200
    assert from_elsewhere(guarded, Authorization="Bearer m3trics-toke") == 401
    assert from_elsewhere(guarded, Authorization="Basic m3trics-token") == 401
    by_proxy = call(guarded, "GET", "/metrics", headers={"x-forwarded-for": "192.0.2.7"})
    assert by_proxy.status_code == 401
    book = AccessBook.open(registry.journal.database.url.database or "")
    without = create_app(registry, access=book)
    assert from_elsewhere(without, Authorization="Bearer ") == 401
    book.close()


def test_figures_can_be_turned_off(registry: Registry) -> None:
    app = create_app(registry, settings=Settings(metrics=Measuring(enabled=False)))
    assert call(app, "GET", "/metrics").status_code == 404


class Silent(Kitchen):
    """A registry whose journal cannot be reached."""

    def refresh(self) -> int:
        raise RegistryError(Text(zh="连不上。", en="It cannot be reached."), where="示例 secret place")


def test_it_is_not_ready_when_the_journal_is_away() -> None:
    app = create_app(Silent())
    answer = call(app, "GET", "/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["registry"] == "REGISTRY"
    assert "示例" not in answer.text
    assert call(app, "GET", "/healthz").status_code == 200  # the process lives


def test_it_is_not_ready_when_nobody_can_be_known(registry: Registry, tmp_path: Path) -> None:
    book = AccessBook.open(registry.journal.database.url.database or "")
    app = create_app(registry, access=book)
    assert call(app, "GET", "/readyz").json() == {
        "status": "ready",
        "checks": {"registry": "ok", "journal": "ok", "access": "ok"},
    }

    class Away:
        def find(self, secret: str) -> Any:
            raise RegistryError(Text(zh="连不上。", en="It cannot be reached."))

    book.tokens = Away()  # type: ignore[assignment]
    answer = call(app, "GET", "/readyz")
    assert (answer.status_code, answer.json()["checks"]["access"]) == (503, "REGISTRY")
    book.close()


def test_it_is_not_ready_while_it_stops(registry: Registry) -> None:
    app = create_app(registry)
    assert call(app, "GET", "/readyz").status_code == 200
    told: list[str] = []
    app.state.stopping.listen(lambda: told.append("stop"))
    app.state.stopping.begin()
    app.state.stopping.begin()
    assert told == ["stop"]
    answer = call(app, "GET", "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "stopping"})
    assert answer.headers["connection"] == "close"
