"""GraphQL requests answered: persisted documents, tags, and where the work is done (floor 5)."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import EVERYTHING, Audience, Caller, Principal, Right
from qualitrace.graphql import Allowance, Answer, Schema, execute
from qualitrace.graphql.asking import Asker, on_behalf_of
from qualitrace.graphql.persisted import Persisted
from qualitrace.graphql.rights import ALL, shown_by
from qualitrace.profile.model import Profile
from qualitrace.web.batching import answer_batch, check_batch
from qualitrace.web.disclosing import asked as asked_of
from qualitrace.web.disclosing import headers_for, is_noted, is_withheld, read_of, seen, withheld
from qualitrace.web.freshness import Freshness
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.protocol import Asked, negotiate, not_persisted, read_request, status_of
from qualitrace.web.request_log import PARTIAL

# Questions about what was known before: what was personal then may be gone, so that any answer is noted.
_EARLIER = re.compile(r"\b(knownAt|sinceKnown|nodeAt|changes|diff|blame|suspects|proposals?|mutation)\b")
_NAMED = re.compile(r"\b(?:query|mutation)\s+([_A-Za-z]\w{0,99})")
_CHANGES = re.compile(r"\bmutation\b")
_QUICK = 0.02  # seconds
_FOLDERS = ("ontology", "shapes", "reasoning", "graphql")


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


@dataclass(frozen=True)
class _Asking:
    """One request: what is asked, by whom, of which schema, and as who sees what."""

    method: str
    media: str
    given: str  # If-None-Match
    allowance: Allowance
    asker: Asker
    schema: Schema
    known: Persisted
    key: tuple[frozenset[Right], Audience]  # answers for one key never answer another

    @property
    def caller(self) -> Caller:
        return self.asker.caller


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
        self._whole = parts.schemas.whole
        self._fresh = Freshness(parts.asked)
        self._lane = ThreadPoolExecutor(1, thread_name_prefix="trusted")
        self._profile = _digest(parts.registry.profile)
        self._quick: dict[tuple[Any, str], int] = {}  # trusted operations → the position they were quick at
        self._head: tuple[int, str] = (-1, "")

    async def respond(self, request: Request) -> Response:
        """Answer a request. Raises HttpError when it is not a GraphQL request."""
        media = negotiate(request.headers.get("accept", ""))
        read = await read_request(request)
        if isinstance(read, tuple):
            check_batch(caller_of(request), len(read), self._parts.settings.limits.batch)
            asking = await self._asking(request, media, read)
            return await run_in_threadpool(self._batch, asking, read)
        asking = await self._asking(request, media, (read,))
        text = read.query or asking.known.find(read.sha256)
        if text is None:
            body, status = not_persisted(read.sha256, media)
            return Response(body, status, _headers(asking, ""), f"{media}; charset=utf-8")
        if self._lanes and self._quick.get((asking.key, text)) == self._registry.position:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._lane, self._respond, asking, text, read)
        return await run_in_threadpool(self._respond, asking, text, read)

    async def _asking(self, request: Request, media: str, asked: Sequence[Asked]) -> _Asking:
        caller = caller_of(request)
        if not caller.trusted and not caller.purpose:
            caller = replace(caller, purpose=next((one.purpose for one in asked if one.purpose), ""))
        schema: Schema = self._whole
        audience, view = EVERYTHING, None
        if not caller.trusted:
            rights, audience = caller.rights, caller.audience
            made = self._parts.schemas.ready(rights)
            schema = made if made else await run_in_threadpool(self._parts.schemas.of, rights)
            view = None if audience.everything else await run_in_threadpool(asked_of, self._parts, caller)
        return _Asking(
            method=request.method,
            media=media,
            given=request.headers.get("if-none-match", ""),
            allowance=request.scope["state"]["allowance"],
            asker=Asker(caller, view, self._parts.access),
            schema=schema,
            known=schema.persisted if caller.trusted else schema.persisted.of(audience),
            key=(shown_by(caller.rights) if not caller.trusted else ALL, audience),
        )

    def _batch(self, asking: _Asking, asked: tuple[Asked, ...]) -> Response:
        self._fresh.catch_up()
        with on_behalf_of(asking.asker):
            answer = answer_batch(asking.schema, asking.known, asking.media, asked, asking.allowance)
        for one in asked:
            text = one.query or asking.known.find(one.sha256)
            read = self._read(asking, text, one, bytes(answer.body)) if text else None
            if read is not None and self._parts.access is not None:
                self._parts.access.note(read)
        answer.headers.update(_headers(asking, ""))
        return answer

    def _respond(self, asking: _Asking, text: str, asked: Asked) -> Response:
        self._fresh.catch_up()
        tag = ""
        with self._registry.reading():
            tag = self._tag(asking, text, asked)
            # A trusted operation only reads, so that its POST may be conditional like a GET.
            if tag and asking.given and matches(asking.given, tag):
                return Response(status_code=304, headers={**_headers(asking, tag)})
            if tag:
                return self._executed(asking, text, asked, tag)[0]
        # What is personal is looked for while the registry stands as it did for the answer.
        noted = is_noted(asking.caller) and not _CHANGES.search(text)
        with self._registry.reading() if noted else nullcontext():
            answer, read = self._executed(asking, text, asked, tag)
        if read is not None and self._parts.access is not None:
            self._parts.access.note(read)
        return answer

    def _executed(
        self, asking: _Asking, text: str, asked: Asked, tag: str
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
        kept = tag if found.executed and not found.errors and not found.partial else ""
        headers = {**_headers(asking, kept), **({"Allow": "POST"} if status == 405 else {})}
        if found.partial:
            headers[PARTIAL] = "time"
        return Response(content, status, headers, f"{asking.media}; charset=utf-8"), read

    def _read(self, asking: _Asking, text: str, asked: Asked, content: bytes) -> PersonalRead | None:
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

    def _tag(self, asking: _Asking, text: str, asked: Asked) -> str:
        """Return the strong tag of the answer; "" when the answer may change without the journal.

        There is none either where what is shown must be noted: each showing is.
        """
        known = asking.known
        if is_noted(asking.caller) or not (asking.method == "GET" or known.trusts(text)):
            return ""
        if not known.is_steady(text):
            return ""
        rights, audience = asking.key
        parts = (
            self._profile,
            self._standing(),
            # Findings, and traces and verdicts without a date, are those of the day.
            [dt.date.today().isoformat(), dt.datetime.now(dt.UTC).date().isoformat()],
            hashlib.sha256(text.encode()).hexdigest(),
            asked.operation_name,
            asking.media,
            [sorted(rights), audience.everything, sorted(audience.units), is_withheld(asking.caller)],
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


def _headers(asking: _Asking, tag: str) -> dict[str, str]:
    """Return who may keep the answer, and whom it is for."""
    told = dict(headers_for(asking.caller))
    told["Vary"] = ", ".join(filter(None, ("Accept", told.get("Vary", ""))))
    if tag:
        return {**told, "ETag": tag, "Cache-Control": "private, no-cache"}
    return {**told, "Cache-Control": "no-store"}


def _completed(found: Answer) -> bytes:
    """Return an answer that says it is not complete, as no purpose was stated."""
    body = found.body
    return orjson.dumps({**body, "extensions": {**body.get("extensions", {}), "withheld": withheld()}})


def matches(given: str, tag: str) -> bool:
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
