"""What a finding is about, in the profile's words: the property that is missing or wrong (floor 4)."""

from __future__ import annotations

import re

import rdflib

from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import LABELS, text_of
from qualitrace.terms import SH
from qualitrace.validation.model import Finding

# Constraints that fail because something is not there (SHACL 4.2.1, 4.7.3, 4.8.1).
_ABSENCES = frozenset(
    SH + name + "ConstraintComponent" for name in ("MinCount", "QualifiedMinCount", "HasValue")
)
_PARTS = re.compile(r"<([^<>]*)>|([/^|])")
_SIGNS = {"/": " → ", "^": "← ", "|": " | "}


def is_absence(finding: Finding) -> bool:
    """True when it is a value that is missing, rather than one that is wrong."""
    return finding.component in _ABSENCES and not finding.value


def path_words(path: str, profile: Profile, language: str) -> str:
    """Say a result path in labels: ``<…#step>/<…#limit>`` as ``step → limit``."""

    def part(found: re.Match[str]) -> str:
        iri, sign = found.groups()
        return _SIGNS[sign] if sign else _label(iri, profile, language)

    return _PARTS.sub(part, path)


def _label(iri: str, profile: Profile, language: str) -> str:
    labels = text_of(profile.ontology, rdflib.URIRef(iri), *LABELS)
    return labels.best(language) or profile.shorten(iri)
