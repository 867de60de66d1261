"""A profile's demonstration: build it, and check that it is as it should be (below the faces).

``examples/demo.yaml`` of the profile says which documents to load and what must then hold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from qualitrace.errors import ProfileError
from qualitrace.graphql import build_schema, execute
from qualitrace.profile.model import Profile
from qualitrace.profile.vocabulary import local_name
from qualitrace.registry import Registry
from qualitrace.registry.concluding import conclude
from qualitrace.registry.networking import network
from qualitrace.terms import RDF_TYPE, iri, iri_of, is_iri
from qualitrace.text import Text


def settings(profile: Profile) -> dict[str, Any]:
    """Read ``examples/demo.yaml``. Raises ProfileError when the profile has none."""
    path = profile.directory / "examples" / "demo.yaml"
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ProfileError(
            Text(zh="配置没有可用的示例。", en="The profile has no demonstration that can be read."),
            where=f"{path}: {error}",
        ) from error
    if not isinstance(read, dict) or not isinstance(read.get("documents"), list):
        raise ProfileError(
            Text(zh="demo.yaml 没有列出文件。", en="demo.yaml lists no documents."), where=str(path)
        )
    return read


def titles(profile: Profile) -> Text:
    """Return the demonstration's title."""
    return Text(settings(profile).get("title") or {})


def build(
    profile: Profile, location: Path, *, progress: Callable[[int, int], None] | None = None
) -> Registry:
    """Make a registry from the demonstration's documents."""
    demo = settings(profile)
    registry = Registry.create(location, profile)
    examples = profile.directory / "examples"
    change = registry.prepare([examples / name for name in demo["documents"]], progress=progress)
    registry.commit(change, author=str(demo.get("author", "demo")), message=titles(profile).best("zh"))
    return registry


def check(registry: Registry) -> list[Text]:
    """Return what is not as ``demo.yaml`` says: sizes, planted defects, sample questions."""
    demo = settings(registry.profile)
    return [
        *_check_sizes(registry, demo.get("checks") or {}),
        *_check_findings(registry, demo.get("findings")),
        *_check_planted(registry, demo.get("planted")),
        *_check_operations(registry),
    ]


def _check_sizes(registry: Registry, sizes: dict[str, int]) -> list[Text]:
    problems = []
    for name, least in sizes.items():
        model = registry.profile.class_named(name)
        kinds = {model.iri, *model.children} if model else set()
        found = {
            fact.subject
            for kind in kinds
            for fact in registry.engine.facts(predicate=RDF_TYPE, object=iri(kind))
        }
        if len(found) < least:
            problems.append(
                Text(
                    zh=f"{name}:应至少 {least} 个,只有 {len(found)} 个。",
                    en=f"{name}: at least {least} expected, {len(found)} found.",
                )
            )
    return problems


def _check_findings(registry: Registry, file: str | None) -> list[Text]:
    if not file:
        return []
    path = registry.profile.directory / "examples" / file
    planted = yaml.safe_load(path.read_text(encoding="utf-8"))["defects"]
    expected = {(registry.profile.expand(entry["rule"]), registry.base + entry["focus"]) for entry in planted}
    found = {(finding.rule, finding.focus) for finding in registry.validate().findings}
    return [
        *(
            Text(zh=f"没有查出埋设的缺陷:{rule} {focus}", en=f"planted, not found: {rule} {focus}")
            for rule, focus in sorted(expected - found)
        ),
        *(
            Text(zh=f"查出未埋设的问题:{rule} {focus}", en=f"found, not planted: {rule} {focus}")
            for rule, focus in sorted(found - expected)
        ),
    ]


def _check_planted(registry: Registry, file: str | None) -> list[Text]:
    """Compare what questions about the network find, and what dated rules conclude, with what is planted.

    Nothing else may be found or concluded.
    """
    if not file:
        return []
    path = registry.profile.directory / "examples" / file
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    day = dt.date.fromisoformat(str(read["as_of"]))
    planted = [(entry, {registry.base + node for node in entry["nodes"]}) for entry in read["planted"]]
    expected = {(entry["question"], *sorted(nodes)) for entry, nodes in planted if "question" in entry}
    found = {
        (question.name, *sorted(node.iri for node in next(iter(finding.nodes.values()))))
        for question in registry.profile.networks
        for finding in network(registry, question.name, as_of=day).findings
    }
    said = {
        (rule.rule, one.node.iri, _concluded(registry, one.fact.object))
        for rule in conclude(registry, as_of=day)
        for one in rule.conclusions
    }
    by_rule = {
        (entry["rule"], node, entry["value"]) for entry, nodes in planted if "rule" in entry for node in nodes
    }
    return [
        *(
            Text(zh=f"没有查出埋设的内容:{' '.join(one)}", en=f"planted, not found: {' '.join(one)}")
            for one in sorted((expected - found) | (by_rule - said))
        ),
        *(
            Text(zh=f"查出未埋设的内容:{' '.join(one)}", en=f"found, not planted: {' '.join(one)}")
            for one in sorted((found - expected) | (said - by_rule))
        ),
    ]


def _concluded(registry: Registry, value: str) -> str:
    """What a rule concludes, as it is listed: a node below the base, or the local name of a concept."""
    name = iri_of(value) if is_iri(value) else value
    return name.removeprefix(registry.base) if name.startswith(registry.base) else local_name(name)


def _check_operations(registry: Registry) -> list[Text]:
    schema = build_schema(registry)
    problems = []
    for operation in registry.profile.operations:
        errors = execute(schema, operation.document, dict(operation.variables)).errors
        if errors:
            problems.append(
                Text(
                    zh=f"示例问题“{operation.titles.best('zh')}”出错:{errors[0]}",
                    en=f"the sample question “{operation.titles.best('en')}” fails: {errors[0]}",
                )
            )
    return problems
