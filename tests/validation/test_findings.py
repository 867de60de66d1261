"""What a finding says to an office: words, fix, who must act, why, and what a rule checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from qualitrace.terms import SH
from qualitrace.text import Text
from qualitrace.validation import compile_shapes, validate_store
from qualitrace.validation.model import Finding, Report, Severity

EX = "http://example.org/"
FEATURES = Path(__file__).parent / "shapes" / "features.ttl"
PREFIXES = f"@prefix ex: <{EX}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
SHAPES = f"""
@prefix ex: <{EX}> . @prefix sh: <{SH}> . @prefix qt: <https://w3id.org/qualitrace/engine#> .
"""
GOOD_BOOK = """
ex:book a ex:Book ; ex:hasTitle "红楼梦"@zh ; ex:hasIsbn "978-7" ; ex:inLanguage ex:Chinese ;
  ex:copy ex:c1 ; ex:keptIn ex:shelf . ex:c1 a ex:ReadingRoomCopy . ex:office ex:runs ex:shelf .
ex:mainShelf ex:open true ; a ex:Shelf . ex:oldShelf ex:open true ; a ex:Shelf .
ex:office ex:open true ; a ex:Shelf ; rdfs:label "采编部"@zh , "Acquisitions"@en .
ex:book rdfs:label "红楼梦"@zh .
"""
Validate = Callable[..., Report]


@pytest.fixture
def features() -> Validate:
    compiled = compile_shapes(rdflib.Graph().parse(FEATURES))

    def run(data: str, focus: Iterable[str] | None = None) -> Report:
        steward = Text(zh="质量办", en="Quality office")
        return validate_store(loaded(data), compiled, steward=steward, focus=focus)

    return run


def loaded(data: str) -> ox.Store:
    store = ox.Store()
    store.load((PREFIXES + data).encode(), format=ox.RdfFormat.TURTLE)
    return store


def validated(shapes: str, data: str) -> Report:
    return validate_store(loaded(data), compile_shapes(rdflib.Graph().parse(data=SHAPES + shapes)))


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


def test_a_good_book_conforms(features: Validate) -> None:
    report = features(GOOD_BOOK)
    assert report.conforms, report.findings


def test_a_missing_value(features: Validate) -> None:
    finding = only(features(GOOD_BOOK.replace('ex:hasTitle "红楼梦"@zh ;', "")))
    assert finding.rule == EX + "title"
    assert finding.message == Text(zh="缺少「书名」。", en="title is missing.")
    assert finding.fix == Text(zh="请补上书名", en="Add the title")
    assert finding.focus == EX + "book" and finding.focus_label["zh"] == "红楼梦"
    assert finding.path == f"<{EX}hasTitle>" and finding.value == ""
    assert finding.severity is Severity.VIOLATION


def test_who_must_act(features: Validate) -> None:
    finding = only(features(GOOD_BOOK.replace('ex:hasTitle "红楼梦"@zh ;', "")))
    assert finding.unit == EX + "office"
    assert finding.unit_label == Text(zh="采编部", en="Acquisitions")


def test_who_must_act_when_the_path_leads_nowhere(features: Validate) -> None:
    data = GOOD_BOOK.replace('ex:hasTitle "红楼梦"@zh ;', "").replace("ex:keptIn ex:shelf", "ex:keptIn ex:x")
    finding = only(features(data))
    assert finding.unit == "" and finding.unit_label["en"] == "Quality office"


def test_the_shape_says_its_own_message_and_severity(features: Validate) -> None:
    finding = only(features(GOOD_BOOK.replace("978-7", "12345")))
    assert finding.message == Text(zh="书号不对", en="This is no ISBN")
    assert finding.severity is Severity.WARNING and finding.value == '"12345"'
    assert finding.fix["en"] == "Correct the catalogue"  # of the node shape: the nearest that has one


def test_a_query_names_what_it_found(features: Validate) -> None:
    other = """ex:other a ex:Book ; rdfs:label "水浒传"@zh ; ex:hasTitle "水浒传"@zh ; ex:hasIsbn "978-7" ;
      ex:inLanguage ex:Chinese ; ex:copy ex:c1 ."""
    found = {finding.focus: finding for finding in features(GOOD_BOOK + other).findings}
    assert set(found) == {EX + "book", EX + "other"}
    finding = found[EX + "book"]
    assert finding.message["zh"] == "“红楼梦”与“水浒传”的书号相同"
    assert finding.fix["en"] == "Compare the two ISBNs"
    assert finding.constraint == EX + "unique" and finding.rule == EX + "BookShape"


def test_the_reason_at_the_bottom(features: Validate) -> None:
    finding = only(features(GOOD_BOOK + "ex:book ex:by ex:cao . ex:cao a ex:Person ."))
    assert finding.component == SH + "NodeConstraintComponent"
    (reason,) = finding.because
    assert reason.focus == EX + "cao" and reason.path == f"<{EX}hasName>"
    assert reason.component == SH + "MinCountConstraintComponent"
    assert "a person" in finding.message["en"]


def test_reasons_of_every_alternative(features: Validate) -> None:
    finding = only(features(GOOD_BOOK + "ex:book ex:hasBlurb ex:review . ex:review ex:self ex:review ."))
    assert finding.component == SH + "OrConstraintComponent"
    inner = {reason.component.removeprefix(SH) for reason in finding.because}
    assert inner == {"DatatypeConstraintComponent", "NodeConstraintComponent"}
    (node,) = [reason for reason in finding.because if reason.component == SH + "NodeConstraintComponent"]
    # One level further down: what the review itself lacks.
    assert {reason.component.removeprefix(SH) for reason in node.because} == {
        "MinCountConstraintComponent",
        "ClosedConstraintComponent",
    }


def test_reasons_of_a_count(features: Validate) -> None:
    finding = only(features(GOOD_BOOK.replace("ex:c1 a ex:ReadingRoomCopy .", "")))
    assert finding.component == SH + "QualifiedMinCountConstraintComponent"
    (reason,) = finding.because
    assert reason.focus == EX + "c1" and reason.component == SH + "ClassConstraintComponent"


def test_a_result_below_the_target_keeps_its_root(features: Validate) -> None:
    loan = "ex:loan ex:of ex:book ; ex:from ex:today ; ex:to ex:reader ."
    finding = only(features(GOOD_BOOK + loan))
    assert finding.focus == EX + "loan" and finding.root == EX + "book"
    assert finding.root_shape == EX + "BookShape" and finding.rule == EX + "loanDates"
    assert finding.unit == EX + "office"  # found from the book, where the steward's path starts


def test_rules_are_counted(features: Validate) -> None:
    report = features(GOOD_BOOK.replace('ex:hasTitle "红楼梦"@zh ;', ""))
    rules = {rule.rule: rule for rule in report.rules}
    assert (rules[EX + "title"].targeted, rules[EX + "title"].failed) == (1, 1)
    assert (rules[EX + "pages"].targeted, rules[EX + "pages"].failed) == (1, 0)
    assert rules[EX + "BookShape"].labels["en"] == "Book"
    assert rules[EX + "ShelfShape"].targeted == 3  # two by name, one by what it runs


def test_what_was_not_looked_at_does_not_count_as_checked(features: Validate) -> None:
    loans = "ex:loan ex:of ex:book ; ex:from ex:today ; ex:to ex:reader . ex:loan2 ex:of ex:book ."
    everything = {rule.rule: rule for rule in features(GOOD_BOOK + loans).rules}
    assert all(rule.checked == rule.targeted for rule in everything.values())
    one = {rule.rule: rule for rule in features(GOOD_BOOK + loans, [EX + "book"]).rules}
    assert [rule.targeted for rule in one.values()] == [rule.targeted for rule in everything.values()]
    assert one[EX + "title"].checked == one[EX + "title"].targeted == 1
    assert one[EX + "loanDates"].checked == one[EX + "loanDates"].targeted == 2  # reached from the book
    assert (one[EX + "ShelfShape"].targeted, one[EX + "ShelfShape"].checked) == (3, 0)


def test_a_rule_that_checked_nothing_shows_it(features: Validate) -> None:
    idle = {rule.rule for rule in features(GOOD_BOOK).rules if rule.targeted == 0}
    # No review is there; and there is a book, but no loan of it.
    assert idle == {EX + "ReviewShape", EX + "loanDates", EX + "loanReader"}


def test_a_severity_of_its_own() -> None:
    finding = only(
        validated("ex:s a sh:NodeShape ; sh:targetNode ex:a ; sh:class ex:B ; sh:severity ex:Grave .", "")
    )
    assert finding.severity is Severity.VIOLATION and finding.severity_iri == EX + "Grave"


def test_deactivated_shapes_and_constraints_say_nothing() -> None:
    shapes = """
    ex:s a sh:NodeShape ; sh:targetNode ex:a ; sh:property ex:p ; sh:sparql [
      sh:deactivated true ; sh:select "SELECT $this WHERE {}" ] .
    ex:p sh:path ex:p ; sh:minCount 1 ; sh:deactivated true .
    """
    assert validated(shapes, "").conforms


def test_a_message_without_a_value_keeps_its_braces() -> None:
    shapes = 'ex:s a sh:NodeShape ; sh:targetNode ex:a ; sh:class ex:B ; sh:message "{?unknown} {x}"@en .'
    assert only(validated(shapes, "")).message["en"] == "{?unknown} {x}"


def test_a_pattern_with_braces_is_shown_as_it_is() -> None:
    shapes = 'ex:s a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; sh:pattern "^[a-z]{2,3}$" .'
    assert "^[a-z]{2,3}$" in only(validated(shapes, 'ex:a ex:p "1" .')).message["zh"]


def test_labels_stand_in_messages() -> None:
    shapes = "ex:s a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; sh:class ex:B ."
    data = """ex:a ex:p ex:v . ex:v rdfs:label "甲"@zh . ex:p rdfs:label "上级"@zh , "parent"@en .
    ex:B rdfs:label "部门"@zh , "Department"@en ."""
    message = only(validated(shapes, data)).message
    assert message["zh"] == "「上级」的值“甲”不是部门。"
    assert message["en"] == "The value “甲” of parent is not of class Department."


def test_only_some_nodes() -> None:
    shapes = "ex:s a sh:PropertyShape ; sh:path ex:p ; sh:targetClass ex:A ; sh:maxCount 0 ."
    store = loaded("ex:a a ex:A ; ex:p 1 . ex:b a ex:A ; ex:p 1 . ex:c ex:p 1 .")
    compiled = compile_shapes(rdflib.Graph().parse(data=SHAPES + shapes))
    report = validate_store(store, compiled, focus=[EX + "b", EX + "c"])
    assert [finding.focus for finding in report.findings] == [EX + "b"]


def test_blank_nodes_are_explained_too() -> None:
    shapes = """
    ex:s a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; sh:node ex:inner .
    ex:inner a sh:NodeShape ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
    """
    finding = only(validated(shapes, "ex:a ex:p [ ex:r 1 ] ."))
    assert finding.value.startswith("_:")
    assert [reason.focus for reason in finding.because] == [finding.value]
