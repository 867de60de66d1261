"""Whether an ontology, with or without facts, can be true: asked of HermiT through owlready2 (floor 2)."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import owlready2
import rdflib
from owlready2.base import OwlReadyError
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import URIRef

from qualitrace.errors import ProfileError, UnavailableError
from qualitrace.reasoning.apart import Axiom, Triple, about, axioms_in, declarations, readable
from qualitrace.reasoning.minimal import minimal
from qualitrace.text import Text

Progress = Callable[[int, int], None]
_PLACE = "https://w3id.org/qualitrace/engine/checked#"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why something cannot be: axioms and facts none of which can be left out.

    ``term`` is the class (IRI) that can have no member, "" where everything together cannot be true.
    """

    term: str
    axioms: tuple[Axiom, ...]


@dataclass(frozen=True, slots=True)
class Consistency:
    """What HermiT found of so many axioms and facts; ``left_out`` axioms name datatypes that OWL 2 has not.

    ``classified``: pairs of classes (IRIs), the first below the second, that nobody stated but that follow;
    none where all together is a contradiction.
    """

    axioms: int
    facts: int
    left_out: int
    contradictions: tuple[Contradiction, ...]
    classified: tuple[tuple[str, str], ...] = ()


def check_consistency(
    ontology: rdflib.Graph, facts: rdflib.Graph | None = None, *, progress: Progress | None = None
) -> Consistency:
    """Ask whether an ontology is consistent, which of its classes can have no member, and what follows.

    ``facts`` (links between individuals, their classes, literals that OWL knows) are taken with it.
    Raises UnavailableError where no Java runtime is at hand, ProfileError for what is no OWL 2 DL.
    """
    if shutil.which(owlready2.JAVA_EXE) is None:
        raise _no_java()
    every, stated = axioms_in(ontology), axioms_in(facts) if facts is not None else []
    axioms = [one for one in every if all(readable(term) for triple in one.triples for term in triple)]
    left_out = len(every) - len(axioms)
    asking = _Asking([*declarations(ontology), *(declarations(facts) if facts is not None else [])], progress)
    found = asking.found(axioms + stated)
    if found is None:
        whole = asking.why(axioms, stated)
        return Consistency(len(axioms), len(stated), left_out, (Contradiction("", tuple(whole)),))
    empty, classified = found
    explained = [
        Contradiction(term, tuple(asking.why_empty(term, axioms + stated))) for term in sorted(empty)
    ]
    return Consistency(len(axioms), len(stated), left_out, tuple(explained), tuple(sorted(classified)))


class _Asking:
    """Asks HermiT again and again, of parts of one ontology."""

    def __init__(self, declared: Sequence[Triple], progress: Progress | None) -> None:
        self._declared = declared
        self._progress = progress
        self._asked = 0

    def found(self, part: Sequence[Axiom]) -> tuple[set[str], set[tuple[str, str]]] | None:
        """Return the classes that can have no member, and what is below what; None for a contradiction."""
        graph = rdflib.Graph()
        for triple in self._declared:
            graph.add(triple)
        for axiom in part:
            for triple in axiom.triples:
                graph.add(triple)
        self._asked += 1
        if self._progress is not None:
            self._progress(self._asked, 0)
        return _hermit(graph)

    def why(self, axioms: Sequence[Axiom], facts: Sequence[Axiom]) -> list[Axiom]:
        """Return axioms and facts that contradict each other, none of them needless."""

        def clash(part: Sequence[Axiom]) -> bool:
            return self.found(part) is None

        if clash(axioms):
            return minimal(axioms, clash)
        blamed = minimal(facts, lambda part: clash([*axioms, *part]))
        near = self._near(axioms, blamed, clash)
        return [*minimal(near, lambda part: clash([*part, *blamed])), *blamed]

    def why_empty(self, term: str, among: Sequence[Axiom]) -> list[Axiom]:
        """Return what keeps a class from having a member."""

        def empty(part: Sequence[Axiom]) -> bool:
            found = self.found(part)
            return found is None or term in found[0]

        for near in about(among, [URIRef(term)]):
            if empty(near):
                return minimal(near, empty)
        return minimal(among, empty)

    def _near(
        self, axioms: Sequence[Axiom], blamed: Sequence[Axiom], clash: Callable[[Sequence[Axiom]], bool]
    ) -> Sequence[Axiom]:
        for near in about(axioms, {term for one in blamed for term in one.terms}):
            if clash([*near, *blamed]):
                return near
        return axioms


def _hermit(graph: rdflib.Graph) -> tuple[set[str], set[tuple[str, str]]] | None:
    world = owlready2.World()
    try:
        found = world.get_ontology(_PLACE)
        found.load(fileobj=io.BytesIO(graph.serialize(format="nt", encoding="utf-8")))
        with found:
            owlready2.sync_reasoner_hermit(world, debug=0)
        empty = {concept.iri for concept in world.inconsistent_classes()} - {str(OWL.Nothing)}
        return empty, _classified(world, graph, empty)
    except owlready2.OwlReadyInconsistentOntologyError:
        return None
    except OwlReadyError as error:
        raise _not_dl(str(error)) from error
    finally:
        world.close()


def _classified(world: owlready2.World, graph: rdflib.Graph, empty: set[str]) -> set[tuple[str, str]]:
    """What HermiT put below what, beyond what is stated and what follows from that alone."""
    found = set()
    for concept in world.classes():
        above = set(graph.transitive_objects(URIRef(concept.iri), RDFS.subClassOf))
        above |= set(graph.transitive_objects(URIRef(concept.iri), OWL.equivalentClass))
        for parent in (*concept.is_a, *concept.equivalent_to):
            name = getattr(parent, "iri", "")
            if name and concept.iri not in empty and name != str(OWL.Thing) and URIRef(name) not in above:
                found.add((concept.iri, name))
    return found


def members(graph: rdflib.Graph) -> int:
    """Count the individuals of a graph."""
    return len(set(graph.subjects(RDF.type, OWL.NamedIndividual)))


def _no_java() -> UnavailableError:
    return UnavailableError(
        Text(
            zh="没有检查本体：HermiT 需要 Java，这里没有。",
            en="The ontology was not checked: HermiT needs Java, which is not here.",
        ),
        where="java",
        hint=Text(
            zh="请安装 Java 运行环境（17 以上，如 Debian 的 default-jre-headless），再运行一次。"
            "没有检查的是：有无矛盾、有无空类、归类。",
            en="Install a Java runtime (17 or newer, such as Debian's default-jre-headless) and run it again."
            " Not checked: contradictions, classes that can have no member, classification.",
        ),
    )


def _not_dl(where: str) -> ProfileError:
    return ProfileError(
        Text(zh="HermiT 读不懂这个本体。", en="HermiT cannot read this ontology."),
        where=next((line for line in where.splitlines() if "Exception" in line), where).strip()[:600],
        hint=Text(
            zh="每个类和属性都要声明（owl:Class、owl:ObjectProperty、owl:DatatypeProperty）；"
            "取值类型要在 OWL 2 的数据类型表里。",
            en="Declare each class and property (owl:Class, owl:ObjectProperty, owl:DatatypeProperty);"
            " datatypes must be in the datatype map of OWL 2.",
        ),
    )
