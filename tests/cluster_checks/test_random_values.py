"""Values damaged at random: wrong datatypes, languages, sizes, blanks, time zones, circles.

The cluster finds what is found at home.
"""

from __future__ import annotations

import random

import pytest

from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile
from qualitrace.store.neo4j import Server
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, XSD, Fact, iri, literal
from qualitrace.validation import validate
from qualitrace.validation.cluster import ClusterShapes, check_cluster, compile_cluster
from tests.cluster_checks.comparing import counted
from tests.cluster_checks.small import at_home, published
from tests.profile.writing import HEADER, TERMS, write_profile

EX, ID = "https://example.org/terms#", "https://example.org/id/"
NODES = 24
SEEDS = range(3)
ONTOLOGY = """\
ex:leads a owl:ObjectProperty ; rdfs:label "通向"@zh , "leads"@en .
ex:note a owl:DatatypeProperty ; rdfs:label "备注"@zh , "note"@en ; rdfs:range xsd:string .
ex:day a owl:DatatypeProperty ; rdfs:label "日期"@zh , "day"@en ; rdfs:range xsd:date .
ex:last a owl:DatatypeProperty ; rdfs:label "止日"@zh , "last"@en ; rdfs:range xsd:date .
ex:many a owl:DatatypeProperty ; rdfs:label "数目"@zh , "many"@en ; rdfs:range xsd:integer .
"""
SHAPES = """\
es:Job a sh:NodeShape ; sh:targetClass ex:Job ; qt:steward ex:doneBy ;
    sh:property es:label , es:note , es:day , es:ordered , es:early , es:many , es:small , es:upTo ,
    es:weight , es:heavy , es:led , es:round , es:ends , es:either , es:same , es:apart , es:good .
es:Actor a sh:NodeShape ; sh:targetObjectsOf ex:doneBy ; sh:property es:named ; sh:nodeKind sh:IRI .
es:label sh:path rdfs:label ; sh:uniqueLang true ; sh:languageIn ( "zh" "en" ) .
es:note sh:path ex:note ; sh:datatype xsd:string ; sh:minLength 1 ; sh:maxLength 20 ;
    sh:pattern "^[^ ]" ; sh:maxCount 1 .
es:day sh:path ex:day ; sh:datatype xsd:date ; sh:minCount 1 .
es:ordered sh:path ex:day ; sh:lessThanOrEquals ex:last .
es:early sh:path ex:last ; sh:minInclusive "2021-03-01"^^xsd:date ; sh:maxExclusive "2031-01-01Z"^^xsd:date .
es:many sh:path ex:many ; sh:datatype xsd:integer ; sh:nodeKind sh:Literal .
es:small sh:path ex:many ; sh:datatype xsd:byte .
es:upTo sh:path ex:many ; sh:maxInclusive 127 ; sh:minExclusive -3.5 .
es:weight sh:path ex:weight ; sh:datatype xsd:decimal .
es:heavy sh:path ex:weight ; sh:maxExclusive 1.0E21 .
es:led sh:path ex:leads ; sh:class ex:Job ; sh:nodeKind sh:IRI .
es:round qt:exposure "private" ; sh:path [ sh:oneOrMorePath ex:leads ] ; sh:maxCount 3 .
es:ends qt:exposure "private" ; sh:path ( [ sh:zeroOrMorePath ex:leads ] ex:note ) ;
    sh:minCount 1 ; sh:minLength 2 .
es:either qt:exposure "private" ; sh:path ex:day ; sh:or ( [ sh:datatype xsd:date ] [ sh:minLength 3 ] ) .
es:same sh:path ex:day ; sh:equals ex:last .
es:apart sh:path ex:note ; sh:disjoint rdfs:label .
es:good qt:exposure "private" ; sh:path ex:leads ; sh:node es:Fine .
es:Fine a sh:NodeShape ; sh:property [ sh:path ex:many ; sh:minCount 1 ; sh:datatype xsd:integer ] .
es:named qt:exposure "private" ; sh:path [ sh:alternativePath ( rdfs:label skos:notation ) ] ; sh:minCount 1 .
"""
# Numbers written otherwise than the store at home writes them ("1E21") are a known difference (decision 15).
LITERALS = tuple(
    literal(text, datatype=XSD + kind)
    for kind, some in {
        "date": (
            "2021-02-28", "2021-02-30", "2021-03-01Z", "2021-03-01+08:00", "2021-03-01-14:00", "12021-03-01",
            "-0044-03-15", "2031-01-01", "明年", "",
        ),
        "dateTime": ("2021-03-01T10:00:00", "2021-03-01T10:00:00+08:00", "2021-03-01"),
        "integer": ("7", "127", "128", "-4", "99999999999999999999", "seven", "", "1.0"),
        "byte": ("7.0", "seven"),
        "decimal": (
            "7.5", "-3.5", "0.123456789012345678901", "170141183460469231732", "1e3",
            "100000000000000000000.25",
        ),
        "double": ("1000000000000000000000", "NaN", "INF", "-7.25"),
        "boolean": ("true", "maybe"),
        "string": ("", " ", "a", 'a "quoted" \\ text\nof two lines', "教育质量", "x" * 30, "\U0001f600"),
    }.items()
    for text in some
)  # fmt: skip
TEXTS = (
    *(literal(text, language=tag) for text in ("", "名", "name") for tag in ("zh", "en", "EN-gb", "fr")),
)
PREDICATES = (
    RDFS_LABEL,
    SKOS_NOTATION,
    *(EX + name for name in ("note", "day", "last", "many", "weight", "leads")),
)


