"""Every identifier is an address: documents about nodes, and the vocabulary (floor 5).

An identifier names a thing, not a document. Where this server's addresses are other than the identifiers
(the usual case: the base is a name of the college, the server has one of its own), an address here is that
of a document, and is answered with 200 and ``Content-Location``. Where the public address is the base
itself, the address is the thing's own name: it is answered with 303 and the document's address (W3C TAG,
httpRange-14; Cool URIs for the Semantic Web, 4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from qualitrace.access import Caller, Right
from qualitrace.errors import QualitraceError, UnknownNodeError
from qualitrace.registry.private import without_private
from qualitrace.store import valid_iri
from qualitrace.terms import RDF_TYPE
from qualitrace.text import Text
from qualitrace.web.disclosing import disclose, headers_for, is_withheld, seen
from qualitrace.web.freshness import Freshness
from qualitrace.web.linked_data_accept import HTML, JSONLD, NTRIPLES, RDFXML, TURTLE, Form
from qualitrace.web.linked_data_addresses import LONGEST, Addresses, candidates
from qualitrace.web.linked_data_answers import Found, answer_of
from qualitrace.web.linked_data_history import memento, moved_to_moment
from qualitrace.web.linked_data_page import missing_page
from qualitrace.web.linked_data_requests import NotAcceptableError, Times, chosen, times_of, wished_moment
from qualitrace.web.linked_data_vocabulary import profile_facts
from qualitrace.web.parts import Parts, caller_of
from qualitrace.web.refusing import refusal

PATH = "/id/"
DESCRIBE = "/describe"
FORMS = (TURTLE, HTML, JSONLD, NTRIPLES, RDFXML)  # who takes anything gets Turtle; browsers ask for HTML
PICTURE = Form("image/svg+xml", "svg")
_DATA = (TURTLE, JSONLD, NTRIPLES, RDFXML)
_BY_SUFFIX = {form.suffix: form for form in (*FORMS, PICTURE)}
_VARY = {"Vary": "Accept, Accept-Datetime, Authorization, Qualitrace-Purpose"}
KEPT = {"Cache-Control": "private, no-cache", **_VARY}
_NOT_KEPT = {"Cache-Control": "no-store", **_VARY}


def linked_data_routes(parts: Parts) -> list[BaseRoute]:
    """Return the routes of identifiers and of the vocabulary."""
    here = LinkedData(parts)
    return [
        Route(PATH + "{local:path}", here.node, methods=["GET", "HEAD"], include_in_schema=False),
        Route(DESCRIBE, here.other, methods=["GET", "HEAD"], include_in_schema=False),
        Route(DESCRIBE + ".{suffix}", here.other, methods=["GET", "HEAD"], include_in_schema=False),
        Route("/ontology", here.ontology, methods=["GET", "HEAD"], include_in_schema=False),
        Route("/shapes", here.shapes, methods=["GET", "HEAD"], include_in_schema=False),
    ]


class LinkedData:
    """Answers for the identifiers of one registry."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._fresh = Freshness(parts.registry)

    async def node(self, request: Request) -> Response:
        """Answer for an identifier below the base."""
        sent = bytes(request.scope.get("raw_path") or request.url.path.encode()).partition(b"?")[0]
        start = sent.find(PATH.encode())
        local = sent[start + len(PATH) :] if start >= 0 else b""
        return await run_in_threadpool(self._guarded, self._node, request, local)

    async def other(self, request: Request) -> Response:
        """Answer for any identifier that the registry knows: ``/describe?iri=…``."""
        return await run_in_threadpool(self._guarded, self._other, request)

    async def ontology(self, request: Request) -> Response:
        """Answer with the classes, properties and schemes."""
        return await run_in_threadpool(self._guarded, self._vocabulary, request, "ontology")

    async def shapes(self, request: Request) -> Response:
        """Answer with the rules."""
        return await run_in_threadpool(self._guarded, self._vocabulary, request, "shapes")

    def addresses(self, request: Request) -> Addresses:
        """Return where identifiers answer."""
        root = str(request.base_url)
        public = self._parts.settings.linked_data.public or root + PATH[1:]
        return Addresses(self._parts.registry.base, public, root + DESCRIBE[1:])

    @staticmethod
    def _guarded(work: Any, *given: Any) -> Response:
        try:
            found = work(*given)
            assert isinstance(found, Response)
            return found
        except NotAcceptableError as error:
            return refusal(error, status=406, headers=_VARY)
        except QualitraceError as error:
            return refusal(error, headers=_VARY)

    def _node(self, request: Request, local: bytes) -> Response:
        caller = caller_of(request)
        addresses = self.addresses(request)
        stem, _, suffix = local.rpartition(b".")
        form = _BY_SUFFIX.get(suffix.decode("ascii", "replace")) if stem else None
        tried: list[tuple[tuple[str, ...], Form | None]] = [(candidates(addresses.base, local), None)]
        if form is not None:
            tried.append((candidates(addresses.base, stem), form))
        return self._answer(request, caller, addresses, tried)

    def _other(self, request: Request) -> Response:
        caller = caller_of(request)
        suffix = request.path_params.get("suffix", "")
        form = _BY_SUFFIX.get(suffix)
        name = request.query_params.get("iri", "")[:LONGEST]
        names = (name,) if valid_iri(name) and (form or not suffix) else ()
        return self._answer(request, caller, self.addresses(request), [(names, form)])

    def _answer(
        self,
        request: Request,
        caller: Caller,
        addresses: Addresses,
        tried: list[tuple[tuple[str, ...], Form | None]],
    ) -> Response:
        """Answer for the first of several names that is known; ``tried`` says in which form, if in one."""
        times = times_of(request, caller)
        asked = tried[-1][1] or chosen(request, FORMS)
        self._fresh.catch_up()
        whole = self._parts.registry
        with whole.reading():
            view = seen(self._parts, caller)
            state = without_private(view.at(times.known_at) if times.known_at else view)
            known = [(name, form) for names, form in tried for name in names if _known(state, name)]
            if not known:
                return _missing(asked)
            name, form = known[0]
            wish = wished_moment(request) if Right.HISTORY in caller.rights and not times.known_at else None
            if wish is not None:
                return moved_to_moment(addresses.of(name, form.suffix if form else ""), wish, times.as_of)
            if form is None and self._is_thing(name, addresses):
                return _see_other(addresses.of(name, asked.suffix), times)
            found = Found(name, form or asked, state, addresses, times)
            past = memento(whole, found, caller)
            answer = answer_of(found, self._parts, past.modified, withheld=is_withheld(caller))
        route = f"{request.method} {request.url.path}"
        disclose(self._parts, caller, route, answer, always=bool(times.known_at))
        links = ", ".join([*_links(found), *past.links])
        headers = {**headers_for(caller), **KEPT, **past.headers, "Link": links}
        if form is None:
            headers["Content-Location"] = addresses.of(name, asked.suffix)
        return kept(request, answer, form or asked, headers)

    def _is_thing(self, name: str, addresses: Addresses) -> bool:
        """Tell whether an identifier was asked for by its own name, and not a document about it."""
        return addresses.public == addresses.base and name.startswith(addresses.base)

    def _vocabulary(self, request: Request, part: str) -> Response:
        form = chosen(request, _DATA)
        profile = self._parts.registry.profile
        return kept(request, profile_facts(profile, part, form.suffix), form, {})


