"""Names of bodies and groups: what loaders/names.yaml declares, what the registry knows, what is new."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qualitrace.loading.mapping import Form
from qualitrace.loading.mapping_place import Place, Vocabulary
from qualitrace.loading.model import KnownNames
from qualitrace.loading.normalise import fold, one_line, segment
from qualitrace.loading.template import Template, template
from qualitrace.profile.model import Profile

_KEYS = ("bodies", "groups", "aliases", "distinct", "remarks", "mentions")
_LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True)
class ClassRule:
    """Names that ``pattern`` matches are of a class."""

    pattern: re.Pattern[str]
    class_iri: str


@dataclass(frozen=True, slots=True)
class NameRules:
    """What ``loaders/names.yaml`` declares; names are folded where they are compared."""

    body_id: Template
    classes: tuple[ClassRule, ...] = ()
    otherwise: str = ""
    group_id: Template | None = None
    group_class: str = ""
    member_link: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)  # folded name → member class, "" when open
    aliases: Mapping[str, str] = field(default_factory=dict)  # folded alias → name as declared
    distinct: frozenset[frozenset[str]] = frozenset()
    remarks: re.Pattern[str] | None = None
    mentions: tuple[re.Pattern[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A name resolved. ``class_iri`` is ``""`` when nothing says it; ``guessed`` when a rule did,
    ``by_default`` when only the last resort of names.yaml fits.

    ``alias`` is the name as written when a declared alias led to ``name``; ``remark`` is what was
    written beside the name.
    """

    name: str
    iri: str
    class_iri: str = ""
    group: bool = False
    guessed: bool = False
    by_default: bool = False
    member_class: str = ""
    alias: str = ""
    remark: str = ""


class Names:
    """Resolves names for one document. ``declare`` first what the document itself declares.

    Of ``known`` only names of ``classes`` count: a post may well be called what a unit is.
    """

    def __init__(self, rules: NameRules, base: str, known: KnownNames, classes: frozenset[str]) -> None:
        self.rules = rules
        self.base = base
        bodies = [entry for entry in known.entries if entry.class_iri in classes]
        self.known = {fold(entry.label): entry for entry in reversed(bodies)}
        self._declared: dict[str, str] = {}
        self._resolved: dict[str, Named | None] = {}

    def declare(self, name: str, class_iri: str) -> None:
        """Record that a cell says which class a name is of."""
        self._declared.setdefault(fold(name), class_iri)

    def declared_class(self, name: str) -> str:
        """Return the class a cell of the document gives to a name, ``""`` when none does."""
        return self._declared.get(fold(name), "")

    def resolve(self, written: str) -> Named | None:
        """Return what ``written`` names; None when it cannot be a name."""
        if written not in self._resolved:
            self._resolved[written] = self._resolve(written)
        return self._resolved[written]

    def familiar(self, written: str) -> bool:
        """Tell whether ``written`` is a name already known, declared, or of a known pattern."""
        name, _ = self._without_remark(one_line(written))
        folded = fold(name)
        if not folded or len(name) > _LONGEST:
            return False
        if folded in self.known or folded in self._declared or folded in self.rules.aliases:
            return True
        return folded in self.rules.groups or bool(self._by_pattern(name))

    def _without_remark(self, text: str) -> tuple[str, str]:
        found = self.rules.remarks.search(text) if self.rules.remarks else None
        if found is None or not found.group():
            return text, ""
        return (text[: found.start()] + text[found.end() :]).strip(), found.group()

    def _resolve(self, written: str) -> Named | None:
        name, remark = self._without_remark(one_line(written))
        folded = fold(name)
        if not folded or len(name) > _LONGEST or "\n" in name or "。" in name:
            return None
        if folded in self.rules.groups:
            return self._group(name, folded, remark)
        alias = ""
        if folded in self.rules.aliases:
            alias, name = name, self.rules.aliases[folded]
            folded = fold(name)
        class_iri = self._declared.get(folded, "")
        entry = self.known.get(folded)
        if entry is not None:
            own = self._own_name(entry.iri)
            if entry.alias and own:
                alias, name = alias or name, own
            kind = class_iri or entry.class_iri
            return Named(name, entry.iri, kind, guessed=not class_iri, alias=alias, remark=remark)
        by_rule = "" if class_iri else self._by_pattern(name)
        return Named(
            name,
            self._iri(self.rules.body_id, name),
            class_iri or by_rule or self.rules.otherwise,
            guessed=not class_iri,
            by_default=not (class_iri or by_rule),
            alias=alias,
            remark=remark,
        )

    def _group(self, name: str, folded: str, remark: str) -> Named:
        rules = self.rules
        iri = self._iri(rules.group_id or rules.body_id, name)
        member = rules.groups[folded]
        return Named(name, iri, rules.group_class, group=True, member_class=member, remark=remark)

    def _by_pattern(self, name: str) -> str:
        return next((rule.class_iri for rule in self.rules.classes if rule.pattern.search(name)), "")

    def _iri(self, made: Template, name: str) -> str:
        return self.base + (made.fill(lambda hole: segment(name)) or segment(name))

    def _own_name(self, iri: str) -> str:
        label = next((e.label for e in self.known.values() if e.iri == iri and not e.alias), "")
        return label

    def segment_of(self, named: Named) -> str:
        """Return what stands for a body in identifiers of what belongs to it."""
        made = self.rules.group_id if named.group and self.rules.group_id else self.rules.body_id
        before = made.parts[0] if made.parts and isinstance(made.parts[0], str) else ""
        tail = named.iri.removeprefix(self.base + before)
        return tail if tail != named.iri and "/" not in tail else segment(named.name)


