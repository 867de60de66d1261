"""A shape that misuses qt:reach, qt:among, qt:unique or qt:agreesBy is refused when the profile is read."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib

from qualitrace.errors import ProfileError
from qualitrace.profile import load_profile
from qualitrace.validation import compile_shapes
from tests.profile.writing import PREFIXES, line_of, write_profile

PLACE = "shapes/shapes.ttl"
REACH = "a sh:NodeShape ; qt:reach qt:registries ; sh:targetClass ex:Aim"
WEIGHT = "es:weight a sh:PropertyShape ; sh:path ex:weight"
OTHER = "\nes:other a sh:PropertyShape ; sh:path ex:needs ; sh:property es:weight ."
# Shapes, a piece of the English text, and what stands on the line that is named
MISUSES: dict[str, tuple[str, str, str]] = {
    "reach of something else": (
        "es:All a sh:NodeShape ; qt:reach ex:Aim ; sh:targetClass ex:Aim .",
        "qt:reach of es:All can be qt:registries only",
        "es:All",
    ),
    "reach as text": (
        'es:All a sh:NodeShape ; qt:reach "registries" ; sh:targetClass ex:Aim .',
        "qt:reach of es:All can be qt:registries only",
        "es:All",
    ),
    "reach without a target": (
        "es:All a sh:NodeShape ; qt:reach qt:registries ; sh:property es:weight .\n" + WEIGHT + " .",
        "neither a target nor a shape that uses it",
        "es:All",
    ),
    "unique without among": (
        f"es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:unique true .",
        "must name one class with qt:among",
        "es:weight a",
    ),
    "agrees without among": (
        f"es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:agreesBy ex:needs .",
        "must name one class with qt:among",
        "es:weight a",
    ),
    "among two classes": (
        f"es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:unique true ; qt:among ex:Aim , ex:Job .",
        "must name one class with qt:among",
        "es:weight a",
    ),
    "among a class as text": (
        f'es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:unique true ; qt:among "Aim" .',
        "must name one class with qt:among",
        "es:weight a",
    ),
    "among a class that is not declared": (
        f"es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:unique true ; qt:among ex:Aimm .",
        "ex:Aimm is not a declared class",
        "ex:Aimm",
    ),
    "among with nothing to compare": (
        f"es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; sh:maxCount 1 ; qt:among ex:Aim .",
        "neither qt:unique nor qt:agreesBy",
        "es:weight a",
    ),
    "unique false": (
        f"es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:unique false ; qt:among ex:Aim .",
        "qt:unique of es:weight can be true only",
        "es:weight a",
    ),
    "unique as text": (
        f'es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:unique "yes" ; qt:among ex:Aim .',
        "qt:unique of es:weight can be true only",
        "es:weight a",
    ),
    "agrees by text": (
        f'es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:agreesBy "needs" ; qt:among ex:Aim .',
        "qt:agreesBy of es:weight names a property",
        "es:weight a",
    ),
    "agrees by a path": (
        f"es:All {REACH} ; sh:property es:weight .\n"
        f"{WEIGHT} ; qt:agreesBy [ sh:inversePath ex:needs ] ; qt:among ex:Aim .",
        "qt:agreesBy of es:weight names a property",
        "es:weight a",
    ),
    "agrees by a property that is not declared": (
        f"es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:agreesBy ex:need ; qt:among ex:Aim .",
        "ex:need is not a declared property",
        "ex:need ",
    ),
    "agrees by itself": (
        f"es:All {REACH} ; sh:property es:weight .\n{WEIGHT} ; qt:agreesBy ex:weight ; qt:among ex:Aim .",
        "is its own sh:path",
        "es:weight a",
    ),
    "unique on a node shape": (
        f"es:All {REACH} ; qt:unique true ; qt:among ex:Aim .",
        "qt:unique stands on a property shape",
        "es:All",
    ),
    "agrees on a node shape": (
        f"es:All {REACH} ; qt:agreesBy ex:needs ; qt:among ex:Aim .",
        "qt:agreesBy stands on a property shape",
        "es:All",
    ),
    "among on a node shape": (
        f"es:All {REACH} ; qt:among ex:Aim .",
        "qt:among stands on a property shape",
        "es:All",
    ),
    "a comparison that no shape uses": (
        f"{WEIGHT} ; qt:unique true ; qt:among ex:Aim .",
        "no shape uses es:weight",
        "es:weight a",
    ),
    "a comparison reached from another node": (
        f"es:All {REACH} ; sh:property es:other .{OTHER}\n{WEIGHT} ; qt:unique true ; qt:among ex:Job .",
        "not be reached from another node within es:All",
        "es:weight a",
    ),
    "a comparison as a condition": (
        f"es:All {REACH} ; sh:not es:weight .\n{WEIGHT} ; qt:unique true ; qt:among ex:Aim .",
        "not be reached from another node within es:All",
        "es:weight a",
    ),
}
SOUND = {
    "as in the guide": f"es:All {REACH} ; sh:property es:weight .\n"
    f"{WEIGHT} ; qt:unique true ; qt:agreesBy ex:needs ; qt:among ex:Aim .",
    "of one registry, within another shape": (
        f"es:All a sh:NodeShape ; sh:targetClass ex:Aim ; sh:property es:other .{OTHER}\n"
        f"{WEIGHT} ; qt:unique true ; qt:among ex:Job ."
    ),
    "a property shape that is a target itself": f"{WEIGHT} ; qt:reach qt:registries ; "
    "sh:targetClass ex:Aim ; qt:unique true ; qt:among ex:Job .",
    "a property shape that reaches further than its holder": (
        "es:All a sh:NodeShape ; sh:targetClass ex:Aim ; sh:property es:weight .\n"
        f"{WEIGHT} ; qt:reach qt:registries ; qt:unique true ; qt:among ex:Aim ."
    ),
}


@pytest.mark.parametrize("name", MISUSES)
def test_what_could_check_nothing_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    shapes, words, line = MISUSES[name]
    directory = write_profile(tmp_path, {PLACE: shapes})
    with pytest.raises(ProfileError) as caught:
        load_profile(directory)
    problems = caught.value.problems or (caught.value,)
    found = [one for one in problems if words in one.what["en"]]
    assert len(found) == 1, [one.what["en"] for one in problems]
    assert found[0].where == line_of(directory, PLACE, line)
    for text in (found[0].what, found[0].hint):
        assert text["zh"] and text["en"] and text["zh"] != text["en"]


@pytest.mark.parametrize("name", SOUND)
def test_what_works_is_taken(name: str, tmp_path: Path) -> None:
    profile = load_profile(write_profile(tmp_path, {PLACE: SOUND[name]}))
    assert compile_shapes(profile.shapes, everywhere=True).checks


def test_shapes_that_did_not_come_with_a_profile_are_refused_too() -> None:
    text = f"{PREFIXES} es:All a sh:NodeShape ; sh:targetClass ex:Aim ; sh:property es:weight .\n{WEIGHT}"
    with pytest.raises(ProfileError) as caught:
        compile_shapes(rdflib.Graph().parse(data=f"{text} ; qt:unique true ."))
    assert caught.value.where == "https://example.org/shapes#weight"
    assert caught.value.what["zh"] and caught.value.hint["en"]
