"""Axioms in words, from the names that reasoning gives their steps (floor 3)."""

from __future__ import annotations

from collections.abc import Callable

from qualitrace.text import Text

Named = Callable[[str], Text]

# What an axiom says of the properties (or the class) it is about; {0} is the first, {rest} the others.
_SAYINGS: dict[str, Text] = {
    "rdfs:subPropertyOf": Text(zh="“{0}”就是一种“{1}”。", en="What is “{0}” is also “{1}”."),
    "owl:equivalentProperty": Text(zh="“{0}”与“{1}”是同一回事。", en="“{0}” and “{1}” are the same."),
    "owl:inverseOf": Text(zh="“{1}”是反过来的“{0}”。", en="“{1}” is “{0}” the other way round."),
    "owl:SymmetricProperty": Text(zh="“{0}”是相互的。", en="“{0}” holds both ways."),
    "owl:TransitiveProperty": Text(zh="“{0}”可以传递。", en="“{0}” carries on from one to the next."),
    "rdfs:domain": Text(zh="有“{0}”的都是“{1}”。", en="Whatever has “{0}” is “{1}”."),
    "rdfs:range": Text(zh="“{0}”的值都是“{1}”。", en="Every value of “{0}” is “{1}”."),
    "owl:propertyChainAxiom": Text(zh="依次经过{rest}，就是“{0}”。", en="To follow {rest} in turn is “{0}”."),
}
_OTHER = Text(zh="由本体对类的定义得出：{rest}。", en="By how the ontology defines classes: {rest}.")
_BACKWARDS = Text(zh="“{}”反向", en="“{}” backwards")


def axiom_words(step: str, named: Named) -> Text:
    """Say the axiom of a step; ``named`` gives what a property or class (an IRI) is called."""
    kind, *terms = step.split()
    saying = _SAYINGS.get(kind)
    if saying is None or "[]" in terms:
        terms = [part for part in (kind, *terms) if "://" in part]
        return Text({lang: _filled(_OTHER, terms, named, lang) for lang in ("zh", "en")})
    return Text({lang: _filled(saying, terms, named, lang) for lang in ("zh", "en")})


def _filled(saying: Text, terms: list[str], named: Named, language: str) -> str:
    plain = [named(term.removeprefix("^")).best(language) for term in terms]
    separator = "、" if language == "zh" else ", "
    rest = separator.join(_directed(term, named, language) for term in terms[1:] or terms)
    return saying.best(language).format(*plain, rest=rest)


def _directed(term: str, named: Named, language: str) -> str:
    name = named(term.removeprefix("^")).best(language)
    return _BACKWARDS.best(language).format(name) if term.startswith("^") else f"“{name}”"
