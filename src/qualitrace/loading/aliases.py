"""Names that may be one body: a hint for a person, never a decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qualitrace.journal.model import Source
from qualitrace.loading import messages
from qualitrace.loading.model import Notice, NoticeKind
from qualitrace.loading.names import Named, Names
from qualitrace.loading.normalise import fold
from qualitrace.profile.model import Profile
from qualitrace.text import Text

_SHORTEST = 3  # characters
_LEAST_SHARE = 0.5  # of the longer name, when the shorter one is contained in it
_MOST_DIFFERING = 0.15  # of the characters of two names of one length
_NUMERALS = frozenset("0123456789一二三四五六七八九十甲乙丙丁戊")
_MOST_NAMES = 1_000  # compared with each other; beyond that something else is wrong
_REGISTRY = "已登记/registered"


def probable_aliases(bodies: Mapping[str, tuple[Named, Source]], names: Names) -> Iterator[Notice]:
    """Yield a notice for each pair of names of one class that may be one body.

    Pairs within the document come first; then each new name against names only the registry knows.
    Declared pairs (``distinct``) are left out.
    """
    found = [(named, source) for named, source in bodies.values() if not named.group]
    if len(found) > _MOST_NAMES:
        source = found[_MOST_NAMES][1]
        yield Notice(NoticeKind.ALIAS, source, messages.too_many_names(_MOST_NAMES))
        found = found[:_MOST_NAMES]
    for place, (one, source) in enumerate(found):
        for other, other_source in found[:place]:
            if _may_be_one(one.name, other.name, one.class_iri, other.class_iri, names):
                message = messages.alias_probable(one.name, other.name, other_source.place())
                yield Notice(NoticeKind.ALIAS, source, message, one.name)
    here = {named.iri for named, _ in found}
    new = [(named, source) for named, source in found if fold(named.name) not in names.known]
    for entry in names.known.values():
        for one, source in new if entry.iri not in here else ():
            if _may_be_one(one.name, entry.label, one.class_iri, entry.class_iri, names):
                message = messages.alias_probable(one.name, entry.label, _REGISTRY)
                yield Notice(NoticeKind.ALIAS, source, message, one.name)


def _may_be_one(one: str, other: str, one_class: str, other_class: str, names: Names) -> bool:
    if one_class and other_class and one_class != other_class:
        return False
    pair = frozenset({fold(one), fold(other)})
    return len(pair) == 2 and pair not in names.rules.distinct and alike(*sorted(pair))


def alike(one: str, other: str) -> bool:
    """Tell whether one name contains the other's characters in order, or they differ in very few.

    Names that differ in a number are different.
    """
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        differing = [pair for pair in zip(short, long, strict=True) if pair[0] != pair[1]]
        numbers = any(character in _NUMERALS for pair in differing for character in pair)
        return not numbers and len(differing) <= _MOST_DIFFERING * len(long)
    if len(short) < _SHORTEST or len(short) < _LEAST_SHARE * len(long):
        return False
    rest = iter(long)
    return all(character in rest for character in short)


def class_conflicts(
    bodies: Mapping[str, tuple[Named, Source]], names: Names, profile: Profile
) -> Iterator[Notice]:
    """Yield a notice for each body that this document and the registry put in different classes."""
    for named, source in bodies.values():
        entry = names.known.get(fold(named.name))
        if entry is not None and not named.group and named.class_iri not in {"", entry.class_iri}:
            message = messages.two_classes(
                named.name, _labels(named.class_iri, profile), _labels(entry.class_iri, profile)
            )
            yield Notice(NoticeKind.DISAGREEMENT, source, message, named.name)


def _labels(class_iri: str, profile: Profile) -> Text:
    model = profile.classes.get(class_iri)
    return model.labels if model else Text(zh=class_iri)
