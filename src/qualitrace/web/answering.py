"""GraphQL requests answered: persisted documents, tags, and where the work is done (floor 5)."""

from __future__ import annotations

import asyncio
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import Caller, Principal
from qualitrace.graphql import Answer, execute
from qualitrace.graphql.asking import on_behalf_of
from qualitrace.web.asking import Asking, asking_of
from qualitrace.web.batching import answer_batch, check_batch
from qualitrace.web.disclosing import is_noted, is_withheld, read_of, seen, withheld
from qualitrace.web.freshness import Freshness
from qualitrace.web.kept_answers import Again, Key
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.protocol import Asked, negotiate, not_persisted, read_request, status_of
from qualitrace.web.request_log import PARTIAL
from qualitrace.web.tags import Tags, is_tagged, matches, quoted

# Questions about what was known before: what was personal then may be gone, so that any answer is noted.
_EARLIER = re.compile(r"\b(knownAt|sinceKnown|nodeAt|changes|diff|blame|suspects|proposals?|mutation)\b")
_NAMED = re.compile(r"\b(?:query|mutation)\s+([_A-Za-z]\w{0,99})")
_CHANGES = re.compile(r"\bmutation\b")
_QUICK = 0.02  # seconds


def graphql_routes(parts: Parts) -> list[BaseRoute]:
    """Return the address that GraphQL is asked at. Raises ProfileError when there is no schema to ask."""
    answering = Answering(parts)
    if parts.access is not None:
        parts.warming.append(parts.schemas.warm)
        nobody = Caller(Principal("", frozenset()))
        parts.warming.append(lambda: seen(parts, nobody).engine)

    async def graphql(request: Request) -> Response:
        return await answering.respond(request)

    return [Route("/graphql", graphql, methods=["GET", "POST"])]


