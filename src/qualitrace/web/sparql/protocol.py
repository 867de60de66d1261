"""The endpoint: requests in, results and refusals out (floor 5).

SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/), the query operation only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.access import Caller, Right
from qualitrace.errors import QualitraceError, UnavailableError
from qualitrace.exporting.forms import in_form
from qualitrace.store import INFERRED, PROFILE, STATED
from qualitrace.text import Text
from qualitrace.web.disclosing import disclose, seen
from qualitrace.web.linked_data_accept import HTML, JSONLD, NTRIPLES, RDFXML, TURTLE, Form, choose
from qualitrace.web.parts import Parts, caller_of, require
from qualitrace.web.refusing import refusal
from qualitrace.web.sparql.describing import service_facts
from qualitrace.web.sparql.evaluating import Question
from qualitrace.web.sparql.guard import RefusedError, check
from qualitrace.web.sparql.page import query_page
from qualitrace.web.sparql.process import BusyError, Outcome, QueryProcess
from qualitrace.web.sparql.requests import Asked, check_graphs, read_request

logger = logging.getLogger("qualitrace.web.sparql")

PATH = "/sparql"
GRAPHS = (STATED, INFERRED, PROFILE)
_METHODS = ("GET", "HEAD", "POST")
_OTHERS = ("PUT", "PATCH", "DELETE", "OPTIONS")
_SOLUTIONS = (
    Form("application/sparql-results+json", "srj", ("application/json",)),
    Form("application/sparql-results+xml", "srx", ("application/xml", "text/xml")),
    Form("text/csv", "csv", charset=True),
    Form("text/tab-separated-values", "tsv", charset=True),
)
_TRIPLES = (TURTLE, NTRIPLES, RDFXML, JSONLD)
_HEADERS = {"Vary": "Accept, Authorization, Qualitrace-Purpose", "Cache-Control": "no-store"}
_RETRY = 5  # seconds


def sparql_routes(parts: Parts) -> list[BaseRoute]:
    """Return the route of the endpoint, with the process behind it."""
    endpoint = Endpoint(parts)
    parts.lasting.append(endpoint.lasting)
    return [Route(PATH, endpoint.respond, methods=[*_METHODS, *_OTHERS], include_in_schema=False)]


class Endpoint:
    """Answers SPARQL queries about one registry."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._process: QueryProcess | None = None

    @asynccontextmanager
    async def lasting(self) -> AsyncIterator[None]:
        """End the process when the server stops."""
        yield
        if self._process is not None:
            await run_in_threadpool(self._process.close)

    async def respond(self, request: Request) -> Response:
        """Answer one request."""
        try:
            caller = caller_of(request)
            require(caller, Right.SPARQL)
            if request.method not in _METHODS:
                raise RefusedError(405, Text(zh="请用 GET 或 POST。", en="Use GET or POST."))
            asked = await read_request(request)
            if asked is None:
                return await run_in_threadpool(self._described, request, caller)
            return await self._answered(request, asked, caller)
        except RefusedError as error:
            more = {"Allow": "GET, HEAD, POST"} if error.status == 405 else {}
            return refusal(error, status=error.status, headers={**_HEADERS, **more})
        except BusyError:
            return _busy()
        except QualitraceError as error:
            return refusal(error, headers=_HEADERS)

    async def _answered(self, request: Request, asked: Asked, caller: Caller) -> Response:
        _check_purpose(caller)
        query = await run_in_threadpool(check, asked.query)
        stated = asked.default_graphs is not None or asked.named_graphs is not None
        named = (*(asked.default_graphs or ()), *(asked.named_graphs or ())) if stated else query.graphs
        check_graphs(named, GRAPHS)
        forms = _SOLUTIONS if query.form in ("SELECT", "ASK") else _TRIPLES
        form = _chosen(request, forms)
        asking = Question(
            query.text, form.suffix, query.own_dataset, asked.default_graphs, asked.named_graphs
        )
        outcome = await self._asked(request, asking, caller)
        if outcome is None:  # nobody is there any more to be told
            return Response(status_code=499)
        if outcome.failed:
            raise self._refused(outcome)
        # Always noted: what a query makes of a name need not look like it.
        route, question = f"sparql: {asked.query}", asked.query.encode()
        await run_in_threadpool(disclose, self._parts, caller, route, outcome.data, question, always=True)
        headers = {**_HEADERS, "Qualitrace-Position": str(outcome.position)}
        return Response(outcome.data, 200, headers, form.content_type)

    async def _asked(self, request: Request, question: Question, caller: Caller) -> Outcome | None:
        """Run a query for as long as whoever asked is there; None when they left."""
        work = asyncio.ensure_future(self._started().ask(question, caller.audience))
        gone = asyncio.ensure_future(_gone(request))
        try:
            await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else None
        finally:
            for task in (work, gone):
                if not task.done():
                    task.cancel()

    def _started(self) -> QueryProcess:
        """Return the process of this registry. Raises UnavailableError when it cannot be opened twice."""
        if self._process is None:
            registry = self._parts.registry
            journal = getattr(registry, "journal", None)
            url = None if journal is None else journal.database.url
            if url is None or (url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")):
                raise UnavailableError(
                    Text(
                        zh="只在内存中的登记库不能用 SPARQL 查询。",
                        en="A registry that is only in memory cannot be asked by SPARQL.",
                    )
                )
            place = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(False)
            self._process = QueryProcess(place, str(registry.profile.directory), self._parts.settings.sparql)
        return self._process

    def _described(self, request: Request, caller: Caller) -> Response:
        """Describe the endpoint: to a browser as a page to write queries on."""
        registry = self._parts.registry
        form = _chosen(request, (TURTLE, HTML, NTRIPLES, RDFXML, JSONLD))
        if form is HTML:
            return Response(query_page(registry.profile), 200, _HEADERS, form.content_type)
        engine = seen(self._parts, caller).engine
        with registry.reading():
            counts = {graph: engine.count(graph) for graph in GRAPHS}
        address = str(request.url.replace(query=""))
        data = in_form(set(service_facts(address, counts)), registry.profile, form.suffix)
        return Response(data, 200, _HEADERS, form.content_type)

    def _refused(self, outcome: Outcome) -> QualitraceError:
        """Turn what went wrong with a query into what is said about it."""
        limits = self._parts.settings.sparql
        why = outcome.failed
        if why == "malformed":
            return RefusedError(
                400,
                Text(zh="查询不合 SPARQL 语法。", en="The query is not SPARQL."),
                Text(zh="请检查标出的位置。", en="Look at the place that is named."),
                where=outcome.why,
            )
        if why == "query":
            return RefusedError(
                400, Text(zh="查询无法执行。", en="The query cannot be run."), where=outcome.why
            )
        said = {
            "time": Text(
                zh=f"查询运行超过 {limits.seconds:g} 秒,已终止。",
                en=f"The query ran for more than {limits.seconds:g} s and was ended.",
            ),
            "memory": Text(
                zh=f"查询占用内存超过 {limits.megabytes} MB,已终止。",
                en=f"The query took more than {limits.megabytes} MB of memory and was ended.",
            ),
            "size": Text(
                zh=f"结果超过 {limits.answer_megabytes} MB;没有返回任何部分。",
                en=f"The answer is over {limits.answer_megabytes} MB; no part of it is returned.",
            ),
        }
        if why in said:
            hint = Text(
                zh="请缩小查询:加条件,或用 LIMIT 分段取。",
                en="Ask for less: add conditions, or take it in parts with LIMIT.",
            )
            return RefusedError(422, said[why], hint)
        logger.warning("a query could not be run: %s", outcome.why or why)
        return UnavailableError(
            Text(zh="查询没有运行成功,请再试一次。", en="The query could not be run; try again.")
        )


def _check_purpose(caller: Caller) -> None:
    if not caller.trusted and not caller.purpose:
        raise RefusedError(
            403,
            Text(zh="SPARQL 查询须说明目的。", en="A SPARQL query must state its purpose."),
            Text(
                zh="请在请求头 Qualitrace-Purpose 中写明为何查询。",
                en="Say why you ask in the header Qualitrace-Purpose.",
            ),
        )


def _chosen(request: Request, forms: Sequence[Form]) -> Form:
    accept = request.headers.get("accept", "")
    form = choose(accept, forms)
    if form is None:
        listed = ", ".join(one.media for one in forms)
        raise RefusedError(
            406,
            Text(zh=f"只能以这些格式回答:{listed}。", en=f"The answer can be {listed}."),
            where=f"Accept: {accept[:200]}",
        )
    return form


def _busy() -> Response:
    said = UnavailableError(
        Text(zh="同时运行的查询太多。", en="Too many queries run at this time."),
        hint=Text(zh="请稍后再试。", en="Try again in a moment."),
    )
    return refusal(said, status=503, headers={**_HEADERS, "Retry-After": str(_RETRY)})


async def _gone(request: Request) -> None:
    """Wait until whoever asked has left."""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            return
