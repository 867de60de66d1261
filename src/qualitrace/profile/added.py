"""A profile with rules that are not in it yet, to try them out (floor 0)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import rdflib

from qualitrace.errors import ProfileError
from qualitrace.profile.headers import read_rule
from qualitrace.profile.material import Material
from qualitrace.profile.model import Profile, RuleModel
from qualitrace.profile.problems import gathered, problem
from qualitrace.profile.turtle import TurtleReader


def with_rules(profile: Profile, paths: Sequence[Path]) -> Profile:
    """Return a profile with more rules: ``.rq`` as in ``reasoning/``, ``.ttl`` as in ``shapes/``.

    A reasoning rule takes the place of one of the same file name. Raises ProfileError, with all that is
    wrong in its ``problems``.
    """
    reader = TurtleReader(profile.directory)
    reader.prefixes.update(profile.prefixes)
    shapes = rdflib.Graph(bind_namespaces="none")
    shapes += profile.shapes
    material = Material(reader, profile.ontology, shapes, profile.ontology, problems=reader.problems)
    found: dict[str, RuleModel] = {}
    for path in paths:
        if path.suffix == ".rq":
            rule = _rule(material, path)
            if rule is not None:
                found[rule.name] = rule
        elif path.suffix == ".ttl":
            reader.read(path, shapes)
        else:
            material.problems.append(_unknown(path))
    if material.problems:
        raise gathered(material.problems, profile.directory)
    kept = (rule for rule in profile.rules if rule.name not in found)
    return replace(profile, rules=(*kept, *found.values()), shapes=shapes)


def _rule(material: Material, path: Path) -> RuleModel | None:
    try:
        return read_rule(material, path)
    except ProfileError as error:
        material.problems.append(error)
        return None


def _unknown(path: Path) -> ProfileError:
    return problem(
        "这不是规则文件",
        "this is no file of rules",
        where=str(path),
        hint_zh="推理规则是 .rq 文件，校验规则是 .ttl 文件。",
        hint_en="A reasoning rule is a .rq file, shapes are a .ttl file.",
    )
