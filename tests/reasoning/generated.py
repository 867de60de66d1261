"""Generated rules, axioms and facts: everything that a rule may do, over few names so that they meet."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from qualitrace.terms import RDF_TYPE, Fact, iri
from tests.reasoning.profiles import DATA, VOCABULARY, fact

PROPERTIES = ("p", "q", "r", "s", "t", "u")
NODES = ("a", "b", "c", "d")
CLASSES = ("K", "L", "M")
VARIABLES = ("?a", "?b", "?c")


class Rules:
    """Writes rules. Rule ``at`` concludes property ``at`` and negates only properties before it."""

    def __init__(self, chosen: random.Random) -> None:
        self.chosen = chosen
        self.number = 0

    def rule(self, at: int) -> str:
        heads = " . ".join(self._head(at) for _ in range(self.chosen.choice([1, 1, 1, 2])))
        body = self.group(PROPERTIES[: at + 1], PROPERTIES[:at])
        return f"CONSTRUCT {{ {heads} }} WHERE {{ {body} }}"

    def _head(self, at: int) -> str:
        kind, subject = self.chosen.randrange(8), self.variable()
        if kind == 0:
            return f"{subject} a v:{self.chosen.choice(CLASSES[1:])}"
        value = f"d:{self.node()}" if kind == 1 else self.variable()
        return f"{subject} v:{PROPERTIES[at]} {value}"

    def variable(self) -> str:
        return self.chosen.choice(VARIABLES)

    def node(self) -> str:
        return self.chosen.choice(NODES)

    def fresh(self) -> str:
        self.number += 1
        return f"?own{self.number}"

    def group(self, plain: Sequence[str], below: Sequence[str], depth: int = 0) -> str:
        parts = [self.triple(plain) for _ in range(self.chosen.choice([1, 1, 2]))]
        if depth < 2:
            parts += [self.part(plain, below, depth + 1) for _ in range(self.chosen.choice([0, 1, 1, 2]))]
        if self.chosen.randrange(6) == 0:
            self.chosen.shuffle(parts)
        return " ".join(parts)

    def triple(self, plain: Sequence[str]) -> str:
        kind = self.chosen.randrange(20)
        if kind < 2:
            return f"{self.variable()} a v:{self.chosen.choice(CLASSES)} ."
        value = f"d:{self.node()}" if kind < 4 else self.variable()
        if kind == 4:
            return f"{self.variable()} {self.fresh()} {value} ."
        return f"{self.variable()} {self.path(plain)} {value} ."

    def path(self, plain: Sequence[str]) -> str:
        one, other = f"v:{self.chosen.choice(plain)}", f"v:{self.chosen.choice(plain)}"
        if self.chosen.randrange(2):
            return one
        return self.chosen.choice(
            [
                f"^{one}",
                f"{one}/{other}",
                f"({one}|^{other})",
                f"{one}+",
                f"{one}*",
                f"{one}/{other}*",
                f"{other}?/{one}",
                f"({one}/{other})+",
                f"({one}|{other}?)*",
                f"{one}/({other}+|^{one})",
                f"!{one}",
            ]
        )

    def part(self, plain: Sequence[str], below: Sequence[str], depth: int) -> str:
        kinds: list[Callable[[Sequence[str], Sequence[str], int], str]] = [
            self._negated,
            self._negated,
            self._counted,
            self._either,
            self._bound,
            self._compared,
            self._inside,
            self._made,
        ]
        return self.chosen.choice(kinds)(plain, below or plain[:1], depth)

    def _negated(self, plain: Sequence[str], below: Sequence[str], depth: int) -> str:
        inner = self.group(below, below, depth)
        return self.chosen.choice(
            [
                f"OPTIONAL {{ {inner} }}",
                f"OPTIONAL {{ {inner} FILTER({self.variable()} != {self.variable()}) }}"
                f" FILTER(!BOUND({self.variable()}))",
                f"MINUS {{ {inner} }}",
                f"FILTER NOT EXISTS {{ {inner} }}",
                f"FILTER EXISTS {{ {inner} }}",
                f"FILTER({self.variable()} = {self.variable()} || NOT EXISTS {{ {inner} }})",
            ]
        )

    def _counted(self, plain: Sequence[str], below: Sequence[str], depth: int) -> str:
        by, number = self.variable(), self.fresh()
        inner = f"{self.group(below, below, depth)} {by} v:{self.chosen.choice(below)} {self.variable()} ."
        count = f"(COUNT({self.chosen.choice(['', 'DISTINCT '])}{self.variable()}) AS {number})"
        test = f"FILTER({number} {self.chosen.choice(['> 1', '< 3', '= 2'])})"
        if self.chosen.randrange(4) == 0:
            return f"{{ SELECT {count} WHERE {{ {inner} }} }} {test}"
        having = self.chosen.choice(["", "HAVING(COUNT(*) > 1)"])
        return f"{{ SELECT {by} {count} WHERE {{ {inner} }} GROUP BY {by} {having} }} {test}"

    def _either(self, plain: Sequence[str], below: Sequence[str], depth: int) -> str:
        return f"{{ {self.group(plain, below, depth)} }} UNION {{ {self.group(plain, below, depth)} }}"

    def _bound(self, plain: Sequence[str], below: Sequence[str], depth: int) -> str:
        made = self.fresh()
        words = f"IF(BOUND({self.variable()}), d:{self.node()}, {self.variable()})"
        return f"BIND({words} AS {made}) {self.variable()} {self.path(plain)} {made} ."

    def _compared(self, plain: Sequence[str], below: Sequence[str], depth: int) -> str:
        return f"FILTER({self.variable()} {self.chosen.choice(['=', '!='])} {self.variable()})"

    def _inside(self, plain: Sequence[str], below: Sequence[str], depth: int) -> str:
        inner = self.group(plain, below, depth)
        if self.chosen.randrange(2):
            return f"{{ {inner} }}"
        return f"{{ SELECT DISTINCT {self.variable()} WHERE {{ {inner} }} }}"

    def _made(self, plain: Sequence[str], below: Sequence[str], depth: int) -> str:
        if self.chosen.randrange(2):
            return f"VALUES {self.variable()} {{ d:{self.node()} d:{self.node()} }}"
        found = self.fresh()
        return (
            f"BIND(EXISTS {{ {self.triple(below)} }} AS {found}) FILTER({found} || {self.variable()} = d:a)"
        )


def axioms(chosen: random.Random) -> rdflib.Graph:
    """An ontology with a few axioms, which keep to the order of the properties, and perhaps a fact."""
    graph = rdflib.Graph()
    terms = [rdflib.URIRef(VOCABULARY + name) for name in PROPERTIES]
    for term in terms:
        graph.add((term, RDF.type, OWL.ObjectProperty))
    for _ in range(chosen.choice([0, 1, 2])):
        low, high = sorted((chosen.randrange(len(terms)), chosen.randrange(len(terms))))
        graph.add(
            chosen.choice(
                [
                    (terms[low], RDFS.subPropertyOf, terms[high]),
                    (terms[high], RDF.type, OWL.SymmetricProperty),
                    (terms[high], RDF.type, OWL.TransitiveProperty),
                    (terms[low], OWL.inverseOf, terms[high]),
                ]
            )
        )
    if chosen.randrange(2):
        ends = [rdflib.URIRef(DATA + chosen.choice(NODES)) for _ in range(2)]
        graph.add((ends[0], chosen.choice(terms), ends[1]))
    return graph


def some_fact(chosen: random.Random) -> Fact:
    """A fact about the few nodes there are."""
    if chosen.randrange(6) == 0:
        return Fact(DATA + chosen.choice(NODES), RDF_TYPE, iri(VOCABULARY + chosen.choice(CLASSES)))
    return fact(chosen.choice(NODES), chosen.choice(PROPERTIES), chosen.choice(NODES))
