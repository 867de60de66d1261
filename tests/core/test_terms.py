"""Terms in N-Triples syntax, held to an independent implementation (pyoxigraph)."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualitrace.store import fact_of, quad_of, term_of
from qualitrace.terms import RDF, XSD, Fact, iri, iri_of, is_iri, language_text, lit_of, literal

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
languages = st.sampled_from(["zh", "en", "zh-hant"])
datatypes = st.sampled_from([XSD + "date", XSD + "decimal", "https://example.org/t"])


@given(texts)
def test_a_plain_literal_reads_back_and_is_canonical(value: str) -> None:
    assert lit_of(literal(value)).value == value
    assert literal(value) == str(ox.Literal(value))


@given(texts, languages)
def test_a_language_literal_reads_back_and_is_canonical(value: str, language: str) -> None:
    term = literal(value, language=language)
    assert lit_of(term) == (value, RDF + "langString", language)
    assert term == str(ox.Literal(value, language=language))


@given(texts, datatypes)
def test_a_typed_literal_reads_back_and_is_canonical(value: str, datatype: str) -> None:
    term = literal(value, datatype=datatype)
    assert lit_of(term) == (value, datatype, "")
    assert term == str(ox.Literal(value, datatype=ox.NamedNode(datatype)))


@given(texts)
def test_a_fact_survives_the_store(value: str) -> None:
    for term in (literal(value), literal(value, language="zh"), iri("https://example.org/单位/一")):
        fact = Fact("https://example.org/s", "https://example.org/p", term)
        assert fact_of(quad_of(fact, "https://example.org/g")) == fact
        assert str(term_of(term)) == term


def test_an_iri_is_told_from_a_literal() -> None:
    assert is_iri(iri("https://example.org/a")) and not is_iri(literal("<a>"))
    assert iri_of("<https://example.org/a>") == "https://example.org/a"
    with pytest.raises(ValueError, match="not an IRI"):
        iri_of(literal("a"))
    with pytest.raises(ValueError, match="not a literal"):
        lit_of(iri("https://example.org/a"))


def test_texts_gather_by_language() -> None:
    text = language_text(
        [literal("岗位", language="zh"), literal("post", language="en"), iri("https://e.org/")]
    )
    assert (text["zh"], text["en"]) == ("岗位", "post")
    assert text.best("fr", "en") == "post"
    assert text.both() == "岗位 / post"
