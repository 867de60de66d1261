"""Who must act: where a steward path has alternatives, the first that leads somewhere decides."""

import rdflib
from pyoxigraph import RdfFormat, Store

from qualitrace.validation import compile_shapes, validate_store

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix qt: <https://w3id.org/qualitrace/engine#> .
@prefix : <https://example.org/> .
:S a sh:NodeShape ; sh:targetClass :T ;
   qt:steward [ sh:alternativePath ( :first :second ) ] ;
   sh:property :rule .
:U a sh:NodeShape ; sh:targetClass :Unit ;
   qt:steward [ sh:zeroOrOnePath :above ] ;
   sh:property :rule .
:rule a sh:PropertyShape ; sh:path :missing ; sh:minCount 1 .
"""

DATA = """
@prefix : <https://example.org/> .
:both a :T ; :first :z ; :second :a .
:other a :T ; :second :a .
:none a :T .
:unit a :Unit ; :above :a .
"""


def test_the_first_alternative_that_leads_somewhere_decides() -> None:
    store = Store()
    store.load(DATA.encode(), format=RdfFormat.TURTLE)
    report = validate_store(store, compile_shapes(rdflib.Graph().parse(data=SHAPES, format="turtle")))
    place = "https://example.org/"
    units = {f.focus.removeprefix(place): f.unit.removeprefix(place) for f in report.findings}
    assert units == {"both": "z", "other": "a", "none": "", "unit": "unit"}