def body_classes(rules: NameRules, forms: Iterable[Form], profile: Profile) -> frozenset[str]:
    """Return the classes that names of bodies may have: those of the rules, and those cells may give."""
    roots = {rule.class_iri for rule in rules.classes} | {rules.otherwise}
    for form in forms:
        giving = (form.column(column.class_from) for column in form.columns if column.class_from)
        roots.update(iri for column in giving if column is not None for iri in column.under)
    below = {iri for root in roots if root in profile.classes for iri in profile.classes[root].children}
    return frozenset((roots | below) - {"", rules.group_class})


def read_names(profile: Profile) -> NameRules:
    """Read ``names.yaml`` of a profile. Raises ProfileError. An empty file declares nothing."""
    place = Place(Vocabulary(profile), "loaders/names.yaml")
    data = place.mapping(profile.names, _KEYS)
    bodies = place.at("bodies").mapping(data.get("bodies", {}), ("id", "classes", "otherwise"))
    groups = place.at("groups").mapping(data.get("groups", {}), ("id", "class", "member-class", "named"))
    remarks = place.at("remarks").texts(data.get("remarks", ()))
    return NameRules(
        body_id=_name_id(bodies.get("id", "body/{name}"), place.at("bodies", "id")),
        classes=tuple(_class_rules(bodies.get("classes", ()), place.at("bodies", "classes"))),
        otherwise=_class(bodies.get("otherwise"), place.at("bodies", "otherwise")),
        group_id=_name_id(groups.get("id", "group/{name}"), place.at("groups", "id")),
        group_class=_class(groups.get("class"), place.at("groups", "class")),
        member_link=place.at("groups").term(groups["member-class"]) if "member-class" in groups else "",
        groups=_groups(groups.get("named", {}), place.at("groups", "named")),
        aliases=_aliases(data.get("aliases") or {}, place.at("aliases")),
        distinct=frozenset(_pairs(data.get("distinct") or (), place.at("distinct"))),
        remarks=place.at("remarks").pattern("|".join(remarks)) if remarks else None,
        mentions=tuple(
            place.at("mentions").pattern(text)
            for text in place.at("mentions").texts(data.get("mentions", ()))
        ),
    )


def _class(value: object, place: Place) -> str:
    return "" if value is None else place.class_term(value)


def _name_id(value: object, place: Place) -> Template:
    made = template(place.text(value))
    if [hole.column for hole in made.holes] != ["name"]:
        raise place.wrong(
            "这里要有 {name}，且只有它。", "{name} must stand here, and nothing else in braces."
        )
    return made


def _class_rules(value: object, place: Place) -> list[ClassRule]:
    rules = []
    for number, item in enumerate(value if isinstance(value, list | tuple) else [value], start=1):
        here = place.at(number)
        data = here.mapping(item, ("class", "pattern"))
        rules.append(ClassRule(here.pattern(data.get("pattern")), here.class_term(data.get("class"))))
    return rules


def _groups(value: object, place: Place) -> dict[str, str]:
    return {fold(name): _class(member, place.at(name)) for name, member in place.mapping(value).items()}


def _aliases(value: object, place: Place) -> dict[str, str]:
    data = place.mapping(value)
    made = {fold(alias): one_line(place.at(alias).text(name)) for alias, name in data.items()}
    for alias, name in made.items():
        if fold(name) in made:
            raise place.at(alias).wrong(f"“{name}”自己也是别名。", f"“{name}” is an alias itself.")
    return made


def _pairs(value: Any, place: Place) -> list[frozenset[str]]:
    pairs = []
    for number, item in enumerate(value if isinstance(value, list | tuple) else [value], start=1):
        names = place.at(number).texts(item)
        if len(names) < 2:
            raise place.at(number).wrong("至少写两个名称。", "At least two names are needed.")
        pairs += [frozenset({fold(a), fold(b)}) for a in names for b in names if fold(a) < fold(b)]
    return pairs
