"""GraphQL requests answered: persisted documents, tags, and where the work is done (floor 5)."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.graphql import Allowance, Answer, Schema, build_schema, execute
from qualitrace.profile.model import Profile
from qualitrace.web.batching import answer_batch, check_batch
from qualitrace.web.freshness import Freshness
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.protocol import Asked, negotiate, not_persisted, read_request, status_of
from qualitrace.web.served import Served

# An answer may be kept by whoever asked, who then asks each time whether it still holds.
_REVALIDATE = {"Cache-Control": "private, no-cache", "Vary": "Accept"}
_DO_NOT_KEEP = {"Cache-Control": "no-store", "Vary": "Accept"}
_QUICK = 0.02  # seconds
_FOLDERS = ("ontology", "shapes", "reasoning", "graphql")


def graphql_routes(parts: Parts) -> list[BaseRoute]:
    """Return the address that GraphQL is asked at."""
    schema = build_schema(parts.registry, limits=parts.limits, protected=parts.protected)
    answering = Answering(parts.registry, schema, batch=parts.settings.limits.batch)

    async def graphql(request: Request) -> Response:
        return await answering.respond(request)

    return [Route("/graphql", graphql, methods=["GET", "POST"])]


class Answering:
    """Answers the requests of one application.

    Trusted operations that take some milliseconds are answered one after another by one thread: together
    on many threads they would only take turns. Any other request gets a thread of its own, and so does
    the first of its kind after the registry has changed.
    """

    def __init__(self, registry: Served, schema: Schema, *, batch: int = 10) -> None:
        self._registry = registry
        self._most = batch
        self._schema = schema
        self._known = schema.persisted
        self._fresh = Freshness(registry)
        self._lane = ThreadPoolExecutor(1, thread_name_prefix="trusted")
        self._profile = _digest(registry.profile)
        self._quick: dict[str, int] = {}  # trusted operations → the position they were quick at
        self._head: tuple[int, str] = (-1, "")

    async def respond(self, request: Request) -> Response:
        """Answer a request. Raises HttpError when it is not a GraphQL request."""
        media = negotiate(request.headers.get("accept", ""))
        allowance: Allowance = request.scope["state"]["allowance"]
        read = await read_request(request)
        if isinstance(read, tuple):
            check_batch(caller_of(request), len(read), self._most)
            return await run_in_threadpool(self._batch, media, read, allowance)
        asked = read
        text = asked.query or self._known.find(asked.sha256)
        if text is None:
            body, status = not_persisted(asked.sha256, media)
            return Response(body, status, {**_DO_NOT_KEEP}, f"{media}; charset=utf-8")
        work = (request.method, media, text, asked, request.headers.get("if-none-match", ""), allowance)
        if self._quick.get(text) == self._registry.position:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._lane, self._respond, *work)
        return await run_in_threadpool(self._respond, *work)

    def _batch(self, media: str, asked: tuple[Asked, ...], allowance: Allowance) -> Response:
        self._fresh.catch_up()
        return answer_batch(self._schema, self._known, media, asked, allowance)

    def _respond(
        self, method: str, media: str, text: str, asked: Asked, given: str, allowance: Allowance
    ) -> Response:
        self._fresh.catch_up()
        with self._registry.reading():
            tag = self._tag(method, media, text, asked)
            # A trusted operation only reads, so that its POST may be conditional like a GET.
            if tag and given and _matches(given, tag):
                return Response(status_code=304, headers={"ETag": tag, **_REVALIDATE})
            if tag:
                return self._executed(method, media, text, asked, tag, allowance)
        return self._executed(method, media, text, asked, tag, allowance)

    def _executed(
        self, method: str, media: str, text: str, asked: Asked, tag: str, allowance: Allowance
    ) -> Response:
        begun = time.perf_counter()
        found = execute(
            self._schema,
            text,
            asked.variables,
            asked.operation_name,
            queries_only=method == "GET",
            allowance=allowance,
        )
        if found.planned:
            self._note(text, time.perf_counter() - begun)
        if asked.sha256 and found.executed:
            self._known.learn(text)
        status = status_of(found, media, method)
        return Response(found.content, status, _headers(found, status, tag), f"{media}; charset=utf-8")

    def _note(self, text: str, seconds: float) -> None:
        """Remember which trusted operations are quick, now that what they lean on has been worked out."""
        if seconds < _QUICK:
            self._quick[text] = self._registry.position
        else:
            self._quick.pop(text, None)

    def _tag(self, method: str, media: str, text: str, asked: Asked) -> str:
        """Return the strong tag of the answer; "" when the answer may change without the journal."""
        if not (method == "GET" or self._known.trusts(text)) or not self._known.is_steady(text):
            return ""
        parts = (
            self._profile,
            self._standing(),
            # Findings, and traces and verdicts without a date, are those of the day.
            [dt.date.today().isoformat(), dt.datetime.now(dt.UTC).date().isoformat()],
            hashlib.sha256(text.encode()).hexdigest(),
            asked.operation_name,
            media,
        )
        variables = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
        return f'"{hashlib.sha256(orjson.dumps(parts) + variables).hexdigest()[:32]}"'

    def _standing(self) -> str:
        """Return the identifier of the changeset that answers stand at."""
        position = self._registry.position
        if self._head[0] != position:
            last = next(iter(self._registry.changesets(position - 1)), None)
            self._head = position, "" if last is None else last.id
        return f"{self._head[0]} {self._head[1]}"


def _headers(found: Answer, status: int, tag: str) -> Mapping[str, str]:
    if tag and found.executed and not found.errors and not found.partial:
        return {"ETag": tag, **_REVALIDATE}
    return {**_DO_NOT_KEEP, **({"Allow": "POST"} if status == 405 else {})}


def _matches(given: str, tag: str) -> bool:
    """Compare as ``If-None-Match`` does (RFC 9110, 13.1.2): weakly, or ``*`` for anything."""
    tags = [one.strip().removeprefix("W/") for one in given.split(",")]
    return tag in tags or tags == ["*"]


def _digest(profile: Profile) -> str:
    """Return a digest of what the profile says about answers."""
    found = hashlib.sha256()
    for folder in _FOLDERS:
        for path in sorted((profile.directory / folder).rglob("*")):
            if path.is_file():
                found.update(path.name.encode())
                found.update(path.read_bytes())
    return found.hexdigest()[:16]
