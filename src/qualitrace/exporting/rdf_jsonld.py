"""The registry as JSON-LD (floor 4)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import IO, Any, NoReturn

import orjson
import pyld.jsonld

from qualitrace.errors import ProfileError
from qualitrace.exporting.rdf_turtle import facts_of
from qualitrace.profile.model import Profile
from qualitrace.store import Engine
from qualitrace.terms import RDF_TYPE, XSD, Fact, iri_of, is_iri, lit_of
from qualitrace.text import Text

CONTEXT_FILE = "context.jsonld"

Node = dict[str, Any]


def jsonld(engine: Engine, profile: Profile, stream: IO[bytes], *, inferred: bool = False) -> None:
    """Write the stated facts as compact JSON-LD 1.1 (https://www.w3.org/TR/json-ld11/), in a fixed order.

    The context is ``exports/context.jsonld`` of the profile and is embedded; without that file it
    holds the profile's prefixes. With ``inferred`` the inferred facts too. Raises ProfileError when
    the file is no JSON-LD context, OSError when the stream cannot be written.
    """
    stream.write(compacted(facts_of(engine, inferred=inferred), profile))


def compacted(facts: Iterable[Fact], profile: Profile) -> bytes:
    """Return facts as compact JSON-LD with the profile's context. Raises ProfileError as above."""
    context = _context(profile)
    nodes = _nodes(facts)
    options = {"graph": True, "skipExpansion": True, "documentLoader": _no_loading}
    try:
        compact = pyld.jsonld.compact(nodes, {"@context": context}, options)
    except pyld.jsonld.JsonLdError as error:
        raise _bad_context(profile, str(error).partition("\n")[0]) from error
    compact["@context"] = context
    return orjson.dumps(compact, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _nodes(facts: Iterable[Fact]) -> list[Node]:
    """Facts in expanded form (JSON-LD 1.1, 9), one object for each subject, sorted."""
    nodes: dict[str, Node] = {}
    for fact in sorted(facts):
        node = nodes.setdefault(fact.subject, {"@id": fact.subject})
        if fact.predicate == RDF_TYPE and is_iri(fact.object):
            node.setdefault("@type", []).append(iri_of(fact.object))
        else:
            node.setdefault(fact.predicate, []).append(_value(fact.object))
    return list(nodes.values())


def _value(term: str) -> Mapping[str, str]:
    if is_iri(term):
        return {"@id": iri_of(term)}
    value, datatype, language = lit_of(term)
    if language:
        return {"@value": value, "@language": language}
    return {"@value": value} if datatype == XSD + "string" else {"@value": value, "@type": datatype}


def _context(profile: Profile) -> Mapping[str, Any]:
    path = profile.directory / "exports" / CONTEXT_FILE
    if not path.is_file():
        return {"@version": 1.1, **dict(sorted(profile.prefixes.items()))}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _bad_context(profile, str(error)) from error
    context = read.get("@context") if isinstance(read, dict) else None
    if not isinstance(context, dict):
        raise _bad_context(profile, "@context")
    return context


def _no_loading(url: str, options: object) -> NoReturn:
    """Refuse to fetch a context from elsewhere: an export must not depend on a network."""
    raise pyld.jsonld.JsonLdError(f"a context elsewhere is not read: {url}", "jsonld.LoadDocumentError")


def _bad_context(profile: Profile, why: str) -> ProfileError:
    return ProfileError(
        Text(zh="配置里的 JSON-LD 上下文不能用。", en="The profile's JSON-LD context cannot be used."),
        where=f"{profile.directory / 'exports' / CONTEXT_FILE}: {why}",
        hint=Text(
            zh='文件应为 {"@context": {…}}，其中每个词对应一个属性或类。',
            en='The file should read {"@context": {…}} and map each word to a property or class.',
        ),
    )
