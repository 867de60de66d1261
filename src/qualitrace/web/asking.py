"""One GraphQL request: who asks, of which schema, and as who sees what (floor 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from qualitrace.access.model import EVERYTHING, Audience, Caller, Right
from qualitrace.graphql import Allowance, Schema
from qualitrace.graphql.asking import Asker
from qualitrace.graphql.persisted import Persisted
from qualitrace.graphql.rights import ALL, shown_by
from qualitrace.web.disclosing import asked as asked_of
from qualitrace.web.disclosing import headers_for
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.protocol import Asked


@dataclass(frozen=True)
class Asking:
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
        """Who asks."""
        return self.asker.caller

    def headers(self, tag: str) -> dict[str, str]:
        """Return who may keep the answer, and whom it is for."""
        told = dict(headers_for(self.caller))
        told["Vary"] = ", ".join(filter(None, ("Accept", told.get("Vary", ""))))
        if tag:
            return {**told, "ETag": tag, "Cache-Control": "private, no-cache"}
        return {**told, "Cache-Control": "no-store"}


async def asking_of(parts: Parts, request: Request, media: str, asked: Sequence[Asked]) -> Asking:
    """Find out who asks what they ask, and what they see.

    Raises ForbiddenError where that cannot be told apart, UnavailableError when a server of graphs is away.
    """
    caller = caller_of(request)
    if not caller.trusted and not caller.purpose:
        caller = replace(caller, purpose=next((one.purpose for one in asked if one.purpose), ""))
    schema: Schema = parts.schemas.whole
    audience, view = EVERYTHING, None
    if not caller.trusted:
        rights, audience = caller.rights, caller.audience
        made = parts.schemas.ready(rights)
        schema = made if made else await run_in_threadpool(parts.schemas.of, rights)
        view = None if audience.everything else await run_in_threadpool(asked_of, parts, caller)
    return Asking(
        method=request.method,
        media=media,
        given=request.headers.get("if-none-match", ""),
        allowance=request.scope["state"]["allowance"],
        asker=Asker(caller, view, parts.access),
        schema=schema,
        known=schema.persisted if caller.trusted else schema.persisted.of(audience),
        key=(shown_by(caller.rights) if not caller.trusted else ALL, audience),
    )
