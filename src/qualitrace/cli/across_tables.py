"""Answers across registries as tables for a terminal, and as JSON (floor 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rdflib import URIRef
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import LABELS, local_name, text_of
from qualitrace.tracing.model import Node

if TYPE_CHECKING:
    from qualitrace.across import (
        Adopted,
        Adoption,
        Counted,
        CoverageAcross,
        Duplicates,
        Key,
        Left,
        Standing,
    )

_STATES = {"ready": "✓", "writing": "[yellow]正在写入 writing[/]", "other": "[red]须重新发布 publish anew[/]"}


class AcrossTables:
    """Shows answers in one language."""

    def __init__(self, profile: Profile, language: str, console: Console) -> None:
        self._profile = profile
        self._language = language
        self._console = console

    def registries(self, found: Sequence[Standing]) -> None:
        """Show how far each registry is."""
        rows = [
            (
                one.name,
                f"{one.position}" + (f" → {one.toward}" if one.behind else ""),
                one.at,
                f"{one.stated:,}",
                f"{one.inferred:,}",
                _STATES[one.state],
            )
            for one in found
        ]
        headings = (
            "登记库 registry",
            "变更 change",
            "写入时间 at",
            "事实 stated",
            "推得 inferred",
            "状态 state",
        )
        self._table(headings, rows, right=(1, 3, 4), marked=(5,))

    def coverage(self, found: CoverageAcross) -> None:
        """Show the counts of each registry, and the total."""
        label = self._profile.classes[found.of].labels.best(self._language)
        self._console.print(f"[bold]{escape(label)}[/] · {found.as_of}", highlight=False)
        rows = [self._counted(name, one) for name, one in found.registries.items()]
        rows.append(self._counted("合计 total", found.total))
        headings = ("登记库 registry", "共 total", "完整 complete", "断在 broken at")
        self._table(headings, rows, right=(1, 2))
        self._asked(found.asked, found.left)

    def adoption(self, found: Adoption) -> None:
        """Show who has a key and what it leads to; then who has not."""
        keys = "; ".join(f"{self._key(key)} ({self._property(key)})" for key in found.keys)
        self._console.print(f"[bold]{escape(keys)}[/] · {found.as_of}", highlight=False, soft_wrap=True)
        rows = [
            (name, self._name(one.node), self._reached(one), self._missing(one))
            for name, nodes in found.registries.items()
            for one in nodes
        ]
        headings = ("登记库 registry", "对象 node", "落到 leads to", "断在 missing")
        self._table(headings if found.to else headings[:2], rows if found.to else [row[:2] for row in rows])
        for said, names in (("采用 adopted", found.registries), ("没有采用 not adopted", found.without)):
            listed = escape(", ".join(names)) or "—"
            self._console.print(f"{said} ({len(names)}): {listed}", highlight=False, soft_wrap=True)
        if not found.registries and not any(key.links for key in found.keys):
            self._console.print(
                "[yellow]没有一个登记库有这个编码，也没有概念叫这个名字，请核对写法 / no registry has this "
                "code, and no concept is called so: check how it is written[/]",
                highlight=False,
            )
        self._asked(found.asked, found.left)

    def duplicates(self, found: Duplicates) -> None:
        """Show keys that are there twice, those that one registry alone should have first."""
        ordered = sorted(found.found, key=lambda one: not one.across)
        rows = [
            (
                "各库之间 registries" if one.across else "一库之内 within one",
                self._property(one.key),
                self._key(one.key),
                kept.registry,
                self._placed(kept.node),
            )
            for one in ordered
            for kept in one.nodes
        ]
        self._console.print(f"[bold]重复的编码 keys that are there twice[/] · {found.as_of}", highlight=False)
        self._table(("重复于 twice", "属性 property", "编码 key", "登记库 registry", "对象 node"), rows)
        if not rows:
            self._console.print("没有重复 / none is there twice", highlight=False)
        self._asked(found.asked, found.left)

    def _counted(self, name: str, one: Counted) -> tuple[str, ...]:
        where = "; ".join(f"{gap.absence.best(self._language)} {gap.count}" for gap in one.gaps)
        return name, str(one.total), "—" if one.complete is None else str(one.complete), where

    def _missing(self, one: Adopted) -> str:
        paths = one.trace.paths if one.trace is not None else ()
        return "; ".join(dict.fromkeys(path.absence.best(self._language) for path in paths if path.absence))

    def _key(self, key: Key) -> str:
        return key.label.best(self._language) or key.value

    def _name(self, node: Node) -> str:
        return f"{node.code} {node.label.best(self._language)}".strip() or node.iri

    def _property(self, key: Key) -> str:
        label = text_of(self._profile.ontology, URIRef(key.property), *LABELS).best(self._language)
        return label or local_name(key.property)

    def _reached(self, one: Adopted) -> str:
        """List what was reached; where nothing is, and nothing is missing either, no route leads there."""
        if one.trace is not None and not one.reached and not self._missing(one):
            return "没有通往那里的责任 / nothing leads there"
        return "\n".join(map(self._placed, one.reached))

    def _placed(self, node: Node) -> str:
        """Name a node, and say which one it is: several may be called alike."""
        base, iri = self._profile.base, node.iri
        place = iri.removeprefix(base) if iri.startswith(base) else urlsplit(iri).path.lstrip("/") or iri
        return f"{self._name(node)} ({place})"

    def _asked(self, asked: Sequence[Standing], left: Iterable[Left]) -> None:
        """Say which registries an answer is of, and as of when; then those that it is not of."""
        listed = ", ".join(f"{one.name} #{one.position}" for one in asked) or "—"
        oldest = min((one.at for one in asked), default="")
        since = f" · 最早写入 oldest {oldest}" if oldest else ""
        said = f"[dim]问了 asked ({len(asked)}): {escape(listed)}{since}[/]"
        self._console.print(said, highlight=False, soft_wrap=True)
        self._left(left)

    def _left(self, left: Iterable[Left]) -> None:
        for one in left:
            why = escape(one.why.best(self._language))
            self._console.print(f"[yellow]未计入 left out[/] {escape(one.registry)}: {why}", highlight=False)

    def _table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        right: Sequence[int] = (),
        marked: Sequence[int] = (),
    ) -> None:
        if not rows:
            return
        table = Table()
        for at, heading in enumerate(headings):
            table.add_column(heading, justify="right" if at in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(cell if at in marked else escape(cell) for at, cell in enumerate(row)))
        self._console.print(table)


def as_json_of(found: Sequence[Standing] | CoverageAcross | Adoption | Duplicates) -> dict[str, Any]:
    """Return an answer as JSON; ``partial`` says that registries were left out."""
    from qualitrace.across import Adoption, CoverageAcross, Duplicates

    if isinstance(found, CoverageAcross):
        told: dict[str, Any] = {
            "of": found.of,
            "asOf": found.as_of,
            "registries": {name: _counted(one) for name, one in found.registries.items()},
            "total": _counted(found.total),
        }
    elif isinstance(found, Adoption):
        told = {
            "keys": [_key(key) for key in found.keys],
            "asOf": found.as_of,
            "to": found.to,
            "registries": {
                name: [_adopted(one) for one in nodes] for name, nodes in found.registries.items()
            },
            "without": list(found.without),
        }
    elif isinstance(found, Duplicates):
        told = {
            "asOf": found.as_of,
            "duplicates": [
                _key(one.key)
                | {
                    "across": one.across,
                    "nodes": [{"registry": k.registry} | _node(k.node) for k in one.nodes],
                }
                for one in found.found
            ],
        }
    else:
        return {"registries": [_standing(one) for one in found]}
    left = [{"registry": o.registry, "reason": o.reason.value, "why": dict(o.why)} for o in found.left]
    asked = [{"name": one.name, "position": one.position, "at": one.at} for one in found.asked]
    return told | {"asked": asked, "partial": bool(left), "left": left}


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "name": one.name,
        "position": one.position,
        "changeset": one.changeset,
        "at": one.at,
        "stated": one.stated,
        "inferred": one.inferred,
        "state": one.state.value,
        "behind": one.behind,
    }


def _counted(one: Counted) -> dict[str, Any]:
    gaps = [{"missing": g.missing, "absence": dict(g.absence), "count": g.count} for g in one.gaps]
    return {"total": one.total, "complete": one.complete, "gaps": gaps}


def _key(key: Key) -> dict[str, Any]:
    return {"property": key.property, "value": key.value, "label": dict(key.label)}


def _node(node: Node) -> dict[str, Any]:
    return {"iri": node.iri, "code": node.code, "label": dict(node.label), "classes": list(node.classes)}


def _adopted(one: Adopted) -> dict[str, Any]:
    partial = one.trace is not None and one.trace.partial
    return _node(one.node) | {"reached": [_node(node) for node in one.reached], "partial": partial}
