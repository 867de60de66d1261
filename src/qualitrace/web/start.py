"""The start page: three questions to try, what is there, what is complete (floor 5)."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from qualitrace.graphql import ClassSummary, Vocabulary, overview, schema_text, vocabulary
from qualitrace.text import Text
from qualitrace.web.parts import Parts
from qualitrace.web.served import Served

_TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES = ("zh", "en")


def start_routes(parts: Parts) -> list[BaseRoute]:
    """Return the start page, what a monitor asks, and the schema as text."""
    page = StartPage(parts.registry, parts.title, protected=parts.protected)
    text = schema_text(parts.registry.profile, protected=parts.protected)
    parts.warming.append(page.figures)

    async def start(request: Request) -> Response:
        return Response(await run_in_threadpool(page.html), media_type="text/html; charset=utf-8")

    async def schema_file(request: Request) -> Response:
        return PlainTextResponse(text, media_type="text/plain; charset=utf-8")

    return [Route("/", start), Route("/schema.graphql", schema_file)]


class StartPage:
    """Renders the page; figures are worked out once per journal position and day."""

    def __init__(self, registry: Served, title: Text, *, protected: bool) -> None:
        self._registry = registry
        self._title = title
        self._protected = protected
        self._lock = threading.Lock()
        self._figures: tuple[tuple[int, dt.date], tuple[ClassSummary, ...]] | None = None
        self._words = _words(vocabulary(registry.profile, protected=protected))
        environment = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        environment.globals["both"] = _both
        self._template = environment.get_template("start.html")

    def figures(self) -> tuple[ClassSummary, ...]:
        """Return counts and completeness per class."""
        with self._lock:
            now = (self._registry.position, dt.date.today())
            if self._figures is None or self._figures[0] != now:
                found = overview(self._registry, protected=self._protected, as_of=now[1])
                self._figures = (now, found)
            return self._figures[1]

    def html(self) -> str:
        """Render the page."""
        self._registry.refresh()
        figures = self.figures()
        shown = [one for one in figures if one.count and not one.abstract]
        return self._template.render(
            title=self._title,
            position=self._registry.position,
            head=self._head()[:12],
            questions=[_question(one) for one in self._registry.profile.operations if one.sample],
            classes=shown,
            targets=sorted(shown, key=self._is_way),
            example=self._example(),
            bars=[one for one in figures if one.complete is not None],
            today=dt.date.today().isoformat(),
            words=self._words,
        )

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

    def _example(self) -> str:
        """Return what the first sample question starts from, as an example of what can be typed."""
        samples = (one for one in self._registry.profile.operations if one.sample)
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
