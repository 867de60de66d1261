"""Scenarios of a profile: what they say, and what is wrong with those that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.errors import ProfileError
from qualitrace.profile import load_profile
from qualitrace.profile.scenarios import queries
from qualitrace.profile.updates import NotAnUpdateError, filled, taken_apart
from tests.profile.writing import write_profile

FILE = "reasoning/what-if/stop.ru"
HEAD = """\
# title zh: 停止
# title en: Stop
# says en: The job is not needed any longer.
# parameter job: ex:Job
# job en: the job that stops
# dated: ?from
"""
BODY = """\
DELETE { ?aim ex:needs ?job } # } INSERT { a comment
INSERT { ?job rdfs:comment "{ stopped } ?job" , ?from }
WHERE { ?aim ex:needs ?job FILTER (?from > "2000-01-01"^^xsd:date) }
"""


def test_a_scenario_is_read(tmp_path: Path) -> None:
    profile = load_profile(write_profile(tmp_path, {FILE: HEAD + BODY}))
    (one,) = profile.scenarios
    assert (one.name, one.titles["en"], one.says["en"], one.day) == (
        "stop",
        "Stop",
        "The job is not needed any longer.",
        "from",
    )
    (parameter,) = one.parameters
    assert (parameter.name, parameter.of, parameter.labels["en"]) == (
        "job",
        "https://example.org/terms#Job",
        "the job that stops",
    )
    removes, adds = queries(one, {"job": "<urn:j>", "from": '"2024-01-01"'})
    assert "CONSTRUCT {  ?aim ex:needs <urn:j>  }" in removes
    assert '"{ stopped } ?job" , "2024-01-01"' in adds  # names within texts stay
    assert not profile.rules


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD + "CONSTRUCT { ?job a ?job } WHERE { ?job a ?from }", "not one DELETE"),
        (HEAD + BODY + ";\n" + BODY, "not one DELETE"),
        (HEAD + "DELETE WHERE { ?job a ?from }", "not one DELETE"),
        (HEAD + "INSERT DATA { ex:a a ex:Job }", "DATA may not be used"),
        (HEAD + BODY.replace("WHERE {", "WHERE { SERVICE <urn:x> { ?a ?b ?c }"), "SERVICE may not be used"),
        (HEAD + BODY.replace("?aim ex:needs ?job FILTER", "GRAPH ?g { ?aim ex:needs ?job } FILTER"), "GRAPH"),
        (HEAD + BODY.replace("INSERT { ?job", "INSERT { _:new ex:needs ?job . ?job"), "identifier"),
        (HEAD + BODY.replace("?aim ex:needs ?job }", "?aim ex:needs ?job"), "cannot be used"),
        (HEAD + BODY.replace("xsd:date", "no:date"), "cannot be used"),
        (HEAD.replace("ex:Job", "ex:Nothing") + BODY, "ex:Nothing.*not declared"),
        (HEAD.replace("parameter job", "parameter title") + BODY, "cannot name a parameter"),
        (HEAD.replace("# dated: ?from", "# dated: some day") + BODY, "names one variable"),
        (HEAD.replace("# parameter job: ex:Job\n", "") + BODY, "names no parameter"),
        (HEAD.replace("# dated: ?from", "# dated: ?until") + BODY, r"\?until is not used"),
        (HEAD + BODY.replace("WHERE { ", "WHERE { BIND (1 AS ?from) "), "cannot be put in"),
        (BODY, "title"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ProfileError, match=why) as caught:
        load_profile(write_profile(tmp_path, {FILE: text}))
    assert FILE in str(caught.value)


def test_values_are_put_in_for_whole_names_only() -> None:
    text = "?a ?ab $a <urn:?a> 'x ?a' # ?a\n?a"
    assert filled(text, {"a": "<urn:1>"}) == "<urn:1> ?ab <urn:1> <urn:?a> 'x ?a' # ?a\n<urn:1>"
    assert filled(text, {}) == text


def test_an_update_is_taken_apart_in_either_half() -> None:
    both = taken_apart(
        "PREFIX a: <urn:a#>\nDELETE { ?x a:b { } INSERT { ?x a:c }".replace("{ }", "} ")
        + " WHERE { ?x a:d ?y }"
    )
    assert (both.prologue.strip(), both.removes.strip(), both.adds.strip()) == (
        "PREFIX a: <urn:a#>",
        "?x a:b",
        "?x a:c",
    )
    assert taken_apart("INSERT { ?x a ?y } WHERE { ?x ?p ?y }").removes == ""
    assert taken_apart("delete { ?x a ?y } where { ?x ?p ?y { ?y ?p ?x } }").where.count("{") == 1
    for wrong in ("", "WHERE { }", "INSERT { } DELETE { } WHERE { }", "DELETE { WHERE { ?x ?p ?y"):
        with pytest.raises(NotAnUpdateError):
            taken_apart(wrong)
