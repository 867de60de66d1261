"""The concept schemes of the shipped profile, held against the plan they come from."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import docx
import pytest
from rdflib import OWL, RDF, SKOS, Graph, Literal, Namespace, URIRef

QAS = Namespace("https://w3id.org/qualitrace/scheme/")
PLATFORM_CODE = URIRef("https://w3id.org/qualitrace/qa#platformCode")
SOURCE = URIRef("http://purl.org/dc/terms/source")
ONTOLOGY = Path(__file__).parents[2] / "ontology"


@pytest.fixture(scope="module")
def schemes() -> Graph:
    graph = Graph()
    for path in sorted(ONTOLOGY.glob("scheme-*.ttl")):
        graph.parse(path)
    return graph


def concepts_of(graph: Graph, scheme: str) -> set[URIRef]:
    return {s for s in graph.subjects(SKOS.inScheme, QAS[scheme]) if isinstance(s, URIRef)}


def label(graph: Graph, node: URIRef, language: str = "zh") -> str:
    (found,) = [
        str(o)
        for o in graph.objects(node, SKOS.prefLabel)
        if isinstance(o, Literal) and o.language == language
    ]
    return found


def notation(graph: Graph, node: URIRef) -> str:
    return str(graph.value(node, SKOS.notation))


def squeezed(text: str) -> str:
    """Text as it is compared: one width, no spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def annex_2(seed_dir: Path) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Titles by code and platform codes by point, read from the plan with python-docx alone."""
    document = docx.Document(str(seed_dir / "plan-2019.docx"))
    (table,) = [t for t in document.tables if squeezed(t.cell(0, 0).text) == "诊断项目"]
    titles: dict[str, str] = {}
    codes: dict[str, set[str]] = {}
    for row in table.rows[1:]:
        cells = [squeezed(cell.text) for cell in row.cells]
        for depth, text in enumerate(cells[:3], start=1):
            found = re.match(r"\.".join([r"\d+"] * depth), text)
            assert found is not None, text
            titles[found[0]] = text[found.end() :].removeprefix(".")
        point = ".".join(cells[2].split(".")[:2]) + "." + cells[2].split(".")[2][0]
        codes[point] = set(re.findall(r"\d+(?:\.\d+)?", cells[4]))
    return titles, codes


def test_the_plan_s_items_elements_and_points(schemes: Graph, seed_dir: Path) -> None:
    titles, _ = annex_2(seed_dir)
    recorded = {
        notation(schemes, concept): squeezed(label(schemes, concept))
        for concept in concepts_of(schemes, "diagnosis-points")
    }
    assert recorded == titles
    by_depth = [sum(1 for code in recorded if code.count(".") == depth) for depth in range(3)]
    assert by_depth == [5, 15, 37]


def test_the_plan_s_platform_codes(schemes: Graph, seed_dir: Path) -> None:
    _, codes = annex_2(seed_dir)
    recorded = {
        notation(schemes, concept): {str(o) for o in schemes.objects(concept, PLATFORM_CODE)}
        for concept in concepts_of(schemes, "diagnosis-points")
        if notation(schemes, concept).count(".") == 2
    }
    assert recorded == codes


def test_codes_nest_as_the_concepts_do(schemes: Graph) -> None:
    concepts = concepts_of(schemes, "diagnosis-points")
    for concept in concepts:
        code = notation(schemes, concept)
        assert str(concept).endswith(f"-{code}")
        broader = set(schemes.objects(concept, SKOS.broader))
        if "." not in code:
            assert broader == set()
            assert (concept, SKOS.topConceptOf, QAS["diagnosis-points"]) in schemes
        else:
            (parent,) = broader
            assert isinstance(parent, URIRef)
            assert parent in concepts
            assert notation(schemes, parent) == code.rpartition(".")[0]
            assert (parent, SKOS.narrower, concept) in schemes
    stated = sum(1 for _ in schemes.subject_objects(SKOS.narrower))
    assert stated == sum(1 for _ in schemes.subject_objects(SKOS.broader))


def test_every_concept_is_labelled_placed_and_sourced(schemes: Graph) -> None:
    concepts = set(schemes.subjects(RDF.type, SKOS.Concept))
    assert concepts
    for concept in concepts:
        assert isinstance(concept, URIRef)
        assert (concept, RDF.type, OWL.NamedIndividual) in schemes
        assert label(schemes, concept, "zh")
        assert " " not in label(schemes, concept, "zh")
        assert label(schemes, concept, "en").isascii()
        (scheme,) = set(schemes.objects(concept, SKOS.inScheme))
        assert (scheme, RDF.type, SKOS.ConceptScheme) in schemes
        is_top = (concept, SKOS.topConceptOf, scheme) in schemes
        assert is_top == ((scheme, SKOS.hasTopConcept, concept) in schemes)
        assert is_top == ((concept, SKOS.broader, None) not in schemes)
        languages = {o.language for o in schemes.objects(concept, SOURCE) if isinstance(o, Literal)}
        assert languages == {"zh", "en"}


def test_every_scheme_is_named_and_defined_in_both_languages(schemes: Graph) -> None:
    for scheme in schemes.subjects(RDF.type, SKOS.ConceptScheme):
        assert (scheme, RDF.type, OWL.NamedIndividual) in schemes
        for predicate in (SKOS.prefLabel, SKOS.definition):
            languages = {o.language for o in schemes.objects(scheme, predicate) if isinstance(o, Literal)}
            assert languages == {"zh", "en"}, (scheme, predicate)


def test_ordered_schemes_are_numbered_without_gaps(schemes: Graph) -> None:
    ordered = [
        "rule-making-stages",
        "review-cycle-stages",
        "diagnosis-tiers",
        "diagnosis-steps",
        "spiral-stages",
        "plan-chain",
    ]
    for scheme in ordered:
        numbers = sorted(int(notation(schemes, concept)) for concept in concepts_of(schemes, scheme))
        assert numbers == list(range(1, len(numbers) + 1)), scheme


@pytest.mark.parametrize(
    ("scheme", "sentence"),
    [
        ("vertical-systems", r"涵盖纵向(.+?)等五个系统"),
        ("plan-fields", r"专项任务规划，涵盖(.+?)等目标体系"),
        ("rule-making-stages", r"从“([^”]+)”等环节"),
        ("teacher-dimensions", r"制定包括(.+?)等四个维度"),
        ("student-dimensions", r"建立完善([^。]{1,40})五个维度"),
        ("review-cycle-stages", r"构建(制度建设[^。]+?)五阶段"),
        ("diagnosis-steps", r"(自立目标.+?)四步骤"),
        ("programme-tiers", r"围绕(国家级.+?)(?:建设)?四个层次"),
    ],
)
def test_a_scheme_lists_what_the_plan_lists(
    schemes: Graph, seed_dir: Path, scheme: str, sentence: str
) -> None:
    text = re.sub(r"\s", "", (seed_dir / "plan-2019.txt").read_text(encoding="utf-8"))
    found = re.search(sentence, text)
    assert found is not None
    listed = re.sub(r"（.*?）", "", found[1])
    names = {name for name in re.split(r"[、，]|和|——", listed) if name}
    recorded = {
        str(o)
        for c in concepts_of(schemes, scheme)
        for o in schemes.objects(c, SKOS.prefLabel | SKOS.altLabel)
    }
    assert names <= recorded, names - recorded
    assert len(names) == len(concepts_of(schemes, scheme))


def test_the_disagreement_about_special_plans_is_noted(schemes: Graph) -> None:
    assert len(concepts_of(schemes, "plan-fields")) == 9
    notes = [str(o) for o in schemes.objects(QAS["plan-fields"], SKOS.editorialNote)]
    assert any("8" in note and "9" in note for note in notes)
