"""What is wrong with a profile is said with its place, in both languages, and all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.errors import ProfileError
from qualitrace.profile import load_profile
from tests.profile.writing import HEADER, SHAPES, TERMS, line_of, write_profile

ONTOLOGY, SHAPE_FILE = "ontology/terms.ttl", "shapes/shapes.ttl"


def error_of(directory: Path) -> ProfileError:
    with pytest.raises(ProfileError) as caught:
        load_profile(directory)
    return caught.value


def shape(body: str) -> dict[str, str | bytes]:
    return {SHAPE_FILE: f"es:AimShape a sh:NodeShape ; sh:targetClass ex:Aim ; {body} ."}


def more(terms: str) -> dict[str, str | bytes]:
    return {ONTOLOGY: HEADER + TERMS + terms}


def rule(query: str) -> dict[str, str | bytes]:
    return {"reasoning/r.rq": "# title en: R\n" + query}


# files, a piece of the English text, and a text in the file on the line that is named
CASES: dict[str, tuple[dict[str, str | bytes], str, str, str]] = {
    "syntax": ({SHAPE_FILE: SHAPES + "es:X a [ .\n"}, "cannot be read", SHAPE_FILE, "es:X"),
    "undeclared prefix": ({SHAPE_FILE: "no:X a sh:NodeShape .\n"}, "no:", SHAPE_FILE, "no:X"),
    "relative address": (
        {SHAPE_FILE: "<> a owl:Ontology .\n"},
        "relative address",
        SHAPE_FILE,
        "<> a",
    ),
    "not UTF-8": ({SHAPE_FILE: "# 标准\n".encode("gb18030")}, "not UTF-8", SHAPE_FILE, ""),
    "triple term": (
        {SHAPE_FILE: SHAPES + "ex:s ex:p <<( ex:a ex:b ex:c )>> .\n"},
        "triple term",
        SHAPE_FILE,
        "",
    ),
    "unknown target": (
        {SHAPE_FILE: "es:AimShape a sh:NodeShape ; sh:targetClass ex:Aimm ."},
        "ex:Aimm is not a declared class",
        SHAPE_FILE,
        "ex:Aimm",
    ),
    "unknown value class": (
        shape("sh:property [ sh:path ex:needs ; sh:class ex:Jab ]"),
        "ex:Jab is not a declared class",
        SHAPE_FILE,
        "ex:Jab",
    ),
    "unknown property": (
        shape("sh:property [ sh:path ( ex:needs ex:doneBye ) ; sh:codeIdentifier 'x' ]"),
        "ex:doneBye is not a declared property",
        SHAPE_FILE,
        "ex:doneBye",
    ),
    "unknown in a chain": (
        more("ex:Aim qt:chain ( ex:need ) ."),
        "ex:need is not a declared property",
        ONTOLOGY,
        "ex:need ",
    ),
    "unknown in a steward": (
        shape("qt:steward ( ex:needs ex:owns )"),
        "ex:owns is not a declared property",
        SHAPE_FILE,
        "ex:owns",
    ),
    "unknown engine term": (
        shape("qt:stewart ex:needs"),
        "qt:stewart is not a declared engine term",
        SHAPE_FILE,
        "qt:stewart",
    ),
    "unnamed path": (
        shape("sh:property [ sh:path [ sh:inversePath ex:needs ] ]"),
        "^ex:needs needs a name",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "unusable name": (
        shape("sh:property [ sh:path ex:needs ; sh:codeIdentifier '__x' ]"),
        "'__x' will not do",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "repeating path with a name": (
        shape("sh:property [ sh:path [ sh:oneOrMorePath ex:needs ] ; sh:codeIdentifier 'x' ]"),
        "cannot be shown",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "no path": (shape("sh:property [ sh:minCount 1 ]"), "no usable sh:path", SHAPE_FILE, "es:AimShape"),
    "two paths": (
        shape("sh:property [ sh:path ex:needs , ex:weight ]"),
        "no usable sh:path",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "a path of one": (
        shape("sh:property [ sh:path ( ex:needs ) ]"),
        "no usable sh:path",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "a path in a circle": (
        {SHAPE_FILE: SHAPES + "es:AimShape sh:property [ sh:path _:p ] . _:p sh:inversePath _:p ."},
        "no usable sh:path",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "an endless list": (
        {
            SHAPE_FILE: SHAPES
            + "es:AimShape sh:property [ sh:path _:p ] . _:p rdf:first ex:needs ; rdf:rest _:p ."
        },
        "no usable sh:path",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "not a number": (
        shape("sh:property [ sh:path ex:needs ; sh:maxCount 'one' ]"),
        "is one, which is no number",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "exposure": (shape("qt:exposure 'secret'"), "cannot be 'secret'", SHAPE_FILE, "es:AimShape"),
    "steward that is an empty list": (
        shape("qt:steward ()"),
        "not a usable path",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "steward that repeats": (
        shape("qt:steward [ sh:zeroOrMorePath ex:needs ]"),
        "not a usable path",
        SHAPE_FILE,
        "es:AimShape",
    ),
    "two names": (
        shape("sh:property [ sh:path ex:needs ] , [ sh:path ex:weight ; sh:codeIdentifier 'needs' ]"),
        "two properties named needs",
        ONTOLOGY,
        "ex:Aim a",
    ),
    "two classes of a name": (
        more('ex:aim a owl:Class ; rdfs:label "aim"@en .'),
        "ex:Aim and ex:aim",
        ONTOLOGY,
        "ex:aim a",
    ),
    "class without a usable name": (
        more('<https://example.org/terms#目的> a owl:Class ; rdfs:label "目的"@zh .'),
        "cannot be named '目的'",
        ONTOLOGY,
        "#目的>",
    ),
    "chain that is no list": (
        more("ex:Aim qt:chain ex:needs ."),
        "is not a list of properties",
        ONTOLOGY,
        "ex:Aim a",
    ),
    "basis": (more("ex:needs qt:basis 'given' ."), "qt:basis cannot be given", ONTOLOGY, "ex:needs a"),
    "tracing to a value": (
        more("ex:weight rdfs:subPropertyOf qt:tracesTo ."),
        "does not lead to nodes",
        ONTOLOGY,
        "ex:weight a",
    ),
    "two domains": (more("ex:needs rdfs:domain ex:Actor ."), "two rdfs:domain", ONTOLOGY, "ex:needs a"),
    "absence without domain": (
        more("ex:p a owl:ObjectProperty ; rdfs:subPropertyOf qt:tracesTo ; qt:absence 'x'@en ."),
        "absent from what?",
        ONTOLOGY,
        "ex:p a",
    ),
    "import": (
        more("<https://example.org/terms> owl:imports <http://www.w3.org/ns/org#> ."),
        "nothing is fetched",
        ONTOLOGY,
        "<https://example.org/terms>",
    ),
    "no header": ({ONTOLOGY: TERMS}, "qt:baseIRI is missing", "", ""),
    "two headers": (
        more("<https://example.org/two> a owl:Ontology ; qt:baseIRI 'https://x.example/' ."),
        "on several subjects",
        ONTOLOGY,
        "<https://example.org/two>",
    ),
    "base": (
        {ONTOLOGY: HEADER.replace("/id/", "/id") + TERMS},
        "qt:baseIRI cannot be https://example.org/id",
        ONTOLOGY,
        "<https://example.org/terms>",
    ),
    "no steward": (
        {ONTOLOGY: HEADER.replace('qt:steward "办公室"@zh , "Office"@en', "a owl:Thing") + TERMS},
        "who must act",
        ONTOLOGY,
        "<https://example.org/terms>",
    ),
    "YAML syntax": ({"loaders/a.yaml": "a: 1\nb: [1\n"}, "cannot be read", "loaders/a.yaml", ""),
    "YAML key twice": ({"loaders/a.yaml": "a: 1\na: 2\n"}, "'a' stands twice", "loaders/a.yaml", "a: 2"),
    "YAML list": ({"loaders/a.yaml": "- a\n"}, "the top level", "loaders/a.yaml", "- a"),
    "YAML object": (
        {"loaders/a.yaml": "a: !!python/object/apply:os.getcwd []\n"},
        "cannot be read",
        "loaders/a.yaml",
        "a:",
    ),
    "rule syntax": (rule("CONSTRUCT { ?a a ?b\n"), "cannot be used", "reasoning/r.rq", ""),
    "rule that asks": (rule("SELECT * { ?a a ?b }\n"), "not a CONSTRUCT", "reasoning/r.rq", ""),
    "rule over the network": (
        rule("CONSTRUCT { ?a a ?b } WHERE {\n  service <http://x.example/> { ?a a ?b } }\n"),
        "SERVICE is not allowed",
        "reasoning/r.rq",
        "service <",
    ),
    "no title": ({"reasoning/r.rq": "CONSTRUCT WHERE { ?a a ?b }"}, "with a title", "reasoning/r.rq", "CONS"),
    "variables": (
        {"graphql/operations/o.graphql": "# title en: O\n# variables: asOf\n{ a }\n"},
        "not a JSON object",
        "graphql/operations/o.graphql",
        "# variables",
    ),
    "JSON": ({"exports/context.jsonld": '{\n  "a": }\n'}, "is not JSON", "exports/context.jsonld", '"a":'),
    "file of another kind": ({"ontology/more.owl": "<rdf/>"}, "would be ignored", "ontology/more.owl", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_problem_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    files, piece, place, marked = CASES[name]
    error = error_of(write_profile(tmp_path, files))
    assert error.problems == ()
    assert piece in error.what["en"]
    assert error.what["zh"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in error.what["zh"])
    if marked:
        assert error.where == line_of(tmp_path, place, marked)
    else:
        assert error.where.partition(":")[0] == place


def test_a_misspelt_name_is_found_in_its_own_file(tmp_path: Path) -> None:
    """A subject may be described in several files; the mistake is in one of them."""
    files: dict[str, str | bytes] = {"shapes/more.ttl": "es:AimShape sh:targetClass\n    ex:Aimm .\n"}
    error = error_of(write_profile(tmp_path, files))
    assert error.where == line_of(tmp_path, "shapes/more.ttl", "ex:Aimm")


def test_a_misspelt_name_comes_with_the_right_one(tmp_path: Path) -> None:
    error = error_of(write_profile(tmp_path, {SHAPE_FILE: "es:S a sh:NodeShape ; sh:targetClass ex:Acter ."}))
    assert "ex:Actor" in error.hint["en"]
    assert "ex:Actor" in error.hint["zh"]


def test_a_word_service_that_is_not_the_keyword_is_allowed(tmp_path: Path) -> None:
    query = 'CONSTRUCT { ?a a "SERVICE" } WHERE { ?a <http://x.example/service> "\\" SERVICE" } # SERVICE\n'
    assert len(load_profile(write_profile(tmp_path, rule(query))).rules) == 1


def test_several_problems_are_told_together(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **shape("qt:exposure 'secret' ; sh:property [ sh:path ex:neds ]"),
        "loaders/a.yaml": "a: 1\na: 2\n",
        "loaders/b.yaml": "- b\n",
    }
    error = error_of(write_profile(tmp_path, files))
    assert len(error.problems) == 4
    for one in error.problems:
        assert one.what["en"] in error.what["en"]
        assert one.where in error.what["zh"]


def test_broken_files_are_told_together(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {ONTOLOGY: "a b", SHAPE_FILE: "c d"}
    error = error_of(write_profile(tmp_path, files))
    assert {one.where.partition(":")[0] for one in error.problems} == {ONTOLOGY, SHAPE_FILE}


def test_one_prefix_means_one_namespace(tmp_path: Path) -> None:
    other = b"@prefix ex: <https://elsewhere.example/> .\n"
    error = error_of(write_profile(tmp_path, {"shapes/z.ttl": other}))
    assert "https://elsewhere.example/" in error.what["en"]
    assert "https://example.org/terms#" in error.what["en"]
    assert error.where == "shapes/z.ttl"


def test_a_folder_that_is_missing_or_misspelt_is_named(tmp_path: Path) -> None:
    assert "does not exist" in error_of(tmp_path / "nothing").what["en"]
    directory = write_profile(tmp_path / "profile", {"loader/a.yaml": "a: 1\n"})
    assert "loader/" in error_of(directory).what["en"]
    (directory / "loader").rename(directory / "loaders")
    load_profile(directory)
    (directory / "shapes").rename(directory / "forms")
    assert "no folder shapes/" in error_of(directory).what["en"]


def test_a_file_out_of_all_proportion_is_refused(tmp_path: Path) -> None:
    directory = write_profile(tmp_path)
    with (directory / "ontology" / "huge.ttl").open("wb") as file:
        file.truncate(1 << 30)
    error = error_of(directory)
    assert "larger than" in error.what["en"]
    assert error.where == "ontology/huge.ttl"
