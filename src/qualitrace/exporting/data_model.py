"""What is what in Neo4j, as a Markdown page made from the profile (floor 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qualitrace.profile.model import ClassModel, Profile, PropertyModel
from qualitrace.store.neo4j.naming import Naming, ValueName
from qualitrace.terms import RDF, XSD

_TYPES = {
    XSD + "date": "date",
    XSD + "dateTime": "datetime",
    XSD + "integer": "integer",
    XSD + "decimal": "float",
    XSD + "double": "float",
    XSD + "float": "float",
    XSD + "boolean": "boolean",
}
_WORDS = {
    "title": ("Neo4j 里的数据模型", "The data model in Neo4j"),
    "made": ("由配置生成，请勿手改。", "Made from the profile; do not edit."),
    "nodes": ("节点", "Nodes"),
    "links": ("关系", "Relationships"),
    "all": (
        "每个节点都有标签 `Resource` 和属性 `registry`（哪个登记库）、`iri`、`name`（叫什么）；"
        "推得的关系有 `inferred: true`。上级类的标签也在。",
        "Every node has the label `Resource` and the properties `registry` (which registry), `iri` and `name`"
        " (what it is called). Relationships that only follow have `inferred: true`. Labels of the classes"
        " above are there too.",
    ),
    "own": (
        "以 `_` 开头的是程序自己的：`_exact`、`_inferred`（逐字的事实）、`_from`、`_to`、`_never`"
        "（哪些天算数）。标签 `Concept` 是配置里的概念。",
        "What begins with `_` is the program's own: `_exact`, `_inferred` (facts to the letter), `_from`,"
        " `_to`, `_never` (on which days a node counts). `Concept` labels the concepts of the profile.",
    ),
    "property": ("属性", "property"),
    "type": ("类型", "type"),
    "means": ("意思", "meaning"),
    "from": ("从", "from"),
    "to": ("到", "to"),
    "relationship": ("关系", "relationship"),
    "above": ("上级类", "Above it"),
    "private": ("个人信息", "personal data"),
    "samples": ("Cypher 示例", "Sample Cypher"),
    "any": ("任意", "any"),
}


def data_model(profile: Profile, naming: Naming, language: str = "zh") -> str:
    """Return the page: every label with its properties, every relationship, and statements to begin with."""
    page = _Page(profile, naming, language)
    return "\n".join([*page.head(), *page.nodes(), *page.links(), *page.samples()]) + "\n"


class _Page:
    def __init__(self, profile: Profile, naming: Naming, language: str) -> None:
        self._profile = profile
        self._naming = naming
        self._language = language

    def _say(self, word: str) -> str:
        zh, en = _WORDS[word]
        return zh if self._language == "zh" else en

    def head(self) -> Iterator[str]:
        """Yield the title and what all nodes share."""
        yield f"# {self._say('title')}: {self._profile.titles.best(self._language)}"
        yield from ("", self._say("made"), "", self._say("all"), "", self._say("own"), "")

    def nodes(self) -> Iterator[str]:
        """Yield each label with its properties."""
        yield from (f"## {self._say('nodes')}", "")
        for model in self._classes():
            yield f"### `:{self._naming.labels[model.iri]}` {model.labels.best(self._language)}"
            yield ""
            if model.definitions:
                yield from (_line(model.definitions.best(self._language)), "")
            above = sorted(self._naming.labels[parent] for parent in model.parents)
            if above:
                yield from (f"{self._say('above')}: " + ", ".join(f"`:{one}`" for one in above), "")
            rows = [self._row(one) for one in model.properties if one.predicate and not _links(one)]
            if rows:
                yield from _table((self._say("property"), self._say("type"), self._say("means")), rows)

    def links(self) -> Iterator[str]:
        """Yield each relationship type, from which labels to which."""
        yield from (f"## {self._say('links')}", "")
        rows = []
        for predicate, kind in sorted(self._naming.types.items(), key=lambda pair: pair[1]):
            users = [
                (model, one)
                for model in self._classes()
                for one in model.properties
                if one.predicate == predicate and _links(one)
            ]
            if not users:
                continue
            targets = {self._label(one.target) for _, one in users}
            label = users[0][1].labels.best(self._language)
            rows.append(
                (f"`{kind}`", self._labels(model for model, _ in users), ", ".join(sorted(targets)), label)
            )
        headings = (self._say("relationship"), self._say("from"), self._say("to"), self._say("means"))
        yield from _table(headings, rows)

    def samples(self) -> Iterator[str]:
        """Yield statements to begin with."""
        yield from (f"## {self._say('samples')}", "", "```cypher")
        yield "MATCH (q:QualitraceRegistry) RETURN q.name, q.position, q.at, q.stated, q.inferred;"
        for model, link in self._sample_links():
            label, kind = self._naming.labels[model.iri], self._naming.types[link.predicate]
            yield (
                f"MATCH (a:`{label}` {{registry: $registry}})-[r:`{kind}`]->(b) "
                "RETURN a.name, b.name, r.inferred IS NULL AS stated LIMIT 25;"
            )
        tracing = "|".join(f"`{self._naming.types[one]}`" for one in sorted(self._profile.trace.properties))
        if tracing:
            yield (
                "MATCH path = (a:Resource {registry: $registry, code: $code})"
                f"-[:{tracing}]->{{1,8}}(b) RETURN path LIMIT 100;"
            )
        yield from ("```",)

    def _sample_links(self) -> list[tuple[ClassModel, PropertyModel]]:
        found = [
            (model, one)
            for model in self._classes()
            for one in model.properties
            if one.predicate in self._profile.trace.properties and not model.abstract
        ]
        return found[:3]

    def _classes(self) -> list[ClassModel]:
        return [model for _, model in sorted(self._profile.classes.items(), key=lambda pair: pair[1].name)]

    def _label(self, iri: str) -> str:
        label = self._naming.label(iri)
        return f"`:{label}`" if label else self._say("any")

    def _labels(self, models: Iterable[ClassModel]) -> str:
        """The topmost of some classes."""
        found = list(models)
        names = {model.iri for model in found}
        top = [model for model in found if not model.parents & names]
        return ", ".join(sorted(self._label(model.iri) for model in top))

    def _row(self, one: PropertyModel) -> tuple[str, str, str]:
        name = self._naming.keys[one.predicate]
        key = f"`{name.key}_zh`, `{name.key}_en`" if name.text else f"`{name.key}`"
        label = one.labels.best(self._language)
        if one.exposure != "public":
            label += f" ({self._say('private')})"
        return key, _type(name), label


def _links(one: PropertyModel) -> bool:
    return bool(one.target) or one.is_iri


def _type(name: ValueName) -> str:
    kind = "string" if name.datatype == RDF + "langString" else _TYPES.get(name.datatype, "string")
    return f"list of {kind}" if name.many and not name.text else kind


def _table(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    heads = list(headings)
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(_line(cell) for cell in row) + " |"
    yield ""


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
