"""What a query may be is found out before it runs; whatever is missed cannot leave the process."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from pyparsing import ParseException, ParseResults
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from qualitrace.web.sparql.guard import LONGEST, RefusedError, check

ELSEWHERE = "<http://127.0.0.1:9/sparql>"
PATTERN = "{ ?a ?b ?c }"

# Oxigraph takes each of these for a query that asks another server.
ASKS_OTHERS = {
    "plainly": f"ASK {{ SERVICE {ELSEWHERE} {PATTERN} }}",
    "in small letters": f"ask {{ service {ELSEWHERE} {PATTERN} }}",
    "silently": f"ASK {{ SERVICE SILENT {ELSEWHERE} {PATTERN} }}",
    "without a space": f"ASK {{ SERVICESILENT{ELSEWHERE}{PATTERN} }}",
    "a variable": f"ASK {{ VALUES ?x {{ {ELSEWHERE} }} SERVICE ?x {PATTERN} }}",
    "by a prefix": f"PREFIX ex: <http://127.0.0.1:9/> ASK {{ SERVICE ex:sparql {PATTERN} }}",
    "by a prefix without a space": f"PREFIX ex: <http://127.0.0.1:9/> ASK {{ SERVICEex:sparql{PATTERN} }}",
    "by a prefix of that name": "PREFIX ex: <http://127.0.0.1:9/> PREFIX SERVICEex: <http://q/> "
    f"ASK {{ SERVICEex:sparql{PATTERN} }}",
    "after a number": f"ASK {{ ?s ?p 1SERVICE{ELSEWHERE}{PATTERN} }}",
    "after true": f"ASK {{ ?s ?p trueSERVICE{ELSEWHERE}{PATTERN} }}",
    "in a subquery": f"SELECT * {{ {{ SELECT ?a {{ OPTIONAL {{ SERVICE {ELSEWHERE} {PATTERN} }} }} }} }}",
    "in EXISTS": f"ASK {{ FILTER EXISTS {{ SERVICE {ELSEWHERE} {PATTERN} }} }}",
    "in MINUS": f"ASK {{ ?s ?p ?o MINUS {{ SERVICE {ELSEWHERE} {PATTERN} }} }}",
    "in UNION": f"ASK {{ {{}} UNION {{ SERVICE {ELSEWHERE} {PATTERN} }} }}",
    "in GRAPH": f"ASK {{ GRAPH ?g {{ SERVICE {ELSEWHERE} {PATTERN} }} }}",
    "in CONSTRUCT": f"CONSTRUCT WHERE {{ ?s ?p ?o }} VALUES ?s {{}} # \nSERVICE {ELSEWHERE}",
    "in DESCRIBE": f"DESCRIBE ?a {{ SERVICE {ELSEWHERE} {PATTERN} }}",
    "after a comment that ends in CR": f"ASK {{ # nothing\rSERVICE {ELSEWHERE} {PATTERN} }}",
    "after an escape and #": f"ASK {{ ?s <http://x/\\u0041#> ?o . SERVICE {ELSEWHERE} {PATTERN} }}",
    "after an escaped quote": f'ASK {{ ?s ?p "\\" # " . SERVICE {ELSEWHERE} {PATTERN} }}',
    "after a long string": f"ASK {{ ?s ?p '''a ' # '' b''' . SERVICE {ELSEWHERE} {PATTERN} }}",
    "after both tricks": f'ASK {{ ?s <http://x/\\u0041#> "\\u0022 #" . SERVICE {ELSEWHERE} {PATTERN} }}',
}


@pytest.mark.parametrize("query", ASKS_OTHERS.values(), ids=ASKS_OTHERS.keys())
def test_service_is_refused_wherever_it_stands(query: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check(query)
    assert refused.value.status == 403


def test_what_could_be_read_in_two_ways_is_run_in_one() -> None:
    """Oxigraph reads ``?a<?b)SERVICE#>`` as a comparison that ends a filter; SPARQL says it is one IRI."""
    query = f"ASK {{ BIND(1 AS ?a) BIND(2 AS ?b) FILTER(?a<?b)SERVICE#>\n{ELSEWHERE} {PATTERN} }}"
    with pytest.raises(OSError, match="port 9"):
        ox.Store().query(query)
    with pytest.raises(SyntaxError):
        ox.Store().query(check(query).text)


HARMLESS = {
    "a variable": "SELECT ?service { ?service ?p ?o }",
    "a string": "ASK { ?s ?p 'SERVICE <http://x/> {}' }",
    "a comment": "ASK { ?s ?p ?o # SERVICE\n }",
    "an IRI": "ASK { ?s <http://example.org/SERVICE/x> ?o }",
    "a local name": "PREFIX ex: <http://x/> ASK { ?s ex:service ?o . ?s ex:SERVICE ?o }",
    "a blank node": "ASK { _:SERVICE ?p ?o }",
    "a language": "ASK { ?s ?p 'x'@service }",
}


