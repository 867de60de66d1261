"""What a profile compiles to."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.profile import load_profile
from qualitrace.profile.model import ClassModel, PathStep, Profile, PropertyModel
from qualitrace.terms import QT, RDF, XSD
from tests.profile.writing import HEADER, SHAPES, TERMS, write_profile

EX = "https://example.org/terms#"


def load(directory: Path, shapes: str = SHAPES, terms: str = TERMS) -> Profile:
    return load_profile(
        write_profile(directory, {"ontology/terms.ttl": HEADER + terms, "shapes/shapes.ttl": shapes})
    )


def prop(model: ClassModel, name: str) -> PropertyModel:
    return next(p for p in model.properties if p.name == name)


def test_the_header_names_the_profile(tmp_path: Path) -> None:
    profile = load(tmp_path)
    assert profile.iri == "https://example.org/terms"
    assert dict(profile.titles) == {"zh": "样例", "en": "Sample"}
    assert profile.base == "https://example.org/id/"
    assert dict(profile.steward) == {"zh": "办公室", "en": "Office"}
    assert profile.expand("ex:Aim") == EX + "Aim"
    assert profile.shorten(QT + "chain") == "qt:chain"


def test_the_engine_vocabulary_is_part_of_the_ontology_and_of_no_api(tmp_path: Path) -> None:
    profile = load(tmp_path)
    assert {str(s) for s in profile.ontology.subjects()} >= {QT + "tracesTo", EX + "Aim"}
    assert set(profile.classes) == {EX + "Aim", EX + "Job", EX + "Actor"}


def test_a_class_without_a_shape_is_abstract(tmp_path: Path) -> None:
    profile = load(tmp_path)
    assert not profile.classes[EX + "Aim"].abstract
    assert profile.classes[EX + "Job"].abstract


def test_a_class_is_found_by_name_label_prefixed_name_and_iri(tmp_path: Path) -> None:
    profile = load(tmp_path)
    for name in ("Aim", "aim", "目的", "ex:Aim", EX + "Aim", " Aim "):
        model = profile.class_named(name)
        assert model is not None
        assert model.iri == EX + "Aim"
    assert profile.class_named("Unknown") is None


def test_what_the_shape_leaves_out_comes_from_the_ontology(tmp_path: Path) -> None:
    profile = load(
        tmp_path,
        "es:A a sh:NodeShape ; sh:targetClass ex:Aim ;"
        " sh:property [ sh:path ex:needs ] , [ sh:path ex:weight ] , [ sh:path rdfs:label ] .",
    )
    aim = profile.classes[EX + "Aim"]
    needs, weight = prop(aim, "needs"), prop(aim, "weight")
    assert (needs.target, needs.is_iri, needs.many) == (EX + "Job", True, True)
    assert needs.labels["en"] == "needs"
    assert (weight.datatype, weight.is_iri, weight.predicate) == (XSD + "decimal", False, EX + "weight")
    assert prop(aim, "label").datatype == RDF + "langString"


def test_shapes_on_one_path_are_merged(tmp_path: Path) -> None:
    """Limits add up (the strictest counts), descriptions come from the first shape that has one."""
    profile = load(
        tmp_path,
        """
        es:A a sh:NodeShape ; sh:targetClass ex:Aim ;
            sh:property [ sh:path ex:needs ; sh:class ex:Job ; sh:order 4 ; sh:name "事"@zh ] .
        es:B a sh:NodeShape ; sh:targetClass ex:Aim ;
            sh:property [ sh:path ex:needs ; sh:minCount 1 ; sh:maxCount 3 ; sh:name "别名"@zh ] ,
                        [ sh:path ex:needs ; sh:maxCount 1 ; sh:codeIdentifier "job" ] .
        """,
    )
    (found,) = profile.classes[EX + "Aim"].properties
    assert (found.name, found.many, found.min_count, found.order) == ("job", False, 1, 4.0)
    assert dict(found.labels) == {"zh": "事"}
    assert found.target == EX + "Job"


INHERITING = (
    TERMS
    + """
