"""OWL axioms and facts in words, as the parts of a contradiction are told (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS
from rdflib.term import BNode, Literal, Node, URIRef

from qualitrace.reasoning.apart import Axiom
from qualitrace.text import Text

Named = Callable[[str], Text]

_SAYINGS: dict[Node, Text] = {
    RDFS.subClassOf: Text(zh="凡是{0}，都是{1}。", en="Every {0} is {1}."),
    OWL.equivalentClass: Text(zh="{0}就是{1}。", en="{0} is the same as {1}."),
    OWL.disjointWith: Text(zh="{0}不会是{1}。", en="No {0} is {1}."),
    RDFS.domain: Text(zh="有{0}的都是{1}。", en="Whatever has {0} is {1}."),
    RDFS.range: Text(zh="{0}的值都是{1}。", en="Every value of {0} is {1}."),
    RDFS.subPropertyOf: Text(zh="{0}也是一种{1}。", en="What is {0} is also {1}."),
    OWL.inverseOf: Text(zh="{0}与{1}互为反向。", en="{0} and {1} are the other way round of each other."),
    RDF.type: Text(zh="{0}是{1}。", en="{0} is {1}."),
    OWL.complementOf: Text(zh="{0}不会是{1}。", en="No {0} is {1}."),
    OWL.propertyDisjointWith: Text(
        zh="两个对象之间不能既有{0}又有{1}。", en="No two nodes are linked by both {0} and {1}."
    ),
    OWL.sameAs: Text(
        zh="{0}与{1}写成了同一个对象；这里两个标识符就是两个对象，别名用 qt:alias。",
        en="{0} and {1} are said to be one; here two identifiers are two nodes (qt:alias is another name).",
    ),
}
_KINDS: dict[Node, Text] = {
    OWL.FunctionalProperty: Text(zh="{0}至多有一个值。", en="{0} has one value at most."),
    OWL.InverseFunctionalProperty: Text(
        zh="{0}的一个值只属于一个对象。", en="A value of {0} is of one node only."
    ),
    OWL.SymmetricProperty: Text(zh="{0}是相互的。", en="{0} holds both ways."),
    OWL.AsymmetricProperty: Text(zh="{0}不能是相互的。", en="{0} never holds both ways."),
    OWL.TransitiveProperty: Text(zh="{0}可以传递。", en="{0} carries on from one to the next."),
    OWL.IrreflexiveProperty: Text(zh="没有对象与自己有{0}。", en="Nothing is linked to itself by {0}."),
}
_DISJOINT = Text(zh="{}互不相容：一个对象只能是其中之一。", en="Nothing is more than one of {}.")
_DISJOINT_LINKS = Text(
    zh="{}互不相容：两个对象之间只能有其中之一。", en="No two nodes are linked by more than one of {}."
)
_KEY = Text(zh="两个{0}不能有相同的{1}。", en="No two {0} have the same {1}.")
_UNION = Text(zh="{0}分为{1}，互不相容。", en="{0} is made up of {1}, and nothing is two of them.")
_DIFFERENT = Text(zh="{}各不相同。", en="{} are all different.")
_LISTS: dict[Node, Text] = {OWL.hasKey: _KEY, OWL.disjointUnionOf: _UNION}
_AMONG: dict[Node, Text] = {OWL.AllDifferent: _DIFFERENT, OWL.AllDisjointProperties: _DISJOINT_LINKS}
_LINK = Text(zh="{0}的{1}是{2}。", en="{0}: {1} is {2}.")


def in_words(axiom: Axiom, named: Named, beside: Iterable[Axiom] = ()) -> Text:
    """Say one axiom or fact; of long lists only what the axioms ``beside`` it speak of, and “…”."""
    concerned = {term for one in beside if one is not axiom for term in one.terms}
    teller = _Teller(axiom, named, concerned)
    return Text({language: teller.sentence(language) for language in ("zh", "en")})


class _Teller:
    def __init__(self, axiom: Axiom, named: Named, concerned: set[URIRef]) -> None:
        self._axiom = axiom
        self._named = named
        self._concerned = concerned
        self._graph = rdflib.Graph()
        for triple in axiom.triples:
            self._graph.add(triple)

    def sentence(self, language: str) -> str:
        subject, predicate, value = self._axiom.triple
        if isinstance(subject, BNode):
            return self._among(subject, value, language)
        if predicate == RDF.type and value in _KINDS:
            return _KINDS[value].best(language).format(self._term(subject, language))
        if predicate == OWL.propertyChainAxiom:
            chain = self._listed(value, language, " → ")
            return (
                Text(zh="依次经过{}，就是{}。", en="To follow {} is {}.")
                .best(language)
                .format(chain, self._term(subject, language))
            )
        if predicate in _LISTS:
            between = "、" if language == "zh" else ", "
            first, rest = self._term(subject, language), self._listed(value, language, between)
            return _LISTS[predicate].best(language).format(first, rest)
        saying = _SAYINGS.get(predicate)
        first, last = self._term(subject, language), self._term(value, language)
        if saying is None:
            return _LINK.best(language).format(first, self._term(predicate, language), last)
        return saying.best(language).format(first, last)

    def _among(self, node: Node, kind: Node, language: str) -> str:
        lists = (OWL.members, OWL.distinctMembers)
        members = [
            one for way in lists for start in self._graph.objects(node, way) for one in self._list(start)
        ]
        shown = [one for one in members if one in self._concerned] or members
        texts = [self._term(one, language) for one in shown]
        more = ["…"] if len(shown) < len(members) else []
        saying = _AMONG.get(kind, _DISJOINT)
        return saying.best(language).format(("、" if language == "zh" else ", ").join([*texts, *more]))

    def _list(self, start: Node) -> list[Node]:
        return list(Collection(self._graph, start))

    def _listed(self, start: Node, language: str, between: str) -> str:
        return between.join(self._term(one, language) for one in self._list(start))

    def _term(self, term: Node, language: str) -> str:
        if isinstance(term, Literal):
            return f"“{term}”"
        if isinstance(term, URIRef):
            name = self._named(str(term)).best(language)
            return name if "“" in name else f"“{name}”"
        return self._expression(term, language)

    def _expression(self, node: Node, language: str) -> str:
        zh = language == "zh"
        for way, between in (
            (OWL.unionOf, " 或 " if zh else " or "),
            (OWL.intersectionOf, " 且 " if zh else " and "),
        ):
            start = self._graph.value(node, way)
            if start is not None:
                return self._listed(start, language, between)
        other = self._graph.value(node, OWL.complementOf)
        if other is not None:
            return ("不是" if zh else "not ") + self._term(other, language)
        return self._restriction(node, language)

    def _restriction(self, node: Node, language: str) -> str:
        zh = language == "zh"
        link = self._graph.value(node, OWL.onProperty)
        name = self._term(link, language) if link is not None else "?"
        for way, text in _RESTRICTIONS.items():
            value = self._graph.value(node, way)
            if value is not None:
                return text.best(language).format(name, self._term(value, language))
        return "某种对象" if zh else "something"


_RESTRICTIONS: dict[Node, Text] = {
    OWL.someValuesFrom: Text(zh="{0}至少有一个{1}的对象", en="something with {0} that is {1}"),
    OWL.allValuesFrom: Text(zh="{0}都是{1}的对象", en="something whose {0} are all {1}"),
    OWL.hasValue: Text(zh="{0}是{1}的对象", en="something with {0} {1}"),
    OWL.maxCardinality: Text(zh="{0}至多{1}个的对象", en="something with at most {1} {0}"),
    OWL.minCardinality: Text(zh="{0}至少{1}个的对象", en="something with at least {1} {0}"),
    OWL.cardinality: Text(zh="{0}恰有{1}个的对象", en="something with exactly {1} {0}"),
    OWL.maxQualifiedCardinality: Text(zh="{0}至多{1}个的对象", en="something with at most {1} {0}"),
    OWL.minQualifiedCardinality: Text(zh="{0}至少{1}个的对象", en="something with at least {1} {0}"),
    OWL.qualifiedCardinality: Text(zh="{0}恰有{1}个的对象", en="something with exactly {1} {0}"),
}
