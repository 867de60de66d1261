"""Where the cluster could easily differ from home: endless paths, literals, comparisons, reasons."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Neo4jEngine, Server
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, XSD, Fact, iri, literal
from qualitrace.validation import validate
from qualitrace.validation.cluster import ClusterReport, check_cluster, compile_cluster
from qualitrace.validation.model import Finding, Report
from tests.cluster_checks.comparing import counted
from tests.cluster_checks.small import at_home, published
from tests.profile.writing import HEADER, TERMS, write_profile

EX, ES, ID = "https://example.org/terms#", "https://example.org/shapes#", "https://example.org/id/"
LONG = 70
MORE_TERMS = """\
ex:leads a owl:ObjectProperty ; rdfs:label "通向"@zh , "leads"@en .
ex:note a owl:DatatypeProperty ; rdfs:label "备注"@zh , "note"@en ; rdfs:range xsd:string .
ex:day a owl:DatatypeProperty ; rdfs:label "日期"@zh , "day"@en ; rdfs:range xsd:date .
ex:last a owl:DatatypeProperty ; rdfs:label "止日"@zh , "last"@en ; rdfs:range xsd:date .
ex:many a owl:DatatypeProperty ; rdfs:label "数目"@zh , "many"@en ; rdfs:range xsd:integer .
ex:kind a owl:DatatypeProperty ; rdfs:label "种类"@zh , "kind"@en ; rdfs:range xsd:string .
"""
SHAPES = """\
es:Far a sh:NodeShape ; sh:targetClass ex:Aim ; sh:property es:ends , es:ahead , es:behind , es:aims .
es:ends qt:exposure "private" ; sh:path ( [ sh:zeroOrMorePath ex:leads ] ex:note ) ; sh:minCount 1 .
es:ahead qt:exposure "private" ; sh:path [ sh:oneOrMorePath ex:leads ] ; sh:maxCount 60 .
es:behind qt:exposure "private" ; sh:path [ sh:oneOrMorePath [ sh:inversePath ex:leads ] ] ; sh:maxCount 60 .
es:aims qt:exposure "private" ; sh:path [ sh:zeroOrMorePath
    [ sh:alternativePath ( ex:leads <https://elsewhere.example/leads> ) ] ] ; sh:class ex:Aim .
es:Round a sh:NodeShape ; sh:targetNode <https://example.org/id/round0> ; sh:property es:circle .
es:circle qt:exposure "private" ; sh:path [ sh:oneOrMorePath ex:leads ] ; sh:maxCount 2 .

es:Notes a sh:NodeShape ; sh:targetObjectsOf ex:note ; sh:minLength 3 ;
    qt:steward ( [ sh:inversePath ex:note ] ex:doneBy ) ; sh:property es:once .
es:once qt:exposure "private" ; sh:path [ sh:inversePath ex:note ] ; sh:maxCount 1 .
es:NotesHere a sh:NodeShape ; sh:targetObjectsOf ex:note ; sh:maxLength 3 ;
    qt:steward [ sh:zeroOrOnePath ex:doneBy ] .
es:Sharing a sh:NodeShape ; sh:targetClass ex:Job ; qt:steward ex:note ; sh:property es:shared .
es:shared qt:exposure "private" ; sh:path ( ex:note [ sh:inversePath ex:note ] ) ; sh:maxCount 1 .
es:Nobody a sh:NodeShape ; sh:targetNode <https://example.org/id/nobody> , <https://example.org/id/job0> ;
    sh:property es:itself .
es:itself qt:exposure "private" ; sh:path [ sh:zeroOrMorePath ex:leads ] ;
    sh:hasValue <https://example.org/id/job0> .

es:Jobs a sh:NodeShape ; sh:targetClass ex:Job ; sh:property es:kinds , es:agreed .
es:kinds qt:exposure "private" ; sh:path ex:kind ; qt:unique true ; qt:among ex:Actor .
es:agreed qt:exposure "private" ; sh:path ex:kind ; qt:agreesBy ex:note ; qt:among ex:Actor .

es:Days a sh:NodeShape ; sh:targetSubjectsOf ex:day ; sh:property es:day , es:moment , es:ordered , es:after .
es:day sh:path ex:day ; sh:datatype xsd:date .
es:moment sh:path ex:last ; sh:datatype xsd:dateTime .
es:ordered sh:path ex:day ; sh:lessThan ex:last .
es:after sh:path ex:day ; sh:minInclusive "2000-03-01"^^xsd:date .
es:Numbers a sh:NodeShape ; sh:targetSubjectsOf ex:many ; sh:property es:many , es:small , es:below .
es:many sh:path ex:many ; sh:datatype xsd:integer .
es:small sh:path ex:many ; sh:datatype xsd:byte .
es:below sh:path ex:many ; sh:maxExclusive 7.5 .

es:Why a sh:NodeShape ; sh:targetClass ex:Actor ; qt:steward [ sh:inversePath ex:doneBy ] ;
    sh:property es:nested , es:either , es:enough .
es:nested qt:exposure "private" ; sh:path [ sh:inversePath ex:doneBy ] ; sh:node es:GoodJob .
es:either qt:exposure "private" ; sh:path ex:note ; sh:or ( [ sh:minLength 5 ] [ sh:pattern "^a" ] ) .
es:enough qt:exposure "private" ; sh:path [ sh:inversePath ex:doneBy ] ;
    sh:qualifiedValueShape es:GoodJob ; sh:qualifiedMinCount 2 .
es:GoodJob a sh:NodeShape ; sh:property es:jobNote ; sh:not [ sh:path ex:kind ; sh:minCount 1 ] .
es:jobNote qt:exposure "private" ; sh:path ex:note ; sh:minLength 3 ; sh:node [ sh:pattern "^a" ] .
"""


def chain() -> Iterator[Fact]:
    """Aims that lead one to the next, and three that lead in a circle."""
    names = [f"{ID}aim{number}" for number in range(LONG + 1)]
    yield from (Fact(name, RDF_TYPE, iri(EX + "Aim")) for name in names[:-1])
    yield from (Fact(one, EX + "leads", iri(other)) for one, other in pairwise(names))
    yield Fact(names[-1], EX + "note", literal("the end"))
    yield Fact(names[0], "https://elsewhere.example/leads", iri(f"{ID}elsewhere"))
    round_ = [f"{ID}round{number}" for number in range(3)]
    yield from (
        Fact(one, EX + "leads", iri(other))
        for one, other in zip(round_, [*round_[1:], round_[0]], strict=True)
    )


def jobs() -> Iterator[Fact]:
    """Jobs and actors whose notes and kinds are partly the same."""
    for number, note in enumerate(("ab", "ab", "abcdef", "x", '\u5907\u6ce8 "q"')):
        job, actor = f"{ID}job{number}", f"{ID}actor{number}"
        yield Fact(job, RDF_TYPE, iri(EX + "Job"))
        yield Fact(job, RDFS_LABEL, literal(f"job {number}", language="en"))
        yield Fact(job, EX + "note", literal(note))
        yield Fact(job, EX + "kind", literal(f"kind {number % 3}"))
        yield Fact(job, EX + "doneBy", iri(f"{ID}actor{number // 2}"))
        yield Fact(actor, RDF_TYPE, iri(EX + "Actor"))
        yield Fact(actor, EX + "note", literal(note))
        yield Fact(actor, EX + "kind", literal(f"kind {number}"))


DAYS = (
    "2020-02-29", "1900-02-29", "2000-02-29", "2021-02-29", "2021-04-31", "2021-12-31", "2021-13-01",
    "2021-1-1", "2021-02-28Z", "2021-02-28+14:00", "2021-02-28+14:01", "12020-02-29", "12021-02-29",
    "-0004-02-29", "-0003-02-29", "明天", "", "2021-02-28T10:00:00",
)  # fmt: skip
MOMENTS = (
    "2020-02-29T10:00:00", "2021-02-29T10:00:00", "2021-03-01T24:00:01", "2021-03-01T10:00:00.5Z",
    "2021-03-01T10:00", "2021-03-01",
)  # fmt: skip
NUMBERS = ("7", "07", "+7", "-128", "-129", "127", "128", "7.0", "seven", "", "99999999999999999999")


def values() -> Iterator[Fact]:
    """Dates and numbers, well written and not, each at a node of its own."""
    date, moment = XSD + "date", XSD + "dateTime"
    for number, text in enumerate(DAYS):
        yield Fact(f"{ID}day{number}", EX + "day", literal(text, datatype=date))
        yield Fact(f"{ID}day{number}", EX + "last", literal("2021-02-28", datatype=date))
    for number, text in enumerate(MOMENTS):
        yield Fact(f"{ID}moment{number}", EX + "day", literal("2021-02-28T23:00:00", datatype=moment))
        yield Fact(f"{ID}moment{number}", EX + "last", literal(text, datatype=moment))
    for number, text in enumerate(NUMBERS):
        for name in ("integer", "byte", "decimal"):
            yield Fact(f"{ID}{name}{number}", EX + "many", literal(text, datatype=XSD + name))
    yield Fact(f"{ID}text", EX + "many", literal("7"))
    yield Fact(f"{ID}node", EX + "many", iri(ID + "text"))
    yield Fact(f"{ID}node", EX + "day", iri(ID + "text"))


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    files: dict[str, str | bytes] = {
        "ontology/terms.ttl": HEADER + TERMS + MORE_TERMS,
        "shapes/shapes.ttl": SHAPES,
    }
    return load_profile(write_profile(tmp_path_factory.mktemp("profile"), files))


@pytest.fixture(scope="module")
def both(neo4j_database: Server, profile: Profile) -> Iterator[tuple[Report, ClusterReport]]:
    """The report of one registry at home, and the one of the cluster."""
    facts = [*chain(), *jobs(), *values()]
    shapes = compile_cluster(profile, everything=True)
    assert not shapes.refused
    engine: Neo4jEngine = published(neo4j_database, profile, "test-differences", facts)
    yield (
        validate(at_home(profile, facts), profile),
        check_cluster(neo4j_database, shapes, only=["test-differences"]),
    )
    engine.clear()


def of(report: Report | ClusterReport, rule: str) -> list[Finding]:
    found = report.findings if isinstance(report, Report) else [one.finding for one in report.findings]
    return [one for one in found if one.rule == ES + rule]


@pytest.mark.parametrize(
    "rule",
    [
        "ahead", "behind", "aims", "circle", "Notes", "once", "NotesHere", "shared", "itself",
        "kinds", "agreed", "nested", "either", "enough",
        "day", "moment", "ordered", "after", "many", "small", "below",
    ],
)  # fmt: skip
def test_the_cluster_finds_what_home_finds(both: tuple[Report, ClusterReport], rule: str) -> None:
    home, cluster = both
    expected = counted(of(home, rule))
    assert expected
    assert counted(of(cluster, rule)) == expected


def test_no_rule_of_either_is_left_out(both: tuple[Report, ClusterReport]) -> None:
    home, cluster = both
    assert counted(one.finding for one in cluster.findings) == counted(home.findings)


def test_repeated_paths_are_followed_to_their_end(both: tuple[Report, ClusterReport]) -> None:
    """The note stands 70 links further on."""
    _, cluster = both
    assert not {one.focus for one in of(cluster, "ends")} & {f"{ID}aim{number}" for number in range(LONG)}
    ahead = {one.focus for one in of(cluster, "ahead")}
    assert ahead == {f"{ID}aim{number}" for number in range(LONG - 60)}
    assert not cluster.partial


def test_who_must_act_may_be_a_text_and_reasons_are_told(both: tuple[Report, ClusterReport]) -> None:
    _, cluster = both
    assert {one.unit for one in of(cluster, "shared")} >= {'"ab"'}
    assert any(one.unit.startswith(ID + "actor") for one in of(cluster, "once"))
    assert any(inner.because for one in of(cluster, "nested") for inner in one.because)
    assert any(one.because for one in of(cluster, "enough"))
