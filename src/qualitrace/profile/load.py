"""Reading a profile directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import rdflib
from rdflib.term import Literal, Node

from qualitrace.errors import ProfileError
from qualitrace.profile.check import check
from qualitrace.profile.classes import compile_classes
from qualitrace.profile.directory import (
    ENGINE_VOCABULARY,
    default_directory,
    files,
    folder_problems,
    shapes_problems,
    unread_files,
)
from qualitrace.profile.headers import read_operation, read_rule
from qualitrace.profile.material import Material
from qualitrace.profile.model import Profile
from qualitrace.profile.networks import is_network, read_network
from qualitrace.profile.problems import gathered
from qualitrace.profile.scenarios import read_scenario
from qualitrace.profile.trace_model import compile_trace
from qualitrace.profile.turtle import TurtleReader
from qualitrace.profile.vocabulary import LABELS, PREFIXES, QT, text_of
from qualitrace.profile.yaml_files import read_yaml
from qualitrace.text import Text

T = TypeVar("T")

NAMES = "names.yaml"


@dataclass(frozen=True, slots=True)
class _Header:
    """What the profile says about itself."""

    iri: str = ""
    titles: Text = Text()
    base: str = ""
    steward: Text = Text()


def load_profile(directory: Path | None = None, *, shapes: Path | None = None) -> Profile:
    """Read and check the profile in ``directory`` (default: the shipped one).

    ``shapes`` is a directory whose ``*.ttl`` take the place of the profile's own shapes. Raises
    ProfileError; when several things are wrong, all of them are in its ``problems``.
    """
    root = default_directory() if directory is None else directory
    _stop_on(folder_problems(root), root)
    if shapes is not None:
        _stop_on(shapes_problems(shapes), shapes)
    material = _read_graphs(root, shapes or root / "shapes")
    _stop_on(material.problems, root)
    material.problems += unread_files(root)
    profile = _compile(material, root)
    check(material, profile)
    _stop_on(material.problems, root)
    return profile


def _compile(material: Material, root: Path) -> Profile:
    header = _header(material)
    mappings = _mappings(material, root)
    names = mappings.pop(root / "loaders" / NAMES, {})
    queries = files(root, "reasoning", ".rq")
    asked = [path for path in queries if is_network(path, root / "reasoning")]
    rules = [_kept(material, read_rule, path) for path in queries if path not in asked]
    networks = [_kept(material, read_network, path) for path in asked]
    scenarios = [_kept(material, read_scenario, path) for path in files(root, "reasoning", ".ru")]
    operations = [
        _kept(material, read_operation, path) for path in files(root, "graphql/operations", ".graphql")
    ]
    return Profile(
        directory=root,
        iri=header.iri,
        titles=header.titles,
        base=header.base,
        steward=header.steward,
        prefixes={**PREFIXES, **material.reader.prefixes},
        ontology=material.ontology,
        shapes=material.shapes,
        classes=compile_classes(material),
        trace=compile_trace(material),
        rules=tuple(rule for rule in rules if rule is not None),
        operations=tuple(operation for operation in operations if operation is not None),
        mappings=tuple(mappings.values()),
        names=names,
        mapping_paths=tuple(mappings),
        scenarios=tuple(scenario for scenario in scenarios if scenario is not None),
        networks=tuple(network for network in networks if network is not None),
    )


def _read_graphs(root: Path, shapes: Path) -> Material:
    reader = TurtleReader(root)
    material = Material(
        reader=reader,
        ontology=rdflib.Graph(bind_namespaces="none"),
        shapes=rdflib.Graph(bind_namespaces="none"),
        everything=rdflib.Graph(bind_namespaces="none"),
        problems=reader.problems,
    )
    reader.read(ENGINE_VOCABULARY, material.ontology, material.everything)
    for path in files(root, "ontology", ".ttl"):
        reader.read(path, material.ontology, material.everything)
    for path in files(shapes, ".", ".ttl"):
        reader.read(path, material.shapes, material.everything)
    for graph in (material.ontology, material.shapes):
        for prefix, namespace in {**PREFIXES, **reader.prefixes}.items():
            graph.bind(prefix, namespace)
    return material


def _kept(material: Material, read: Callable[[Material, Path], T], path: Path) -> T | None:
    try:
        return read(material, path)
    except ProfileError as error:
        material.problems.append(error)
        return None


def _mappings(material: Material, root: Path) -> dict[Path, Mapping[str, Any]]:
    def read(_: Material, path: Path) -> Mapping[str, Any]:
        return read_yaml(path, material.reader.relative(path))

    found = {path: _kept(material, read, path) for path in files(root, "loaders", ".yaml", ".yml")}
    return {path: value for path, value in found.items() if value is not None}


def _header(material: Material) -> _Header:
    graph = material.everything
    subjects = sorted(set(graph.subjects(QT.baseIRI)), key=material.written)
    if len(subjects) != 1:
        listed = "、".join(material.short(str(s)) for s in subjects)
        material.tell(
            "配置没有说明自己：缺 qt:baseIRI" if not subjects else f"几处都写了 qt:baseIRI：{listed}",
            "the profile does not say what it is: qt:baseIRI is missing"
            if not subjects
            else f"qt:baseIRI stands on several subjects: {listed}",
            subjects[-1] if subjects else None,
            hint_zh="在 ontology/ 的一个文件里写一处："
            '<…> a owl:Ontology ; rdfs:label "…"@zh ; qt:baseIRI "https://…/id/" ; qt:steward "…"@zh .',
            hint_en="Write it once in a file of ontology/: "
            '<…> a owl:Ontology ; rdfs:label "…"@en ; qt:baseIRI "https://…/id/" ; qt:steward "…"@en .',
        )
        return _Header()
    return _header_of(material, subjects[0])


def _header_of(material: Material, subject: Node) -> _Header:
    graph = material.everything
    bases = sorted(str(value) for value in graph.objects(subject, QT.baseIRI))
    steward = text_of(graph, subject, QT.steward)
    if len(bases) > 1 or not bases[0].startswith(("http://", "https://", "urn:")) or bases[0][-1] not in "/#":
        material.tell(
            f"qt:baseIRI 不能是 {'、'.join(bases)}",
            f"qt:baseIRI cannot be {', '.join(bases)}",
            subject,
            hint_zh="要写一个完整的地址，以 / 或 # 结尾，如 https://example.org/id/",
            hint_en="Give one full address that ends in / or #, such as https://example.org/id/",
        )
    if not steward or any(not isinstance(value, Literal) for value in graph.objects(subject, QT.steward)):
        material.tell(
            "配置没有说明找不到责任单位时由谁处理",
            "the profile does not say who must act when no unit can be found",
            subject,
            hint_zh='请写：qt:steward "…"@zh , "…"@en .',
            hint_en='Write: qt:steward "…"@zh , "…"@en .',
        )
    return _Header(str(subject), text_of(graph, subject, *LABELS), bases[0], steward)


def _stop_on(problems: list[ProfileError], root: Path) -> None:
    if problems:
        raise gathered(problems, root)