class Answering:
    """Answers the requests of one application.

    Trusted operations that take some milliseconds are answered one after another by one thread: together
    on many threads they would only take turns. Any other request gets a thread of its own, and so does
    the first of its kind after the registry has changed.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registry = parts.asked
        # Waiting for another machine, many are better served side by side.
        self._lanes = not hasattr(parts.asked, "home")
        self._no_journal = getattr(parts.asked, "home", self) is None
        self._fresh = Freshness(parts.asked)
        self._lane = ThreadPoolExecutor(1, thread_name_prefix="trusted")
        self._quick: dict[tuple[Any, str], int] = {}  # trusted operations → the position they were quick at
        self._tags = Tags(parts.asked)
        self._again = Again.of(parts.asked, self._tags, parts.settings.neo4j.kept * 1_000_000)

    async def respond(self, request: Request) -> Response:
        """Answer a request. Raises HttpError when it is not a GraphQL request."""
        media = negotiate(request.headers.get("accept", ""))
        read = await read_request(request)
        if isinstance(read, tuple):
            check_batch(caller_of(request), len(read), self._parts.settings.limits.batch)
            asking = await asking_of(self._parts, request, media, read)
            return await run_in_threadpool(self._batch, asking, read)
        asking = await asking_of(self._parts, request, media, (read,))
        text = read.query or asking.known.find(read.sha256)
        if text is None:
            body, status = not_persisted(read.sha256, media)
            return Response(body, status, asking.headers(""), f"{media}; charset=utf-8")
        if self._again is not None and (self._no_journal or not self._fresh.stale()):
            same = self._again.at_once(asking, text, read)
            if same is not None:
                return self._given(asking, text, *same)
        if self._lanes and self._quick.get((asking.key, text)) == self._registry.position:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._lane, self._respond, asking, text, read)
        return await run_in_threadpool(self._respond, asking, text, read)

    def _batch(self, asking: Asking, asked: tuple[Asked, ...]) -> Response:
        self._fresh.catch_up()
        with on_behalf_of(asking.asker):
            answer = answer_batch(asking.schema, asking.known, asking.media, asked, asking.allowance)
        for one in asked:
            text = one.query or asking.known.find(one.sha256)
            read = self._read(asking, text, one, bytes(answer.body)) if text else None
            if read is not None and self._parts.access is not None:
                self._parts.access.note(read)
        answer.headers.update(asking.headers(""))
        return answer

    def _respond(self, asking: Asking, text: str, asked: Asked) -> Response:
        self._fresh.catch_up()
        if self._again is not None:
            return self._from_afar(self._again, asking, text, asked)
        tag = ""
        with self._registry.reading():
            if is_tagged(asking, text):
                tag = quoted(self._tags.of(asking, text, asked))
            if tag and asking.given and matches(asking.given, tag):
                return Response(status_code=304, headers=asking.headers(tag))
            if tag:
                return self._executed(asking, text, asked, tag)[0]
        return self._noted(asking, text, asked)

    def _from_afar(self, again: Again, asking: Asking, text: str, asked: Asked) -> Response:
        """Answer from another machine, or as it answered before if it stands where it stood."""
        key = again.key(asking, text, asked)
        if key is None:
            return self._noted(asking, text, asked)
        same = again.find(key, asking)
        if same is not None:
            return self._given(asking, text, key, same)
        tag = quoted(key.digest) if is_tagged(asking, text) else ""
        if tag and asking.given and matches(asking.given, tag):
            return Response(status_code=304, headers=asking.headers(tag))
        answer, _ = self._executed(asking, text, asked, tag, key)  # where there is a key, none need be noted
        return answer

    def _given(self, asking: Asking, text: str, key: Key, content: bytes) -> Response:
        """Send an answer that was given before."""
        tag = quoted(key.digest) if is_tagged(asking, text) else ""
        if tag and asking.given and matches(asking.given, tag):
            return Response(status_code=304, headers=asking.headers(tag))
        return Response(content, 200, asking.headers(tag), f"{asking.media}; charset=utf-8")

    def _noted(self, asking: Asking, text: str, asked: Asked) -> Response:
        """Answer what may have to be noted, or changes something."""
        # What is personal is looked for while the registry stands as it did for the answer.
        noted = is_noted(asking.caller) and not _CHANGES.search(text)
        with self._registry.reading() if noted else nullcontext():
            answer, read = self._executed(asking, text, asked, "")
        if read is not None and self._parts.access is not None:
            self._parts.access.note(read)
        return answer

    def _executed(
        self, asking: Asking, text: str, asked: Asked, tag: str, key: Key | None = None
    ) -> tuple[Response, PersonalRead | None]:
        begun = time.perf_counter()
        with on_behalf_of(asking.asker):
            found = execute(
                asking.schema,
                text,
                asked.variables,
                asked.operation_name,
                queries_only=asking.method == "GET",
                allowance=asking.allowance,
            )
        if found.planned and self._lanes:
            self._note((asking.key, text), time.perf_counter() - begun)
        if asked.sha256 and found.executed:
            asking.known.learn(text)
        content = _completed(found) if is_withheld(asking.caller) else found.content
        read = self._read(asking, text, asked, content)
        status = status_of(found, asking.media, asking.method)
        whole = found.executed and not found.errors and not found.partial
        if whole and key is not None and self._again is not None:
            self._again.keep(key, content)
        headers = {**asking.headers(tag if whole else ""), **({"Allow": "POST"} if status == 405 else {})}
        if found.partial:
            headers[PARTIAL] = "time"
        return Response(content, status, headers, f"{asking.media}; charset=utf-8"), read

    def _read(self, asking: Asking, text: str, asked: Asked, content: bytes) -> PersonalRead | None:
        """Return the note of whose personal data the answer holds, and by whose it was asked."""
        caller = asking.caller
        if not is_noted(caller):
            return None
        assert asking.schema.questions is not None
        by = asking.schema.questions.asked(text, asked.variables)
        earlier = caller.audience.everything and bool(_EARLIER.search(text))
        named = asked.operation_name or next(iter(_NAMED.findall(text)), "")
        route = " ".join(["graphql", named, *sorted(by)])
        question = text.encode() + orjson.dumps(asked.variables)
        return read_of(self._parts, caller, route, content, question, always=bool(by) or earlier)

    def _note(self, text: tuple[Any, str], seconds: float) -> None:
        """Remember which trusted operations are quick, now that what they lean on has been worked out."""
        if seconds < _QUICK:
            self._quick[text] = self._registry.position
        else:
            self._quick.pop(text, None)


def _completed(found: Answer) -> bytes:
    """Return an answer that says it is not complete, as no purpose was stated."""
    body = found.body
    return orjson.dumps({**body, "extensions": {**body.get("extensions", {}), "withheld": withheld()}})