ex:Big a owl:Class ; rdfs:subClassOf ex:Aim ; rdfs:label "大"@zh , "Big"@en .
ex:Huge a owl:Class ; rdfs:subClassOf ex:Big ; rdfs:label "巨"@zh , "Huge"@en .
"""
)


def test_properties_are_inherited_and_the_nearest_description_wins(tmp_path: Path) -> None:
    profile = load(
        tmp_path,
        """
        es:A a sh:NodeShape ; sh:targetClass ex:Aim ; qt:exposure "protected" ; qt:steward ex:needs ;
            sh:property [ sh:path ex:weight ; sh:maxCount 1 ; sh:name "weight"@en ; qt:exposure "private" ] ,
                        [ sh:path ex:needs ; sh:order 1 ] .
        es:B a sh:NodeShape ; sh:targetClass ex:Big ;
            sh:property [ sh:path ex:weight ; sh:minCount 1 ; sh:name "mass"@en ; qt:exposure "public" ] .
        """,
        INHERITING,
    )
    aim, big, huge = (profile.classes[EX + name] for name in ("Aim", "Big", "Huge"))
    assert aim.children == {EX + "Big", EX + "Huge"}
    assert huge.parents == {EX + "Big", EX + "Aim"}
    assert [p.name for p in huge.properties] == ["weight", "needs"]
    assert prop(huge, "weight") == prop(big, "weight")
    weight = prop(big, "weight")
    assert (weight.labels["en"], weight.many, weight.min_count) == ("mass", False, 1)
    assert (prop(aim, "weight").exposure, weight.exposure) == ("private", "public")
    assert huge.exposure == "protected"
    assert huge.steward == ((PathStep(EX + "needs"),),)
    assert huge.abstract


def test_chains_are_inherited_in_the_order_written(tmp_path: Path) -> None:
    terms = INHERITING + (
        "ex:Aim qt:chain ( ex:needs ex:doneBy ) , ( ex:needs ) .\n"
        "ex:Big qt:chain ( [ sh:inversePath ex:needs ] ) .\n"
    )
    huge = load(tmp_path, terms=terms).classes[EX + "Huge"]
    needs, done = PathStep(EX + "needs"), PathStep(EX + "doneBy")
    assert [chain.links for chain in huge.chains] == [
        (PathStep(EX + "needs", inverse=True),),
        (needs, done),
        (needs,),
    ]
    assert huge.chains[1].labels["en"] == "needs → done by"


def test_paths_of_every_finite_kind_are_read(tmp_path: Path) -> None:
    profile = load(
        tmp_path,
        """
        es:A a sh:NodeShape ; sh:targetClass ex:Job ; sh:property
            [ sh:path [ sh:inversePath ex:needs ] ; sh:codeIdentifier "back" ] ,
            [ sh:path ( [ sh:inversePath ex:needs ] ex:weight ) ; sh:codeIdentifier "two" ] ,
            [ sh:path [ sh:alternativePath ( ex:doneBy ex:needs ) ] ; sh:codeIdentifier "either" ] ,
            [ sh:path [ sh:inversePath ( ex:needs ex:doneBy ) ] ; sh:codeIdentifier "turned" ] .
        """,
    )
    job = profile.classes[EX + "Job"]
    back, done, needs = PathStep(EX + "needs", True), PathStep(EX + "doneBy"), PathStep(EX + "needs")
    assert prop(job, "back").path == ((back,),)
    assert prop(job, "back").target == EX + "Aim"
    assert prop(job, "back").predicate == ""
    assert prop(job, "two").path == ((back, PathStep(EX + "weight")),)
    assert prop(job, "two").datatype == XSD + "decimal"
    assert prop(job, "either").path == ((done,), (needs,))
    assert prop(job, "turned").path == ((PathStep(EX + "doneBy", True), back),)


@pytest.mark.parametrize("operator", ["sh:zeroOrMorePath", "sh:oneOrMorePath"])
def test_a_path_that_repeats_is_a_rule_and_no_property(tmp_path: Path, operator: str) -> None:
    shapes = (
        f"es:A a sh:NodeShape ; sh:targetClass ex:Aim ; sh:property [ sh:path [ {operator} ex:needs ] ] ."
    )
    assert load(tmp_path, shapes).classes[EX + "Aim"].properties == ()


def test_a_private_path_needs_no_name(tmp_path: Path) -> None:
    shapes = (
        "es:A a sh:NodeShape ; sh:targetClass ex:Aim ;"
        ' sh:property [ sh:path ( ex:needs ex:doneBy ) ; qt:exposure "private" ] .'
    )
    assert load(tmp_path, shapes).classes[EX + "Aim"].properties == ()


def test_what_is_switched_off_does_not_count(tmp_path: Path) -> None:
    shapes = """
    es:A a sh:NodeShape ; sh:targetClass ex:Aim ; sh:property [ sh:path ex:needs ; sh:deactivated true ] .
    es:J a sh:NodeShape ; sh:targetClass ex:Job ; sh:deactivated true ; sh:property [ sh:path ex:doneBy ] .
    """
    profile = load(tmp_path, shapes)
    assert profile.classes[EX + "Aim"].properties == ()
    assert profile.classes[EX + "Job"].abstract


def test_shapes_may_be_classes_and_may_share_others(tmp_path: Path) -> None:
    shapes = """
    es:Weighed a sh:NodeShape ; sh:property [ sh:path ex:weight ] .
    es:Done a sh:NodeShape ; sh:property [ sh:path ex:doneBy ] .
    ex:Job a sh:NodeShape ; sh:node es:Weighed ; sh:and ( es:Done ) .
    """
    job = load(tmp_path, shapes).classes[EX + "Job"]
    assert {p.name for p in job.properties} == {"weight", "doneBy"}
    assert not job.abstract


def test_values_datatypes_and_classes_of_alternatives(tmp_path: Path) -> None:
    terms = INHERITING + "ex:Small a owl:Class ; rdfs:subClassOf ex:Aim ; rdfs:label 'small'@en .\n"
    shapes = """
    es:A a sh:NodeShape ; sh:targetClass ex:Job ; sh:property
        [ sh:path ex:a ; sh:in ( "x" "y"@en 3 ex:c ) ] ,
        [ sh:path ex:b ; sh:in ( ex:c ex:d ) ] ,
        [ sh:path ex:e ; sh:or ( [ sh:datatype xsd:string ] [ sh:datatype rdf:langString ] ) ] ,
        [ sh:path ex:f ; sh:or ( [ sh:class ex:Big ] [ sh:class ex:Small ] ) ] ,
        [ sh:path ex:g ; sh:nodeKind sh:IRI ] .
    ex:a a rdf:Property . ex:b a rdf:Property . ex:e a rdf:Property .
    ex:f a rdf:Property . ex:g a rdf:Property .
    """
    job = load(tmp_path, shapes, terms).classes[EX + "Job"]
    assert prop(job, "a").values == ('"x"', '"y"@en', f'"3"^^<{XSD}integer>', f"<{EX}c>")
    assert not prop(job, "a").is_iri
    assert prop(job, "b").is_iri
    assert prop(job, "e").datatype == RDF + "langString"
    assert (prop(job, "f").target, prop(job, "f").is_iri) == (EX + "Aim", True)
    assert (prop(job, "g").target, prop(job, "g").is_iri) == ("", True)


def test_mentions_of_other_vocabularies_are_no_classes_of_the_profile(tmp_path: Path) -> None:
    terms = TERMS + (
        "<https://other.example/Aim> a owl:Class .\nex:Aim rdfs:subClassOf <https://other.example/Aim> .\n"
    )
    aim = load(tmp_path, terms=terms).classes[EX + "Aim"]
    assert aim.parents == frozenset()


def test_tracing_is_closed_under_subproperties_and_subclasses(tmp_path: Path) -> None:
    terms = (
        INHERITING
        + """
    ex:reaches a owl:ObjectProperty ; rdfs:subPropertyOf ex:needs ; rdfs:label "reaches"@en ;
        qt:basis "inherited" .
    ex:either a owl:ObjectProperty ; rdfs:subPropertyOf qt:tracesTo ; qt:absence "没有"@zh , "none"@en ;
        rdfs:domain [ a owl:Class ; owl:unionOf ( ex:Job ex:Big ) ] .
    ex:product a owl:ObjectProperty ; qt:absence "无成果"@zh , "no product"@en .
    ex:begins a owl:DatatypeProperty ; rdfs:subPropertyOf qt:validFrom .
    ex:ends a owl:DatatypeProperty ; rdfs:subPropertyOf qt:validTo .
    ex:as a owl:ObjectProperty ; rdfs:subPropertyOf qt:capacity .
    """
    )
    trace = load(tmp_path, terms=terms).trace
    assert set(trace.properties) == {EX + n for n in ("needs", "doneBy", "reaches", "either")}
    assert trace.properties[EX + "needs"].domains == {EX + n for n in ("Aim", "Big", "Huge")}
    assert trace.properties[EX + "reaches"].domains == trace.properties[EX + "needs"].domains
    assert trace.properties[EX + "either"].domains == {EX + n for n in ("Job", "Big", "Huge")}
    assert trace.properties[EX + "either"].absence["en"] == "none"
    inherited = {iri for iri, found in trace.properties.items() if found.inherited}
    assert inherited == {EX + "reaches"}
    assert set(trace.absences) == {EX + "either", EX + "product"}
    assert (trace.valid_from, trace.valid_to) == ({EX + "begins"}, {EX + "ends"})
    assert trace.capacity == {EX + "as"}


def test_a_steward_may_be_the_node_itself_or_the_first_of_several(tmp_path: Path) -> None:
    shapes = """
    es:A a sh:NodeShape ; sh:targetClass ex:Actor ; qt:steward ex:needs .
    es:J a sh:NodeShape ; sh:targetClass ex:Job ;
        qt:steward [ sh:alternativePath ( [ sh:zeroOrOnePath ex:doneBy ] ex:needs ) ] .
    """
    profile = load(tmp_path, shapes)
    assert profile.classes[EX + "Actor"].steward == ((PathStep(EX + "needs"),),)
    done, needs = PathStep(EX + "doneBy"), PathStep(EX + "needs")
    assert profile.classes[EX + "Job"].steward == ((), (done,), (needs,))


def test_rules_operations_and_mappings_are_read(tmp_path: Path) -> None:
    rule = "# title zh: 规则\n# title en: A rule\nCONSTRUCT { ?a ?p ?b } WHERE { ?b ?p ?a }\n"
    operation = (
        "# title zh: 问\n# title en: Ask\n"
        '# variables: {"asOf": "2025-03-01"}\n# sample: true\nquery Q { node(id: "a") { id } }\n'
    )
    directory = write_profile(
        tmp_path,
        {
            "reasoning/turn.rq": rule,
            "graphql/operations/ask.graphql": operation,
            "graphql/operations/quiet.graphql": "# title en: Quiet\n{ __typename }\n",
            "loaders/b.yaml": "form: second\n",
            "loaders/a.yaml": "form: first\n",
            "loaders/names.yaml": "aliases: [x]\n",
        },
    )
    profile = load_profile(directory)
    (found,) = profile.rules
    assert (found.name, dict(found.titles), found.query) == ("turn", {"zh": "规则", "en": "A rule"}, rule)
    ask, quiet = profile.operations
    assert (ask.name, ask.sample, ask.variables) == ("ask", True, {"asOf": "2025-03-01"})
    assert ask.document == operation
    assert (quiet.sample, quiet.variables) == (False, {})
    assert profile.mappings == ({"form": "first"}, {"form": "second"})
    assert [path.name for path in profile.mapping_paths] == ["a.yaml", "b.yaml"]
    assert profile.names == {"aliases": ["x"]}