def damaged(seed: int) -> list[Fact]:
    """Jobs that say anything of anything, and lead to one another in circles."""
    chance = random.Random(seed)
    nodes = [f"{ID}job{number}" for number in range(NODES)]
    links = tuple(map(iri, (*nodes, f"{ID}nobody")))
    # At home an integer is told from a byte only where some number is noted as it was written.
    found = [Fact(ID + "noted", EX + "many", literal("+5", datatype=XSD + "integer"))]
    for number, node in enumerate(nodes):
        found.append(Fact(node, RDF_TYPE, iri(EX + chance.choice(("Job", "Job", "Job", "Actor")))))
        found.append(Fact(node, EX + "leads", iri(nodes[(number * 7 + 1) % NODES])))
        found.append(Fact(node, EX + "doneBy", chance.choice(links)))
        for predicate in PREDICATES:
            for value in chance.sample((*LITERALS, *TEXTS), chance.choice((0, 1, 1, 2))):
                found.append(Fact(node, predicate, value))
            if chance.random() < 0.1:
                found.append(Fact(node, predicate, chance.choice(links)))
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    files: dict[str, str | bytes] = {
        "ontology/terms.ttl": HEADER + TERMS + ONTOLOGY,
        "shapes/shapes.ttl": SHAPES,
    }
    return load_profile(write_profile(tmp_path_factory.mktemp("random"), files))


@pytest.fixture(scope="module")
def shapes(profile: Profile) -> ClusterShapes:
    found = compile_cluster(profile, everything=True)
    assert not found.refused
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cluster_finds_what_home_finds(
    seed: int, neo4j_database: Server, neo4j_registry: str, profile: Profile, shapes: ClusterShapes
) -> None:
    facts = damaged(seed)
    home = counted(validate(at_home(profile, facts), profile).findings)
    engine = published(neo4j_database, profile, neo4j_registry, facts)
    try:
        report = check_cluster(neo4j_database, shapes, only=[neo4j_registry])
    finally:
        engine.clear()
    there = counted(one.finding for one in report.findings)
    assert (home - there, there - home) == ({}, {})
    assert len({key[0] for key in home}) > 15, "most rules find something"
