"""The start page: three questions to try, what is there, what is complete (floor 5)."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from qualitrace.access.model import Caller, Right
from qualitrace.graphql import ClassSummary, Vocabulary, overview, vocabulary
from qualitrace.graphql.asking import TRUSTED
from qualitrace.graphql.derive import derive
from qualitrace.graphql.model import ApiModel
from qualitrace.graphql.persisted import Persisted
from qualitrace.graphql.rights import sees_protected
from qualitrace.text import Text
from qualitrace.web.disclosing import VARY, disclose, is_noted, is_withheld, seen
from qualitrace.web.freshness import Freshness
from qualitrace.web.keeping import Kept
from qualitrace.web.parts import Parts, caller_of, require
from qualitrace.web.tags import matches

_TEMPLATES = Path(__file__).parent / "templates"
_HTML = "text/html; charset=utf-8"
LANGUAGES = ("zh", "en")
_AUDIENCES = 32  # whose pages are kept


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent, and its strong tag."""

    content: bytes
    tag: str


def start_routes(parts: Parts) -> list[BaseRoute]:
    """Return the start page, or what asks for a token there; and the schema as text."""
    page = StartPage(parts)
    if parts.access is None:
        parts.warming.append(lambda: page.of(TRUSTED))

    async def start(request: Request) -> Response:
        caller = caller_of(request)
        known = caller.trusted or caller.principal.roles
        headers = {"Cache-Control": "no-store", **({} if caller.trusted else {"Vary": VARY})}
        if not known:
            return Response(page.closed, headers=headers, media_type=_HTML)
        found = await run_in_threadpool(page.of, caller)
        if is_noted(caller):  # each showing of what may be personal is, so that nobody keeps it
            await run_in_threadpool(disclose, parts, caller, "/", found.content)
            return Response(found.content, headers=headers, media_type=_HTML)
        headers |= {"Cache-Control": "private, no-cache", "ETag": found.tag}
        if matches(request.headers.get("if-none-match", ""), found.tag):
            return Response(status_code=304, headers=headers)
        return Response(found.content, headers=headers, media_type=_HTML)

    return [Route("/", start), *schema_routes(parts)]


def schema_routes(parts: Parts) -> list[BaseRoute]:
    """Return the schema as text, as far as the role of whoever asks shows it."""

    async def schema_file(request: Request) -> Response:
        caller = caller_of(request)
        require(caller, Right.EXPLORE)
        text = await run_in_threadpool(parts.schemas.text, caller.rights)
        headers = {} if caller.trusted else {"Vary": VARY, "Cache-Control": "private, no-cache"}
        return PlainTextResponse(text, headers=headers, media_type="text/plain; charset=utf-8")

    return [Route("/schema.graphql", schema_file)]


class StartPage:
    """Renders the page for a caller: once for each journal position, day, audience and set of rights."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registry = parts.registry
        self._title = parts.title
        self._fresh = Freshness(parts.registry)
        self._lock = threading.Lock()
        self._pages: Kept[Page] = Kept(_AUDIENCES)
        self._models: dict[bool, ApiModel] = {}
        self._words: dict[bool, Markup] = {}
        environment = templates()
        self._template = environment.get_template("start.html")
        self.closed = environment.get_template("sign-in.html").render(title=self._title)

    def of(self, caller: Caller) -> Page:
        """Return the page as a caller sees it."""
        self._fresh.catch_up()
        key = (caller.audience, caller.rights, caller.trusted, is_withheld(caller))
        return self._pages.get(key, self._standing(), lambda: self._made(caller))

    def _standing(self) -> tuple[int, dt.date]:
        return self._registry.position, dt.date.today()

    def _made(self, caller: Caller) -> tuple[tuple[int, dt.date], Page]:
        with self._registry.reading():
            standing = self._standing()
            content = self._html(caller, standing[1]).encode()
        return standing, Page(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')

    def _html(self, caller: Caller, today: dt.date) -> str:
        """Render the page."""
        protected = self._protected(caller)
        figures = overview(seen(self._parts, caller), as_of=today, model=self._model(protected))
        shown = [one for one in figures if one.count and not one.abstract]
        known = self._parts.schemas.of(caller.rights).persisted
        samples = [
            one
            for one in self._registry.profile.operations
            if one.sample and self._may_ask(one, known, caller)
        ]
        return self._template.render(
            title=self._title,
            position=self._registry.position,
            head=self._head()[:12],
            questions=[_question(one) for one in samples],
            classes=shown,
            targets=sorted(shown, key=self._is_way),
            example=self._example(samples),
            bars=[one for one in figures if one.complete is not None],
            today=today.isoformat(),
            words=self._said(protected),
            explores=Right.EXPLORE in caller.rights,
            withheld=is_withheld(caller),
        )

    def _model(self, protected: bool) -> ApiModel:
        """Return what the API shows, by whether protected data is in it."""
        with self._lock:
            if protected not in self._models:
                self._models[protected] = derive(self._registry.profile, protected=protected)
            return self._models[protected]

    def _protected(self, caller: Caller) -> bool:
        return self._parts.protected and sees_protected(caller.rights)

    def _may_ask(self, operation: Any, known: Persisted, caller: Caller) -> bool:
        return known.trusts(operation.document) or (caller.trusted and not self._parts.protected)

    def _said(self, protected: bool) -> Markup:
        with self._lock:
            if protected not in self._words:
                self._words[protected] = _words(vocabulary(self._registry.profile, protected=protected))
            return self._words[protected]

    def _is_way(self, one: ClassSummary) -> bool:
        """Tell whether responsibility is carried on from a class; where it ends is asked for most."""
        model = self._registry.profile.class_named(one.name)
        if model is None:
            return True
        traced = self._registry.profile.trace.properties
        family = {model.iri, *model.parents, *model.children}
        leaves = any(family & prop.domains for prop in traced.values())
        reached = any(
            prop.target in family and prop.predicate in traced
            for other in self._registry.profile.classes.values()
            for prop in other.properties
        )
        return leaves or not reached

    def _example(self, samples: Sequence[Any]) -> str:
        """Return what the first sample question starts from, as an example of what can be typed."""
        texts = (value for one in samples for value in one.variables.values() if isinstance(value, str))
        return next(texts, "")

    def _head(self) -> str:
        last = next(iter(self._registry.changesets(self._registry.position - 1)), None)
        return "" if last is None else last.id


def templates() -> Environment:
    """Return what pages are made with."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["both"] = _both
    return environment


def _question(operation: Any) -> dict[str, Any]:
    return {
        "name": operation.name,
        "titles": operation.titles,
        "document": operation.document.strip(),
        "variables": orjson.dumps(dict(operation.variables)).decode(),
    }


def _words(said: Vocabulary) -> Markup:
    """Return what names and values are called, as JSON that is safe inside a script element."""
    names = {name: _spoken(text) for name, text in said.names.items()}
    values = {
        name: {member: _spoken(text) for member, text in members.items()}
        for name, members in said.values.items()
    }
    json = orjson.dumps({"names": names, "values": values}).decode()
    return Markup(json.replace("<", "\\u003c"))


def _spoken(text: Text) -> dict[str, str]:
    return dict(zip(LANGUAGES, _both(text), strict=True))


def _both(text: Text) -> tuple[str, str]:
    """Return a text in the two languages of the page."""
    zh, en = (text.best(language) for language in LANGUAGES)
    return zh, en