def _known(state: Any, name: str) -> bool:
    return next(iter(state.engine.facts(subject=name, predicate=RDF_TYPE)), None) is not None


def _links(found: Found) -> list[str]:
    """The links of a document: to its node, and to its other forms (RFC 8288; POWDER)."""
    addresses, name = found.addresses, found.name
    others = [
        f'<{addresses.of(name, one.suffix)}>; rel="alternate"; type="{one.media}"'
        for one in FORMS
        if one is not found.form
    ]
    described = f'<{addresses.of(name, TURTLE.suffix)}>; rel="describedby"; type="{TURTLE.media}"'
    return [f'<{addresses.of(name)}>; rel="canonical"', described, *others]


def _see_other(document: str, times: Times) -> Response:
    query = urlencode(times.query)
    address = document + ("?" + query if query else "")
    return Response(status_code=303, headers={**KEPT, "Location": address})


def _missing(form: Form) -> Response:
    """Say that nothing is known by a name. It is the same whether there is none or it may not be seen."""
    if form is HTML:
        return Response(missing_page(), 404, _NOT_KEPT, HTML.content_type)
    error = UnknownNodeError(
        Text(zh="登记库里没有这个标识。", en="There is no such identifier in the registry."),
        hint=Text(
            zh="请核对标识,或在首页按编码、名称查找。",
            en="Check the identifier, or look it up by code or name on the start page.",
        ),
    )
    return refusal(error, headers=_NOT_KEPT)


def kept(request: Request, answer: bytes, form: Form, headers: Mapping[str, str]) -> Response:
    """Send an answer that may be kept and asked about again, or say that it still holds (304)."""
    tag = f'"{hashlib.sha256(answer + form.media.encode()).hexdigest()[:32]}"'
    given = request.headers.get("if-none-match", "")
    told = {**KEPT, "ETag": tag, **headers}
    tags = [one.strip().removeprefix("W/") for one in given.split(",")]
    if tag in tags or tags == ["*"]:
        return Response(status_code=304, headers=told)
    return Response(answer, 200, told, form.content_type)