@pytest.mark.parametrize("query", HARMLESS.values(), ids=HARMLESS.keys())
def test_the_word_elsewhere_is_harmless(query: str) -> None:
    text = check(query).text
    assert ox.Store().query(text) is not None


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <http://a/> <http://b/> 1 }",
        "PREFIX ex: <http://x/> DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/data.ttl>",
        "# a comment\nCLEAR ALL",
        "WITH <http://g/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "drop default",
        "CREATE GRAPH <http://g/>",
        "ADD DEFAULT TO <http://g/>",
        "MOVE DEFAULT TO <http://g/>",
        "COPY DEFAULT TO <http://g/>",
    ],
)
def test_updates_are_no_queries(update: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check(update)
    assert refused.value.status == 400
    assert "update" in refused.value.what["en"]


def test_an_update_after_a_query_is_not_run() -> None:
    checked = check("ASK {} ; INSERT DATA { <http://a/> <http://b/> 1 }")
    with pytest.raises(SyntaxError):
        ox.Store().query(checked.text)


@pytest.mark.parametrize(
    "text", ["", "   ", "# nothing\n", "PREFIX ex: <http://x/>", "nonsense", "}{", "\x00"]
)
def test_what_is_no_query_is_malformed(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check(text)
    assert refused.value.status == 400


def test_a_query_has_a_greatest_length() -> None:
    assert check("ASK {}".ljust(LONGEST)).form == "ASK"
    with pytest.raises(RefusedError) as refused:
        check("ASK {}".ljust(LONGEST + 1))
    assert refused.value.status == 413


def test_graphs_are_named_by_iri_and_by_prefix() -> None:
    query = (
        "PREFIX g: <http://g/> SELECT * FROM g:a FROM NAMED <http://g/\\u0062> from<http://g/c#d> "
        "{ ?s ?p 'FROM <http://g/no>' }"
    )
    checked = check(query)
    assert checked.graphs == ("http://g/a", "http://g/b", "http://g/c#d")
    assert checked.own_dataset
    assert not check("SELECT * { ?from ?p ?o }").own_dataset


STORE = ox.Store()
for number in range(4):
    STORE.add(
        ox.Quad(
            ox.NamedNode(f"http://例.example/n{number}?a=(1)&b='2'"),
            ox.NamedNode("http://x/p#值"),
            ox.Literal(f"line\n'''quote\" # {number}"),
        )
    )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o } ORDER BY ?s",
        "SELECT ?s { ?s <http://x/p#值> ?o FILTER(CONTAINS(?o, '# 1') && STRLEN(?o) > -3) }",
        "SELECT * { <http://例.example/n1?a=(1)&b='2'> ?p ?o }",
        "PREFIX x:<http://x/>#c\nSELECT ?s{?s x:p\\#值 ?o}",
        'SELECT ?s { ?s ?p """line\n\'\'\'quote" # 2""" }',
        "SELECT (GROUP_CONCAT(?o; SEPARATOR='#') AS ?all) { SELECT ?o { ?s ?p ?o } ORDER BY ?o }",
        "CONSTRUCT { ?s <http://y/> ?o } WHERE { ?s (<http://x/p#值>|!<http://z/>)+ ?o }",
    ],
)
def test_what_is_run_says_what_was_asked(query: str) -> None:
    """Written anew, a query has the same answer."""

    def answer(text: str) -> object:
        found = STORE.query(text)
        assert not isinstance(found, ox.QueryBoolean)
        return sorted(map(str, found))

    assert answer(check(query).text) == answer(query)


GRAPH_PATTERNS = st.recursive(
    st.sampled_from(
        ["?s ?p ?o .", "?s a <http://x/service#SERVICE> .", "BIND('SERVICE' AS ?z1)", "# service\n", ""]
    ),
    lambda inner: st.one_of(
        st.builds("{{ {} }} UNION {{ {} }}".format, inner, inner),
        st.builds("OPTIONAL {{ {} }}".format, inner),
        st.builds("{{ SELECT * {{ {} }} }}".format, inner),
        st.builds("FILTER NOT EXISTS {{ {} }}".format, inner),
        st.builds("SERVICE <http://127.0.0.1:9/> {{ {} }}".format, inner),
        st.builds("GRAPH ?g {{ {} }}".format, inner),
        st.builds("MINUS {{ {} }}".format, inner),
    ),
    max_leaves=4,
)


@given(GRAPH_PATTERNS)
def test_service_is_found_where_another_parser_finds_it(pattern: str) -> None:
    query = f"SELECT * {{ {pattern} }}"
    try:
        parsed = parseQuery(query)
    except (ParseException, RecursionError):  # it does not take every query
        reject()
    try:
        check(query)
        refused = False
    except RefusedError:
        refused = True
    assert refused == ("ServiceGraphPattern" in _names(parsed))


def _names(parsed: object) -> set[str]:
    """The names of all parts of a parsed query; a part may hold itself."""
    names, seen, waiting = set(), set(), [parsed]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, CompValue):
            names.add(part.name)
            waiting += part.values()
        elif isinstance(part, list | tuple | ParseResults):
            waiting += list(part)
    return names
