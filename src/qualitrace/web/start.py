"""The start page: three questions to try, what is there, what is complete (floor 5)."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from qualitrace.access.model import Audience, Caller, Right
from qualitrace.graphql import ClassSummary, Vocabulary, overview, vocabulary
from qualitrace.graphql.asking import TRUSTED
from qualitrace.graphql.persisted import Persisted
from qualitrace.graphql.rights import sees_protected
from qualitrace.text import Text
from qualitrace.web.disclosing import VARY, disclose, is_withheld, seen
from qualitrace.web.parts import Parts, caller_of, require

_TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("zh", "en")
_AUDIENCES = 16  # whose figures are kept


def start_routes(parts: Parts) -> list[BaseRoute]:
    """Return the start page, or what asks for a token there; and the schema as text."""
    page = StartPage(parts)
    if parts.access is None:
        parts.warming.append(lambda: page.figures(TRUSTED))

    async def start(request: Request) -> Response:
        caller = caller_of(request)
        known = caller.trusted or caller.principal.roles
        text = await run_in_threadpool(page.html, caller) if known else page.closed
        headers = {"Cache-Control": "no-store", **({} if caller.trusted else {"Vary": VARY})}
        if known:
            await run_in_threadpool(disclose, parts, caller, "/", text.encode())
        return Response(text, headers=headers, media_type="text/html; charset=utf-8")

    async def schema_file(request: Request) -> Response:
        caller = caller_of(request)
        require(caller, Right.EXPLORE)
        text = await run_in_threadpool(parts.schemas.text, caller.rights)
        headers = {} if caller.trusted else {"Vary": VARY, "Cache-Control": "private, no-cache"}
        return PlainTextResponse(text, headers=headers, media_type="text/plain; charset=utf-8")

    return [Route("/", start), Route("/schema.graphql", schema_file)]


class StartPage:
    """Renders the page for a caller; figures are worked out once per journal position, day and audience."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registry = parts.registry
        self._title = parts.title
        self._lock = threading.Lock()
        self._figures: OrderedDict[tuple[Audience, bool], tuple[Any, tuple[ClassSummary, ...]]] = (
            OrderedDict()
        )
        self._words: dict[bool, Markup] = {}
        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        environment.globals["both"] = _both
        self._template = environment.get_template("start.html")
        self.closed = environment.get_template("sign-in.html").render(title=self._title)

    def figures(self, caller: Caller) -> tuple[ClassSummary, ...]:
        """Return counts and completeness per class, as the caller sees them."""
        key = (caller.audience, self._protected(caller))
        shown = seen(self._parts, caller)
        with self._lock:
            now = (shown.position, dt.date.today())
            held = self._figures.pop(key, None)
            if held is None or held[0] != now:
                held = now, overview(shown, protected=key[1], as_of=now[1])
            self._figures[key] = held
            if len(self._figures) > _AUDIENCES:
                self._figures.popitem(last=False)
            return held[1]

    def html(self, caller: Caller) -> str:
        """Render the page."""
        self._registry.refresh()
        figures = self.figures(caller)
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
            today=dt.date.today().isoformat(),
            words=self._said(self._protected(caller)),
            explores=Right.EXPLORE in caller.rights,
            withheld=is_withheld(caller),
        )

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
