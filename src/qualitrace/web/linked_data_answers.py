"""The documents about a node, in each form (floor 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qualitrace.exporting.description import describe
from qualitrace.exporting.document import document_facts
from qualitrace.exporting.forms import in_form
from qualitrace.exporting.svg import trace_svg
from qualitrace.exporting.why import why_svg
from qualitrace.registry.explaining import why
from qualitrace.registry.private import with_private
from qualitrace.web.linked_data_accept import HTML, Form
from qualitrace.web.linked_data_addresses import Addresses
from qualitrace.web.linked_data_page import node_page
from qualitrace.web.linked_data_requests import Times
from qualitrace.web.parts import Parts

WELL_KNOWN = "/.well-known/void"
_PATHS = 40  # of a picture


@dataclass(frozen=True, slots=True)
class Found:
    """A node that is known: its identifier, the form it is asked in, the state it is read from."""

    name: str
    form: Form
    state: Any  # what somebody sees of the registry, or of a past state of it
    addresses: Addresses
    times: Times


def answer_of(found: Found, parts: Parts, modified: str, *, withheld: bool = False) -> bytes:
    """Return the document about a node. ``modified``: an ISO time, "" when it is not to be said.

    ``withheld``: whoever reads it would see more for a stated purpose.
    """
    state, addresses = found.state, found.addresses
    if found.form.suffix == "svg":
        return _picture(found).encode()
    most = parts.settings.linked_data.most_links
    told = describe(state, found.name, most=most, as_of=found.times.as_of)
    assert told is not None  # it was looked up within the same reading
    if found.form is HTML:
        page = node_page(told, state.profile, addresses, found.times, modified=modified, withheld=withheld)
        return page.encode()
    root = addresses.others.rpartition("/")[0]
    facts = document_facts(
        told.facts,
        told.sources,
        base=addresses.base,
        document=addresses.of(found.name, found.form.suffix),
        topic=found.name,
        dataset=f"{root}{WELL_KNOWN}#dataset",
        modified=modified,
    )
    return in_form(facts, state.profile, found.form.suffix)


def _picture(found: Found) -> str:
    """Draw what the node traces to; of a node that nothing leads on from, what leads to it.

    With ``?why=``, why what is said of the node is so.
    """
    state, as_of = found.state, found.times.as_of
    if found.times.why is not None:
        told = why(with_private(state), found.name, found.times.why, as_of=as_of, most=_PATHS)
        return why_svg(told, state.profile, found.times.language)
    trace = state.trace(found.name, as_of=as_of, shortest=True, limit=_PATHS)
    if not trace.paths:
        trace = state.trace(found.name, as_of=as_of, shortest=True, limit=_PATHS, backwards=True)
    return trace_svg(trace, state.profile, found.times.language)
