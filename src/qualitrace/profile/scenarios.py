"""Scenarios that can be tried out: ``reasoning/what-if/*.ru`` (floor 0)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib.namespace import RDF

from qualitrace.profile.headers import headers, titles_of
from qualitrace.profile.material import Material
from qualitrace.profile.model import ParameterModel, ScenarioModel
from qualitrace.profile.problems import problem
from qualitrace.profile.turtle import read_text
from qualitrace.profile.updates import NotAnUpdateError, filled, taken_apart, variables
from qualitrace.profile.vocabulary import CLASS_TYPES, LABELS, PREFIXES, text_of
from qualitrace.text import Text

_NAME = re.compile(r"[a-z][a-z0-9]*")
_VARIABLE = re.compile(r"\?[A-Za-z][A-Za-z0-9_]*")
_RESERVED = ("title", "says", "dated", "parameter")
_DATE = '"2000-01-01"^^<http://www.w3.org/2001/XMLSchema#date>'

Found = Mapping[tuple[str, str], tuple[int, str]]


def read_scenario(material: Material, path: Path) -> ScenarioModel | None:
    """Read one scenario; None when it cannot be used (the problem is noted)."""
    shown = material.reader.relative(path)
    text = read_text(path, shown)
    found = headers(text)
    prefixes = {**PREFIXES, **material.reader.prefixes}
    try:
        update = taken_apart(text)
        ox.Store().update(text, prefixes=prefixes)  # nothing is in it: only whether it can be read
    except NotAnUpdateError as error:
        _tell(material, shown, error.zh, error.en)
        return None
    except (SyntaxError, OSError) as error:
        _tell(material, shown, str(error), str(error))
        return None
    parameters = tuple(_parameters(material, shown, found, prefixes))
    day = found.get(("dated", ""), (0, ""))[1]
    if day and not _VARIABLE.fullmatch(day):
        _tell(material, shown, "dated 一行应写一个变量", "the 'dated' line names one variable")
        return None
    scenario = ScenarioModel(
        name=path.stem,
        titles=titles_of(material, path, found),
        says=Text({language: value for (key, language), (_, value) in found.items() if key == "says"}),
        parameters=parameters,
        prologue=update.prologue,
        removes=update.removes,
        adds=update.adds,
        where=update.where,
        path=path,
        day=day[1:],
    )
    return scenario if _fits(material, shown, scenario, prefixes) else None


def queries(scenario: ScenarioModel, values: Mapping[str, str]) -> tuple[str, str]:
    """Return the CONSTRUCT queries for what a scenario removes and adds; ``""`` for nothing.

    ``values`` are the terms of its parameters, and of its day.
    """
    where = filled(scenario.where, values)
    parts = (filled(template, values) for template in (scenario.removes, scenario.adds))
    removes, adds = (
        f"{scenario.prologue}\nCONSTRUCT {{ {part} }} WHERE {{ {where} }}" if part.strip() else ""
        for part in parts
    )
    return removes, adds


def _parameters(
    material: Material, shown: str, found: Found, prefixes: Mapping[str, str]
) -> Iterator[ParameterModel]:
    """The lines ``# parameter what: ex:Thing``, each with ``# what zh:`` and ``# what en:``."""
    for (key, name), (line, value) in found.items():
        if key != "parameter":
            continue
        prefix, _, local = value.partition(":")
        of = rdflib.URIRef(prefixes.get(prefix, "") + local)
        if not any((of, RDF.type, kind) in material.everything for kind in CLASS_TYPES):
            _tell(
                material,
                f"{shown}:{line}",
                f"参数“{name}”的类“{value}”没有声明",
                f"the class “{value}” of the parameter “{name}” is not declared",
            )
            continue
        if not _NAME.fullmatch(name) or name in _RESERVED:
            _tell(
                material,
                f"{shown}:{line}",
                f"“{name}”不能作参数名：只用小写字母和数字",
                f"“{name}” cannot name a parameter: small letters and digits only",
            )
            continue
        said = Text({language: text for (one, language), (_, text) in found.items() if one == name})
        yield ParameterModel(name, str(of), said or text_of(material.everything, of, *LABELS))


def _fits(material: Material, shown: str, scenario: ScenarioModel, prefixes: Mapping[str, str]) -> bool:
    """Check that the header and the update speak of the same variables, and that values can be put in."""
    named = {parameter.name for parameter in scenario.parameters} | ({scenario.day} - {""})
    used = variables(f"{scenario.removes} {scenario.adds} {scenario.where}")
    missing = sorted(named - used)
    if missing:
        _tell(material, shown, f"没有用到 ?{missing[0]}", f"?{missing[0]} is not used")
        return False
    if not scenario.parameters:
        _tell(material, shown, "没有写明参数", "it names no parameter")
        return False
    sample = {name: f"<urn:sample:{name}>" for name in named}
    if scenario.day:
        sample[scenario.day] = _DATE
    for query in queries(scenario, sample):
        try:
            if query:
                ox.Store().query(query, prefixes=dict(prefixes))
        except (SyntaxError, OSError) as error:
            _tell(
                material,
                shown,
                f"参数不能代入：{error}",
                f"the parameters cannot be put in: {error}",
            )
            return False
    return True


def _tell(material: Material, where: str, zh: str, en: str) -> None:
    material.problems.append(
        problem(
            f"这个情景不能用：{zh}",
            f"this scenario cannot be used: {en}",
            where=where,
            hint_zh="情景是一个 DELETE { … } INSERT { … } WHERE { … }，开头写明标题和参数，"
            "例如：# parameter what: ex:Thing",
            hint_en="A scenario is one DELETE { … } INSERT { … } WHERE { … } that begins with its titles and "
            "parameters, such as: # parameter what: ex:Thing",
        )
    )
