"""What is logged of requests: marked secrets are put everywhere, and none comes out."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from qualitrace.errors import QueryError
from qualitrace.text import Text
from qualitrace.web import create_app
from qualitrace.web.log_lines import configure, event
from qualitrace.web.settings import Logging
from tests.graphql.kitchens import Kitchen
from tests.web.calling import call

MARK = "s3cr3t-示例-张三"
ASCII = "s3cr3t-zhang-san"
MARKS = (MARK, ASCII, "13800001111")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged, by whomever, as a server logs it."""
    root, before = logging.getLogger(), (list(logging.getLogger().handlers), logging.getLogger().level)
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    stream = io.StringIO()
    configure(Logging(level="debug", form="json"), stream)
    root.setLevel(logging.DEBUG)  # whatever a library would say
    yield stream
    root.handlers[:], root.level = before
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    logging.getLogger("qualitrace").setLevel(logging.NOTSET)


@pytest.fixture(scope="module")
def failing() -> FastAPI:
    """An application whose routes fail with texts that hold somebody's data."""
    app = create_app(Kitchen())

    async def fail(request: Request) -> Response:
        try:
            raise KeyError(MARK)
        except KeyError as cause:
            raise RuntimeError(f"{MARK} {await request.body()!r} {request.url}") from cause

    async def refuse(request: Request) -> Response:
        raise QueryError(Text(zh=MARK, en=MARK), where=MARK)

    async def tell(request: Request) -> Response:
        logging.getLogger("some.library").error("read %s", MARK)
        logging.getLogger("some.library").error(f"read {MARK}")
        logging.getLogger("qualitrace.web").warning("it is about %s", MARK)
        warnings.warn(MARK, stacklevel=1)
        return Response(b"told")

    app.router.routes[:0] = [
        Route("/fail/{name}", fail, methods=["GET", "POST"]),
        Route("/refuse/{name}", refuse),
        Route("/tell/{name}", tell),
    ]
    return app


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


HEADERS = {
    "x-request-id": ASCII, "user-agent": ASCII, "referer": f"http://127.0.0.1/{ASCII}",
    "cookie": f"a={ASCII}", "x-name": ASCII, "qualitrace-purpose": ASCII,
    "if-none-match": ASCII, "accept-language": ASCII,
}  # fmt: skip
QUERY = {"query": f'{{ node(id: "{MARK}") {{ id label }} trace(node: "{MARK}", to: Cook) {{ partial }} }}'}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/fail/{MARK}"), ("POST", f"/fail/{MARK}"), ("GET", f"/refuse/{MARK}"),
        ("GET", f"/tell/{MARK}"),
        ("GET", f"/{MARK}"), ("GET", f"/graphql?query={{node(id:%22{MARK}%22){{id}}}}"), ("POST", "/graphql"),
        ("DELETE", f"/graphql?{MARK}"), ("GET", f"/static/{MARK}"), ("GET", f"/readyz?{MARK}"),
        ("GET", f"/id/{MARK}"),
        ("GET", f"/sparql?query={MARK}"), ("13800001111", f"/{MARK}"),
    ],
)  # fmt: skip
def test_no_place_of_a_request_reaches_the_log(
    failing: FastAPI, written: io.StringIO, method: str, path: str
) -> None:
    body = json.dumps({**QUERY, "variables": {"a": MARK}, "operationName": None}, ensure_ascii=False).encode()
    sent = {"content": body} if method == "POST" else {}
    answer = call(failing, method, path, headers={**HEADERS, "content-type": "application/json"}, **sent)
    text = written.getvalue()
    decoded = text.encode().decode("unicode-escape", errors="ignore")
    for mark in MARKS:
        assert mark not in text
        assert mark not in decoded
    requests = [one for one in lines(written) if one["event"] == "request"]
    assert len(requests) == 1
    assert requests[0]["status"] == answer.status_code
    assert requests[0]["id"] == answer.headers["x-request-id"]
    assert requests[0]["route"] in {"(none)"} | {getattr(r, "path", "") for r in failing.routes} | {
        "/static/*"
    }


def test_a_failure_is_logged_by_its_number_and_the_answer_says_the_number_only(
    failing: FastAPI, written: io.StringIO
) -> None:
    answer = call(failing, "GET", f"/fail/{MARK}")
    assert answer.status_code == 500
    (failure,) = [one for one in lines(written) if one["event"] == "unexpected error"]
    assert failure["level"] == "error"
    assert failure["id"] == answer.headers["x-request-id"]
    assert failure["id"] in answer.text
    assert not any(mark in answer.text for mark in MARKS)
    assert [one["class"] for one in failure["error"]] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert all(" fail" in one["frames"][0] for one in failure["error"])
    assert answer.headers["x-content-type-options"] == "nosniff"  # a failure carries them too


def test_what_others_log_is_written_as_it_stands_in_the_source(
    failing: FastAPI, written: io.StringIO
) -> None:
    call(failing, "GET", "/tell/x")
    said = [one["event"] for one in lines(written) if one.get("logger") in ("some.library", "qualitrace.web")]
    assert said == ["read %s", "(text left out)", "it is about %s"]


def test_errors_nobody_caught_are_logged_without_their_text(written: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError(MARK)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)

    async def forgotten() -> None:
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": MARK, "exception": ValueError(MARK)})

    asyncio.run(forgotten())
    found = [one for one in lines(written) if "error" in one]
    assert len(found) == 3
    assert {one["error"][0]["class"] for one in found} == {"builtins.ValueError"}
    assert MARK not in written.getvalue()


GIVEN = ["0123456789abcdef0123456789ABCDEF", "01234567-89ab-cdef-0123-456789abcdef"]


@pytest.mark.parametrize("given", GIVEN)
def test_a_safe_number_of_a_request_is_kept(failing: FastAPI, given: str) -> None:
    assert call(failing, "GET", "/healthz", headers={"x-request-id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given", ["", "x", "110101199003071234", GIVEN[0] + "0", GIVEN[1] + " x", "a" * 5000]
)
def test_any_other_is_not(failing: FastAPI, given: str) -> None:
    made = call(failing, "GET", "/healthz", headers={"x-request-id": given}).headers["x-request-id"]
    assert made != given
    assert re.fullmatch("[0-9a-f]{32}", made)


def test_probes_that_are_answered_well_are_logged_at_debug_only(
    failing: FastAPI, written: io.StringIO
) -> None:
    call(failing, "GET", "/healthz")
    call(failing, "GET", "/")
    levels = {one["route"]: one["level"] for one in lines(written) if one["event"] == "request"}
    assert levels == {"/healthz": "debug", "/": "info"}


def test_text_for_a_terminal_says_the_same(failing: FastAPI) -> None:
    stream = io.StringIO()
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    try:
        configure(Logging(form="text"), stream)
        call(failing, "GET", f"/fail/{MARK}")
    finally:
        root.handlers[:] = before
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
        logging.captureWarnings(False)
    text = stream.getvalue()
    assert "route=/fail/{name}" in text and "status=500" in text and "builtins.RuntimeError" in text
    assert MARK not in text


def test_an_event_says_its_fields_and_no_more(written: io.StringIO) -> None:
    event(logging.getLogger("qualitrace.test"), logging.INFO, "something", number=3, name="x")
    (said,) = lines(written)
    assert set(said) == {"time", "level", "event", "number", "name"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said["time"])
