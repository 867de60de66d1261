"""The keys that mean the same in every registry: which a text names (floor 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import rdflib
from rdflib.namespace import SKOS

from qualitrace.across.model import Key
from qualitrace.errors import QueryError
from qualitrace.profile.model import Profile
from qualitrace.profile.shared import links, shared_keys
from qualitrace.profile.vocabulary import local_name
from qualitrace.text import Text

_CALLED = (SKOS.notation, SKOS.prefLabel, SKOS.altLabel)


def all_keys(profile: Profile) -> list[Key]:
    """Return every shared key of a profile, without a value."""
    return [Key(name, "", links=links(profile, name)) for name in sorted(shared_keys(profile))]


def named_keys(text: str, profile: Profile, concepts: Iterable[str], only: str = "") -> tuple[Key, ...]:
    """Return what a text may stand for: a concept by IRI, code or label, and a code of each shared code.

    ``only`` names one property. Raises QueryError when the profile has no such key, when nothing could have
    this value, or when several concepts are called so.
    """
    wanted = [key for key in all_keys(profile) if not only or _is(key.property, only, profile)]
    if not wanted:
        raise no_key(only, profile)
    linking = [key for key in wanted if key.links]
    found = _concepts(text, profile, concepts) if linking else []
    if len(found) > 1:
        raise _several(text, found)
    keys = [Key(key.property, one, label_of(one, profile), links=True) for key in linking for one in found]
    keys += [Key(key.property, text) for key in wanted if not key.links]
    if not keys:
        raise QueryError(
            Text(zh=f"没有概念叫“{text}”。", en=f"No concept is called “{text}”."),
            hint=Text(zh="请用它的编码、名称或标识。", en="Give its code, label or identifier."),
        )
    return tuple(keys)


def label_of(concept: str, profile: Profile) -> Text:
    """Return what a concept is called, with its code."""
    node, graph = rdflib.URIRef(concept), profile.ontology
    code = str(graph.value(node, SKOS.notation) or "")
    labels = [one for one in graph.objects(node, SKOS.prefLabel) if isinstance(one, rdflib.Literal)]
    return Text({one.language or "": f"{code} {one}".strip() for one in labels})


def _concepts(text: str, profile: Profile, concepts: Iterable[str]) -> list[str]:
    names = {text, profile.expand(text)}
    known = sorted(concepts)
    exact = [one for one in known if one in names]
    if exact:
        return exact
    graph = profile.ontology
    return [
        one
        for one in known
        if any(str(said) == text for by in _CALLED for said in graph.objects(rdflib.URIRef(one), by))
    ]


def _is(name: str, asked: str, profile: Profile) -> bool:
    return asked in (name, local_name(name)) or profile.expand(asked) == name


def no_key(only: str, profile: Profile) -> QueryError:
    """Return the refusal of a key that is not declared; of any, where ``only`` is empty."""
    known = ", ".join(local_name(name) for name in sorted(shared_keys(profile))) or "—"
    return QueryError(
        Text(
            zh="配置没有说哪些值在各库通用。" if not only else f"“{only}”的值不是各库通用的。",
            en="The profile does not say which values mean the same in every registry."
            if not only
            else f"The profile does not say that values of “{only}” mean the same in every registry.",
        ),
        where=only,
        hint=Text(zh=f"已声明（qt:sharedKey）：{known}", en=f"Declared (qt:sharedKey): {known}"),
    )


def _several(text: str, found: Sequence[str]) -> QueryError:
    listed = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
    return QueryError(
        Text(zh=f"有 {len(found)} 个概念叫“{text}”。", en=f"{len(found)} concepts are called “{text}”."),
        hint=Text(zh=f"请用标识：{listed}", en=f"Give the identifier: {listed}"),
    )
