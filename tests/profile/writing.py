"""Small profiles written for one test: a sound one, and the same with pieces replaced."""

from __future__ import annotations

from pathlib import Path

PREFIXES = """\
@prefix ex: <https://example.org/terms#> .
@prefix es: <https://example.org/shapes#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix qt: <https://w3id.org/qualitrace/engine#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
HEADER = """\
<https://example.org/terms> a owl:Ontology ;
    rdfs:label "样例"@zh , "Sample"@en ;
    qt:baseIRI "https://example.org/id/" ;
    qt:steward "办公室"@zh , "Office"@en .

"""
TERMS = """\
ex:Aim a owl:Class ; rdfs:label "目的"@zh , "Aim"@en .
ex:Job a owl:Class ; rdfs:label "事项"@zh , "Job"@en .
ex:Actor a owl:Class ; rdfs:label "行动者"@zh , "Actor"@en .
ex:needs a owl:ObjectProperty ; rdfs:subPropertyOf qt:tracesTo ;
    rdfs:label "需要"@zh , "needs"@en ; rdfs:domain ex:Aim ; rdfs:range ex:Job .
ex:doneBy a owl:ObjectProperty ; rdfs:subPropertyOf qt:tracesTo ;
    rdfs:label "由…做"@zh , "done by"@en ; rdfs:domain ex:Job ; rdfs:range ex:Actor .
ex:weight a owl:DatatypeProperty ; rdfs:label "份量"@zh , "weight"@en ; rdfs:range xsd:decimal .
"""
SHAPES = """\
es:AimShape a sh:NodeShape ; sh:targetClass ex:Aim ;
    sh:property [ sh:path ex:needs ; sh:class ex:Job ] .
"""


def write_profile(directory: Path, files: dict[str, str | bytes] | None = None) -> Path:
    """Write a sound profile into ``directory``; ``files`` replaces or adds whole files by path.

    Turtle given as text gets the usual prefixes in front of it.
    """
    wanted: dict[str, str | bytes] = {
        "ontology/terms.ttl": HEADER + TERMS,
        "shapes/shapes.ttl": SHAPES,
        **(files or {}),
    }
    for name, content in wanted.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            head = PREFIXES if path.suffix == ".ttl" else ""
            content = (head + content).encode("utf-8")
        path.write_bytes(content)
    return directory


def line_of(directory: Path, place: str, text: str) -> str:
    """Return ``place:line`` of the first line of that file that holds ``text``."""
    lines = (directory / place).read_text(encoding="utf-8").splitlines()
    return f"{place}:{next(n for n, line in enumerate(lines, start=1) if text in line)}"
