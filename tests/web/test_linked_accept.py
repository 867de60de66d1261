"""Content negotiation as RFC 9110, 12.5.1, says."""

from __future__ import annotations

import pytest

from qualitrace.web.linked_data_accept import HTML, JSONLD, NTRIPLES, TURTLE, choose

FORMS = (TURTLE, HTML, JSONLD, NTRIPLES)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", TURTLE),
        ("*/*", TURTLE),
        ("text/*", TURTLE),
        ("application/*", JSONLD),
        ("text/html", HTML),
        ("TEXT/HTML", HTML),
        ("application/xhtml+xml", HTML),
        ("application/json", JSONLD),
        ("text/turtle, text/html", TURTLE),
        ("text/turtle;q=0.5, text/html;q=0.6", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("*/*;q=0.1, application/n-triples", NTRIPLES),
        ("text/*;q=0.3, text/html;q=0.7, text/html;level=1, */*;q=0.5", HTML),
        ("*/*, text/turtle;q=0", HTML),
        ("text/*, text/turtle;q=0, text/html;q=0, text/plain", NTRIPLES),  # as it is called by some
        ('application/ld+json;profile="http://x/a,b;q=0"', JSONLD),
        ('application/ld+json;profile="http://x/a";q=0.2, text/turtle;q=0.3', TURTLE),
        ("text/turtle;q=1.000", TURTLE),
        ("text/turtle ; q=0.4 , text/html ; q=0.5", HTML),
        ("nonsense, text/html", HTML),
        ("text/turtle;q=2, text/html;q=0.1", HTML),
        ("text/turtle;q=x, text/html;q=0.1", HTML),
    ],
)
def test_the_form_that_is_wanted_most(accept: str, form: object) -> None:
    assert choose(accept, FORMS) is form


@pytest.mark.parametrize("accept", ["image/png", "text/turtle;q=0", "*/*;q=0", "text/html;q=0.0", ",;,", '"'])
def test_no_form_is_wanted(accept: str) -> None:
    assert choose(accept, FORMS) is None


def test_a_long_header_takes_no_time() -> None:
    for accept in ("text/turtle," * 100_000, '"' * 100_000, ';q="' * 100_000, "a/b;" * 100_000):
        choose(accept, FORMS)
