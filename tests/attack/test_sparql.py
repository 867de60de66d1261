"""SPARQL that never ends, changes something, or asks other servers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from qualitrace.access import Role
from tests.attack.serving import Served

CROSS = " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(6))
HARD = {
    "all with all": f"SELECT (COUNT(*) AS ?n) WHERE {{ {CROSS} }}",
    "all with all, in order": f"SELECT * WHERE {{ {CROSS} }} ORDER BY ?o0 ?o5",
    "all with all, told apart": f"SELECT DISTINCT * WHERE {{ {CROSS} }}",
    "any way to anywhere": "SELECT (COUNT(*) AS ?n) WHERE { ?a (!<x:y>)* ?b . ?b (!<x:z>)* ?c }",
    "a pattern of death": 'SELECT * { ?s ?p ?o . ?a ?b ?c FILTER(REGEX(STR(?o), "(a+)+$") && ?o != ?c) }',
    "texts that grow": "SELECT * WHERE { "
    + 'BIND("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" AS ?v0) '
    + " ".join(f"BIND(CONCAT({', '.join([f'?v{n}'] * 16)}) AS ?v{n + 1})" for n in range(8))
    + "}",
    "a graph of everything": f"CONSTRUCT {{ ?s0 ?p1 ?o2 }} WHERE {{ {CROSS} }}",
    "values by the thousand": "SELECT * WHERE { "
    + " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(1000)))} }}" for n in range(8))
    + "}",
}
REFUSED = {
    "an update": "DROP ALL",
    "an insertion": "INSERT DATA { <x:a> <x:b> <x:c> }",
    "a deletion": "DELETE WHERE { ?s ?p ?o }",
    "loading": "LOAD <http://127.0.0.1:9/>",
    "a query and an update": "SELECT * WHERE { ?s ?p ?o } ; DROP ALL",
    "another server": "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "another server, silently": "SELECT * WHERE { SERVICE SILENT <http://169.254.169.254/> { ?s ?p ?o } }",
    "another server, by variable": "SELECT * { VALUES ?u { <http://127.0.0.1:9/> } SERVICE ?u { ?s ?p ?o } }",
    "another server, escaped": "SELECT * WHERE { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "another server, deep": "SELECT * WHERE { "
    + "{ " * 30
    + "SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }"
    + " }" * 31,
    "another server, in a filter": "ASK { FILTER EXISTS { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
    "a graph that is a file": "SELECT * FROM <file:///etc/passwd> WHERE { ?s ?p ?o }",
    "no query": "{" * 20_000,
    "brackets": "SELECT * WHERE " + "{" * 5000 + "}" * 5000,
    "brackets in an expression": "SELECT * WHERE { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
    "negations": "SELECT * WHERE { FILTER(" + "!" * 20_000 + "true) }",
}


@pytest.mark.parametrize("name", HARD)
def test_what_never_ends_is_ended(served: Served, name: str) -> None:
    with served.client(Role.OFFICE, timeout=240) as client:
        answer = client.post("/sparql", data={"query": HARD[name]}, headers={"qualitrace-purpose": "test"})
        assert answer.status_code in (200, 400, 413, 422, 429, 500, 503, 507), answer.text[:300]


@pytest.mark.parametrize("name", REFUSED)
def test_what_changes_or_asks_elsewhere_is_refused(served: Served, name: str) -> None:
    with served.client(Role.OFFICE, timeout=240) as client:
        for sent in ({"data": {"query": REFUSED[name]}}, {"data": {"update": REFUSED[name]}}):
            answer = client.post("/sparql", headers={"qualitrace-purpose": "test"}, **sent)
            assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:300])
        kind = {"qualitrace-purpose": "test", "content-type": "application/sparql-update"}
        assert 400 <= client.post("/sparql", content=REFUSED[name], headers=kind).status_code < 500


@pytest.mark.parametrize("role", [Role.READER, Role.SYSTEM])
def test_it_is_for_the_office(served: Served, role: Role) -> None:
    with served.client(role) as client:
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 403


def test_many_that_never_end(served: Served) -> None:
    def ask(_: int) -> int:
        with served.client(Role.OFFICE, timeout=280) as client:
            headers = {"qualitrace-purpose": "test"}
            return client.post("/sparql", data={"query": HARD["all with all"]}, headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(ask, range(4))) <= {200, 400, 422, 429, 500, 503}


def test_every_kind_is_here() -> None:
    assert len(HARD) >= 8
    assert len(REFUSED) >= 16
