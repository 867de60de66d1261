"""What both servers are asked, and that it is the same: questions in pairs (floor 5).

Ours are in our API. Those of ``@neo4j/graphql`` are its own nested fields where it has them, and for what it
has no fields for, statements by hand (:mod:`neo4j_types`). ``bench: neo4j`` of ``examples/demo.yaml`` says
which classes are asked about::

    bench:
      neo4j:
        date: 2025-03-01
        trace: { start: duty/x, to: Person }
        list: { type: NAME, word: x, link: posts, first: 50 }
        coverage: Duty
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qualitrace import demonstration
from qualitrace.errors import ProfileError
from qualitrace.graphql.derive import derive
from qualitrace.graphql.model import ApiType
from qualitrace.profile.model import Profile
from qualitrace.text import Text

Rows = list[Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to one server: a document, the variables of its requests, and how to read an answer."""

    document: str
    variables: Sequence[dict[str, Any]]
    rows: Callable[[dict[str, Any]], Rows]


@dataclass(frozen=True, slots=True)
class Pair:
    """One question to both servers; ``theirs`` in every way that is worth trying, by name."""

    name: str
    ours: Asked
    theirs: dict[str, Asked]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked about, from the profile's ``demo.yaml``."""

    date: str
    start: str
    to: str
    listed: ApiType
    linked: ApiType
    link: str
    word: str
    first: int
    covered: str


