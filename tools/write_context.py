"""Write `exports/context.jsonld` of the shipped profile anew from its ontology (`make context`).

Every class and property of the profile's own namespace becomes a word; object properties hold
identifiers, dates and numbers their datatype, labels a map from language to text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import rdflib
from rdflib import OWL, RDF, RDFS, XSD

from qualitrace.profile import load_profile
from qualitrace.profile.model import Profile

OWN = "qa"  # the prefix of the profile's own namespace
PREFIXES = ("dcterms", "foaf", "org", "prov", OWN, "qas", "qt", "rdfs", "skos", "xsd")
BY_LANGUAGE = {"@container": "@language"}
COMMON: dict[str, dict[str, str]] = {
    "label": {"@id": "rdfs:label", **BY_LANGUAGE},
    "prefLabel": {"@id": "skos:prefLabel", **BY_LANGUAGE},
    "definition": {"@id": "skos:definition", **BY_LANGUAGE},
    "code": {"@id": "skos:notation"},
    "alias": {"@id": "qt:alias"},
    "derivedFrom": {"@id": "prov:wasDerivedFrom", "@type": "@id"},
}


def context_text(profile: Profile) -> str:
    """The file's text: one word a line."""
    words: dict[str, object] = {"@version": 1.1, "id": "@id", "type": "@type"}
    words |= {prefix: profile.prefixes[prefix] for prefix in PREFIXES}
    words |= COMMON
    words |= {name: f"{OWN}:{name}" for name in _names(profile, OWL.Class)}
    datatypes = _datatypes(profile)
    properties: dict[str, dict[str, str]] = {}
    for name in _names(profile, OWL.ObjectProperty):
        properties[name] = {"@id": f"{OWN}:{name}", "@type": "@id"}
    for name in _names(profile, OWL.DatatypeProperty):
        kind = {"@type": datatypes[name]} if name in datatypes else {}
        properties[name] = {"@id": f"{OWN}:{name}", **kind}
    words |= dict(sorted(properties.items()))
    lines = [f"    {json.dumps(word)}: {_compact(meaning)}" for word, meaning in words.items()]
    return '{\n  "@context": {\n' + ",\n".join(lines) + "\n  }\n}\n"


def _names(profile: Profile, kind: rdflib.URIRef) -> list[str]:
    space = profile.prefixes[OWN]
    found = (str(term) for term in profile.ontology.subjects(RDF.type, kind))
    return sorted({term.removeprefix(space) for term in found if term.startswith(space)})


def _datatypes(profile: Profile) -> dict[str, str]:
    """The datatype of each value, from the property shapes; strings need none."""
    found: dict[str, set[str]] = {}
    for model in profile.classes.values():
        for one in model.properties:
            if one.predicate.startswith(profile.prefixes[OWN]) and one.datatype:
                found.setdefault(one.predicate.removeprefix(profile.prefixes[OWN]), set()).add(one.datatype)
    for name in _names(profile, OWL.DatatypeProperty):
        ranges = profile.ontology.objects(rdflib.URIRef(profile.prefixes[OWN] + name), RDFS.range)
        found.setdefault(name, {str(one) for one in ranges})
    plain = {str(XSD.string), str(RDF.langString), str(RDFS.Literal)}
    return {
        name: profile.shorten(next(iter(kinds)))
        for name, kinds in found.items()
        if len(kinds) == 1 and not kinds & plain
    }


def _compact(meaning: object) -> str:
    if not isinstance(meaning, dict):
        return json.dumps(meaning)
    return "{ " + ", ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in meaning.items()) + " }"


if __name__ == "__main__":
    shipped = load_profile()
    target = Path(shipped.directory / "exports" / "context.jsonld")
    target.write_text(context_text(shipped), encoding="utf-8")
    sys.stderr.write(f"{target}\n")
