"""Places in a profile's mapping files: reading values there, and naming mistakes by file and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import rdflib

from qualitrace.errors import ProfileError
from qualitrace.profile.model import Profile
from qualitrace.text import Text


class Vocabulary:
    """The terms a mapping may name: those of the ontology, and those of other vocabularies."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def has(self, iri: str) -> bool:
        """Tell whether a term is defined, or of a namespace of which the ontology defines nothing."""
        if (rdflib.URIRef(iri), None, None) in self.profile.ontology:
            return True
        return _namespace(iri) not in self._namespaces

    @cached_property
    def _namespaces(self) -> frozenset[str]:
        subjects = self.profile.ontology.subjects(unique=True)
        return frozenset(_namespace(str(s)) for s in subjects if isinstance(s, rdflib.URIRef))


def _namespace(iri: str) -> str:
    return re.sub(r"[^#/]*$", "", iri)


class Place:
    """A place in a mapping file, for messages: file and keys."""

    def __init__(self, vocabulary: Vocabulary, file: str, keys: tuple[str, ...] = ()) -> None:
        self.vocabulary = vocabulary
        self.file = file
        self.keys = keys

    def at(self, *keys: object) -> Place:
        """Return the place below this one."""
        return Place(self.vocabulary, self.file, (*self.keys, *map(str, keys)))

    def wrong(self, zh: str, en: str, hint_zh: str = "", hint_en: str = "") -> ProfileError:
        """Return the error to raise for this place."""
        where = " › ".join((self.file, *self.keys))
        hint = Text(zh=hint_zh, en=hint_en) if hint_en else None
        return ProfileError(Text(zh=zh, en=en), where=where, hint=hint)

    def mapping(self, value: object, allowed: Iterable[str] | None = None) -> Mapping[str, Any]:
        """Return ``value`` as a mapping with text keys out of ``allowed``."""
        if not isinstance(value, Mapping):
            raise self.wrong("这里应当是“键: 值”。", "'key: value' lines are expected here.")
        keys = tuple(str(key) for key in value)
        if allowed is not None:
            known = tuple(allowed)
            for key in keys:
                self.one_of(key, known)
        return {str(key): item for key, item in value.items()}

    def one_of(self, value: str, known: Iterable[str]) -> str:
        """Return ``value`` when it is one of ``known``."""
        names = tuple(known)
        if value in names:
            return value
        near = difflib.get_close_matches(value, names, n=1)
        meant = near[0] if near else "、".join(names)
        raise self.wrong(
            f"不认识“{value}”。",
            f"“{value}” is not known here.",
            f"可以写：{meant}",
            f"What can stand here: {meant}",
        )

    def text(self, value: object) -> str:
        """Return ``value`` as text that is not empty."""
        if isinstance(value, bool) or not isinstance(value, str | int | float) or not str(value).strip():
            raise self.wrong("这里应当是文字。", "text is expected here.")
        return str(value).strip()

    def texts(self, value: object) -> tuple[str, ...]:
        """Return one text or a list of texts as a tuple."""
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(self.text(item) for item in items)

    def flag(self, value: object) -> bool:
        """Return ``value`` as true or false."""
        if not isinstance(value, bool):
            raise self.wrong("这里应当是 true 或 false。", "true or false is expected here.")
        return value

    def pattern(self, value: object) -> re.Pattern[str]:
        """Return ``value`` as a regular expression."""
        try:
            return re.compile(self.text(value))
        except re.error as error:
            raise self.wrong(f"正则表达式写错了：{error}", f"not a regular expression: {error}") from error

    def term(self, value: object) -> str:
        """Return the IRI of a term; its namespace's terms must be in the ontology."""
        name = self.text(value)
        found = self.vocabulary.profile.expand(name)
        if found == name and not name.startswith(("http://", "https://", "urn:")):
            raise self.wrong(
                f"“{name}”的前缀没有声明。",
                f"The prefix of “{name}” is not declared.",
                "前缀在 ontology/ 的 Turtle 文件里声明。",
                "Prefixes are declared in the Turtle files of ontology/.",
            )
        if not self.vocabulary.has(found):
            raise self.wrong(f"本体里没有“{name}”。", f"The ontology does not define “{name}”.")
        return found

    def class_term(self, value: object) -> str:
        """Return the IRI of a class of the profile."""
        found = self.term(value)
        if found not in self.vocabulary.profile.classes:
            raise self.wrong(f"“{value}”不是本体里的类。", f"“{value}” is not a class of the ontology.")
        return found