def read_wanted(profile: Profile) -> Wanted:
    """Read what is asked about. Raises ProfileError where the profile does not say."""
    said = (demonstration.settings(profile).get("bench") or {}).get("neo4j")
    model = derive(profile)
    try:
        if said is None:
            raise KeyError("neo4j")
        one = said["list"]
        listed = model.types[one["type"]]
        linked = model.types[listed.fields[one["link"]].scalar]
        return Wanted(
            str(said["date"]), said["trace"]["start"], said["trace"]["to"], listed, linked,
            one["link"], one["word"], int(one["first"]), said["coverage"],
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise ProfileError(
            Text(zh="demo.yaml 没有写明向 Neo4j 问什么。", en="demo.yaml does not say what to ask of Neo4j."),
            where=f"{profile.directory / 'examples' / 'demo.yaml'}: bench: neo4j: {error}",
        ) from error


def pairs(wanted: Wanted, base: str, registry: str, copies: int) -> list[Pair]:
    """Return all questions; what asks about one node asks about that of each copy in turn."""
    return [
        _trace(wanted, base, registry, copies),
        _listed(wanted, registry, base),
        _nested(wanted, registry, base),
        _coverage(wanted, registry),
    ]


def _trace(wanted: Wanted, base: str, registry: str, copies: int) -> Pair:
    starts = [f"{number}/{wanted.start}" if number else wanted.start for number in range(copies)]
    ours = Asked(
        f"query Trace($node: String!, $asOf: Date!) {{ trace(node: $node, to: {wanted.to}, asOf: $asOf)"
        " { paths { ending steps { source { id label } target { id label } } } } }",
        [{"node": start, "asOf": wanted.date} for start in starts],
        _paths_of_ours,
    )

    def theirs(field: str) -> Asked:
        return Asked(
            f"query Trace($node: String!, $asOf: Date!) {{ rows: {field}(registry: {_text(registry)},"
            " node: $node, asOf: $asOf) { nodes labels } }",
            [{"node": base + start, "asOf": wanted.date} for start in starts],
            lambda data: sorted(
                [
                    [node.removeprefix(base), label or None]
                    for node, label in zip(row["nodes"], row["labels"], strict=True)
                ]
                for row in data["rows"]
            ),
        )

    return Pair("trace", ours, {"by hand, as it is": theirs("tracePlain"), "by hand": theirs("traceExact")})


def _paths_of_ours(data: dict[str, Any]) -> Rows:
    rows = []
    for path in data["trace"]["paths"]:
        if path["ending"] == "REACHED":
            nodes = [path["steps"][0]["source"], *(step["target"] for step in path["steps"])]
            rows.append([[node["id"], node["label"]] for node in nodes])
    return sorted(rows)


def _listed(wanted: Wanted, registry: str, base: str) -> Pair:
    kind = wanted.listed
    ours = Asked(
        f"query List($word: String!) {{ rows: {kind.root}(where: {{ label: {{ contains: $word }} }},"
        f" orderBy: [{{ label: ASC }}], first: {wanted.first}) {{ totalCount nodes {{ id code label }} }} }}",
        [{"word": wanted.word}],
        lambda data: [data["rows"]["totalCount"], *_cut(data["rows"]["nodes"], base)],
    )
    where = _where(registry, " label: { contains: $word }")
    theirs = Asked(
        f"query List($word: String!) {{ counted: {kind.root}Connection({where}) {{ totalCount }}"
        f" rows: {kind.root}({where}, sort: [{{ label: ASC }}], limit: {wanted.first})"
        " { id: iri code label } }",
        [{"word": wanted.word}],
        lambda data: [data["counted"]["totalCount"], *_cut(data["rows"], base)],
    )
    return Pair("list", ours, {"its fields": theirs})


def _nested(wanted: Wanted, registry: str, base: str) -> Pair:
    kind, link = wanted.listed, wanted.link
    ours = Asked(
        f"query Nested($word: String!) {{ rows: {kind.root}(where: {{ label: {{ contains: $word }} }},"
        f" orderBy: [{{ label: ASC }}], first: {wanted.first})"
        f" {{ nodes {{ id code label {link} {{ id code label }} }} }} }}",
        [{"word": wanted.word}],
        lambda data: _cut(data["rows"]["nodes"], base),
    )
    where = _where(registry, " label: { contains: $word }")
    theirs = Asked(
        f"query Nested($word: String!) {{ rows: {kind.root}({where},"
        f" sort: [{{ label: ASC }}], limit: {wanted.first}) {{ id: iri code label"
        f" {link} {{ id: iri code label }} }} }}",
        [{"word": wanted.word}],
        lambda data: _cut(data["rows"], base),
    )
    return Pair("nested list", ours, {"its fields": theirs})


def _coverage(wanted: Wanted, registry: str) -> Pair:
    variables = [{"asOf": wanted.date}]
    ours = Asked(
        f"query Coverage($asOf: Date!) {{ coverage(of: {wanted.covered}, asOf: $asOf)"
        " { total complete broken } }",
        variables,
        lambda data: [data["coverage"]],
    )
    theirs = Asked(
        f"query Coverage($asOf: Date!) {{ coverage(registry: {_text(registry)}, asOf: $asOf)"
        " { total complete broken } }",
        variables,
        lambda data: list(data["coverage"]),
    )
    return Pair("coverage", ours, {"by hand": theirs})


def _where(registry: str, more: str) -> str:
    return f"where: {{ registry: {{ eq: {_text(registry)} }}{more} }}"


def _text(value: str) -> str:
    return f'"{value}"'  # a registry's name holds nothing that must be escaped


def _cut(rows: Rows, base: str) -> Rows:
    """Rows of a list that was cut off: labels as they come, and whole rows but for those of the last label.

    Which of several that are called alike are before the cut is each server's own (ours counts 6 before 51).
    """
    labels = [row["label"] for row in rows]
    return [labels, *_local([row for row in rows if row["label"] != labels[-1]], base)]


def _local(rows: Any, base: str) -> Any:
    """Identifiers below the base, as our API writes them; lists of links in one order."""
    if isinstance(rows, list):
        return sorted((_local(row, base) for row in rows), key=lambda row: str(row["id"]))
    return {
        key: value.removeprefix(base)
        if key == "id"
        else _local(value, base)
        if isinstance(value, list)
        else value
        for key, value in rows.items()
    }
