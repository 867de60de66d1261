"""What follows from data, worked out plainly: inverse links, and the rules of ``reasoning/`` by rdflib."""

from __future__ import annotations

from rdflib import OWL, Graph
from rdflib.term import URIRef

from tests.profile_college.reading import ROOT


def rule_text(name: str) -> str:
    return (ROOT / "reasoning" / f"{name}.rq").read_text(encoding="utf-8")


def is_dated(name: str) -> bool:
    """Tell whether what a rule concludes depends on the day."""
    return "\n# dated:" in rule_text(name)


def conclusions(data: Graph, name: str) -> Graph:
    """What one rule of ``reasoning/`` adds to data."""
    found = data.query(rule_text(name)).graph
    assert found is not None
    return found


def with_what_follows(data: Graph, ontology: Graph) -> Graph:
    """Data, the ontology, inverse links and what the rules say."""
    whole = data + ontology
    for one, other in list(ontology.subject_objects(OWL.inverseOf)):
        for there, back in ((one, other), (other, one)):
            assert isinstance(back, URIRef)
            for subject, value in list(data.subject_objects(there)):
                whole.add((value, back, subject))
    for path in sorted((ROOT / "reasoning").glob("*.rq")):
        if not is_dated(path.stem):
            whole += conclusions(whole, path.stem)
    return whole
