"""Shapes that nobody here wrote give the same results as pySHACL.

They come with installed packages: pySHACL (the W3C's shapes for shapes, and those of schema.org),
brickschema (the Brick and ASHRAE 223 building models, BSD), semanticlint (vocabulary checks, MIT).
"""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import RDFS, SH
from rdflib.term import URIRef

from qualitrace.validation import ExactLiterals, compile_shapes, validate_store
from qualitrace.validation.data import from_rdflib
from tests.validation.differential import Result, blurred, our_results, reference_results
from tests.validation.made_to_fit import Maker, targeted_classes

SCHEMA = "http://schema.org/"
CATALOGUE = ["DataCatalog", "Dataset", "DataDownload", "Organization", "Person", "Place", "CreativeWork"]
LINTS = ["owl_properties", "owl_individuals", "rdfs_classes", "rdfs_subclass", "skos_labels"]
BRICK = "brickschema/ontologies/1.5"


def package_file(name: str) -> Path:
    """Find a file of an installed package by its path, without importing the package."""
    package, _, rest = name.partition("/")
    found = importlib.util.find_spec(package)
    assert found is not None and found.submodule_search_locations, f"{package} is not installed"
    return Path(found.submodule_search_locations[0]) / rest


def parsed(*names: str) -> rdflib.Graph:
    graph = rdflib.Graph()
    for name in names:
        graph.parse(package_file(name), format="turtle")
    return graph


def to_compare(*names: str) -> rdflib.Graph:
    """Read shapes, without what would make pySHACL stop or do something else than validating."""
    graph = parsed(*names)
    # With its advanced features pySHACL first adds what rules infer to the data.
    graph.remove((None, SH.rule, None))
    # It refuses sh:qualifiedValueShape without counts, which states no constraint (SHACL 4.7.3).
    for shape in list(graph.subjects(SH.qualifiedValueShape)):
        if not any((shape, SH[f"qualified{end}Count"], None) in graph for end in ("Min", "Max")):
            graph.remove((shape, SH.qualifiedValueShape, None))
    # For implicit class targets it looks at direct subclasses of rdfs:Class only (SHACL 2.1.3.3, 1.1).
    for class_ in list(graph.transitive_subjects(RDFS.subClassOf, RDFS.Class)):
        if class_ != RDFS.Class:
            graph.add((class_, RDFS.subClassOf, RDFS.Class))
    return graph


def compared(data: rdflib.Graph, shapes: rdflib.Graph) -> Counter[Result]:
    """Compare both validators; returns the results they agree on."""
    compiled = compile_shapes(shapes)
    assert compiled.elsewhere == ()
    quads = [ox.Quad(from_rdflib(s), from_rdflib(p), from_rdflib(o)) for s, p, o in data]  # type: ignore[arg-type]
    store = ox.Store()
    store.extend(quads)
    found = blurred(our_results(validate_store(store, compiled, exact=ExactLiterals(quads))))
    assert found == blurred(reference_results(data, shapes, advanced=True))
    assert found  # a comparison of nothing shows nothing
    return found


@pytest.mark.parametrize("vocabulary", ["pyshacl/assets/dash.ttl", f"{BRICK}/Brick.ttl"])
def test_a_vocabularys_shapes(vocabulary: str) -> None:
    """What a linter asks of classes, properties, individuals and concepts."""
    compared(parsed(vocabulary), to_compare(*(f"semanticlint/shacl/shapes/{name}.ttl" for name in LINTS)))


def test_the_shapes_for_shapes() -> None:
    """SHACL-SHACL (SHACL appendix C), deeply nested, on shapes with mistakes in them."""
    shapes = to_compare("pyshacl/assets/shacl-shacl.ttl")
    compared(Maker(shapes, 1, nodes=60, classes=targeted_classes(shapes)).graph(), shapes)


def test_a_catalogues_shapes() -> None:
    """schema.org: 872 node shapes, on a catalogue of datasets and who stands behind them."""
    shapes = to_compare("pyshacl/assets/schema.ttl")
    classes = [URIRef(SCHEMA + name) for name in CATALOGUE]
    compared(Maker(shapes, 1, nodes=150, classes=classes).graph(), shapes)


@pytest.mark.parametrize(("name", "nodes"), [("Brick.ttl", 50), ("extensions/223p.ttl", 25)])
def test_a_building_models_shapes(name: str, nodes: int) -> None:
    """Query targets, SPARQL constraints and shapes nested in lists of alternatives."""
    shapes = to_compare(f"{BRICK}/{name}")
    compared(Maker(shapes, 1, nodes=nodes, classes=targeted_classes(shapes)).graph(), shapes)
