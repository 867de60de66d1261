"""Questions across registries over HTTP: what the command says, to nobody more than they may see."""

from __future__ import annotations

import datetime as dt
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType
from typer.testing import CliRunner

from qualitrace.access.model import Caller, Grant, Principal, Role
from qualitrace.across import Across, model, sees
from qualitrace.cli.across_tables import as_json_of
from qualitrace.cli.app import app as program
from qualitrace.graphql.across_schema import WEIGHTS, across_schema_text, build_across_schema
from qualitrace.store.neo4j import Account, Changes, Server
from qualitrace.web.authentication import OPEN
from qualitrace.web.openapi import openapi
from tests.access.identity_provider import IdentityProvider
from tests.across import served as asking
from tests.across.conftest import CODE, OTHER, POINT, TWICE, Colleges, secret
from tests.across.served import Office
from tests.neo4j_server import PASSWORD, Neo4jServer
from tests.web.calling import call

Command = Callable[..., Any]
PURPOSE = "review"


@pytest.fixture(scope="module")
def office(colleges: Colleges, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = asking.office(colleges.across, tmp_path_factory.mktemp("office"))
    yield made
    made.book.close()


@pytest.fixture
def command(colleges: Colleges, neo4j: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("QUALITRACE_NEO4J_PASSWORD", PASSWORD)

    def run(*arguments: str) -> Any:
        asked = ["across", *arguments, "--json", "--neo4j", neo4j.uri, "--only", colleges.across.only]
        done = CliRunner().invoke(program, asked)
        assert done.exit_code in (0, 1), done.output
        return asking.as_commands(json.loads(done.output))

    return run


def everything(office: Office, token: str, purpose: str = "") -> bytes:
    """Every answer there is."""
    answers = [
        office.post(token, asking.REGISTRIES, purpose, {"only": ""}),
        *(office.post(token, asking.COVERAGE, purpose, {"of": kind}) for kind in ("Duty", "Person")),
        *(
            office.post(token, asking.ADOPTION, purpose, {"of": of, "to": to})
            for of, to in ((POINT, "Person"), (OTHER, "Person"), (CODE, "Person"), ("1.1.1", "owl:Thing"))
        ),
        office.post(token, asking.DUPLICATES, purpose),
    ]
    assert all(one.status_code == 200 and "errors" not in one.json() for one in answers)
    return b"".join(one.content for one in answers)


def audiences(colleges: Colleges) -> dict[str, tuple[tuple[Grant, ...], Role, str]]:
    """Grants, role at the office, and purpose."""
    one, two, _ = colleges.names
    unit = frozenset({colleges.homes[one].base + "unit/a"})
    return {
        "public": ((), Role.READER, PURPOSE),
        "a role that names no registry": ((), Role.OFFICE, PURPOSE),
        "auditor of one": ((Grant(one, frozenset({Role.AUDITOR})),), Role.READER, PURPOSE),
        "steward of one": ((Grant(two, frozenset({Role.STEWARD}), unit),), Role.READER, PURPOSE),
        "no purpose": ((Grant(one, frozenset({Role.OFFICE})),), Role.OFFICE, ""),
        "all": (tuple(Grant(n, frozenset({Role.AUDITOR})) for n in colleges.names), Role.READER, PURPOSE),
    }


def test_the_schema_checked_in_is_current(repo_root: Path) -> None:
    checked_in = (repo_root / "graphql" / "across.graphql").read_text(encoding="utf-8")
    hint = "write it anew: python -m qualitrace.graphql --across > graphql/across.graphql"
    assert across_schema_text() == checked_in, hint


def test_the_schema_shows_all_that_the_answers_hold(colleges: Colleges) -> None:
    schema = build_across_schema(colleges.across, lambda: ())._schema
    shown = {
        "Registry": (model.Standing, {"toward", "told_apart"}),  # one is ``behind``; the other is a reason
        "RegistryLeft": (model.Left, set()),
        "Counts": (model.Counted, set()),
        "CoverageAcross": (model.CoverageAcross, set()),
        "SharedKey": (model.Key, set()),
        "Adoption": (model.Adoption, set()),
        "Duplicate": (model.Duplicate, set()),
        "Duplicates": (model.Duplicates, set()),
    }
    for name, (kind, told_otherwise) in shown.items():
        type_ = schema.get_type(name)
        assert isinstance(type_, GraphQLObjectType)
        held = {one.name for one in fields(kind)} - told_otherwise
        assert held <= {_snake(one) for one in type_.fields}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def test_answers_are_those_of_the_command(office: Office, command: Command, colleges: Colleges) -> None:
    token = office.token()
    found = office.ask(token, asking.REGISTRIES, only="")
    assert asking.registries_of(found) == command("registries")
    counted = office.ask(token, asking.COVERAGE, of="Duty", asOf="2025-03-01")
    assert asking.coverage_of(counted) == command("coverage", "Duty", "--as-of", "2025-03-01")
    twice = office.ask(token, asking.DUPLICATES)
    assert asking.duplicates_of(twice) == command("duplicates")
    assert [one["key"]["value"] for one in twice["found"]] == [TWICE]


@pytest.mark.parametrize("who", ["public", "auditor of one", "all"])
def test_somebody_is_answered_as_the_command_does(
    office: Office, command: Command, colleges: Colleges, tmp_path: Path, who: str
) -> None:
    grants, role, purpose = audiences(colleges)[who]
    token, file = office.token(*grants, role=role), tmp_path / "token"
    file.write_text(token, encoding="utf-8")
    known = ("--access", office.location, "--token-file", str(file), "--purpose", purpose)
    adopted = office.ask(token, asking.ADOPTION, purpose, of=POINT, to="Person")
    assert asking.adoption_of(adopted) == command("adoption", POINT, "--to", "Person", *known)


def test_each_audience_is_answered_as_the_command_tells_it(office: Office, colleges: Colleges) -> None:
    """What the command prints, from the same caller; it is run in the tests above."""
    for who, (grants, role, purpose) in audiences(colleges).items():
        token = office.token(*grants, role=role)
        caller = Caller(Principal("示例", frozenset({role}), grants=frozenset(grants)), purpose)
        seen = colleges.across.seen_as(sees(caller))

        def told(found: Any) -> Any:
            return asking.as_commands(json.loads(json.dumps(as_json_of(found))))

        for day in ("2019-06-01", "2025-03-01"):
            counted = office.ask(token, asking.COVERAGE, purpose, of="Duty", asOf=day)
            assert asking.coverage_of(counted) == told(
                seen.coverage("Duty", as_of=dt.date.fromisoformat(day))
            )
        for of, to in ((POINT, "Person"), ("1.1.1", "Post"), (OTHER, "owl:Thing"), (CODE, "")):
            adopted = office.ask(token, asking.ADOPTION, purpose, of=of, to=to)
            assert asking.adoption_of(adopted) == told(seen.adoption(of, to=to)), who
        assert asking.duplicates_of(office.ask(token, asking.DUPLICATES, purpose)) == told(seen.duplicates())


def test_nobody_sees_the_people_of_another_college(office: Office, colleges: Colleges) -> None:
    numbers = range(len(colleges.names))
    sees = {"auditor of one": {0}, "steward of one": {1}, "all": {0, 1, 2}}
    for who, (grants, role, purpose) in audiences(colleges).items():
        said = everything(office, office.token(*grants, role=role), purpose).decode()
        assert {number for number in numbers if secret(number) in said} == sees.get(who, set()), who


def test_reads_of_personal_data_are_noted_by_registry(office: Office, colleges: Colleges) -> None:
    mine, other, _ = colleges.names
    token = office.token(*(Grant(one, frozenset({Role.AUDITOR})) for one in (mine, other)))
    query = asking.ADOPTION.replace("query Q", "query WhoHolds")
    office.ask(office.token(), query, PURPOSE, of=POINT, to="Person")
    before = office.book.reads()
    office.ask(token, query, of=POINT, to="Person")  # for no purpose
    assert office.book.reads() == before
    office.ask(token, query, PURPOSE, of=POINT, to="Person")
    notes = [one.read for one in office.book.reads()[: len(office.book.reads()) - len(before)]]
    assert {one.route for one in notes} == {f"graphql WhoHolds adoption {one}" for one in (mine, other)}
    person = colleges.homes[mine].base + "person/1"
    assert all((one.who, one.purpose) == ("示例", PURPOSE) and person in one.nodes for one in notes)
    asked = 'query { reads(first: 5, purpose: "review") { nodes { who route nodes } } }'
    body = office.post(office.token(role=Role.OFFICE), asked).json()
    assert body["data"]["reads"]["nodes"][0]["route"].startswith("graphql WhoHolds adoption")
    refused = office.post(token, asked).json()  # a role in a registry is none at the office
    assert "data" not in refused


def test_what_cannot_be_noted_is_not_shown(
    office: Office, colleges: Colleges, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = office.token(Grant(colleges.names[0], frozenset({Role.AUDITOR})))
    with office.book._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE access_read RENAME TO gone")
    try:
        answer = office.post(token, asking.ADOPTION, PURPOSE, {"of": POINT, "to": "Person"})
    finally:
        with office.book._engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO access_read")
    assert secret(0) not in answer.text
    assert answer.json()["data"] == {"found": None}
    assert answer.json()["errors"][0]["extensions"]["code"] == "REGISTRY"


def test_without_a_purpose_the_answer_says_that_it_is_not_complete(
    office: Office, colleges: Colleges
) -> None:
    variables = {"of": POINT, "to": "Person"}
    grant = Grant(colleges.names[0], frozenset({Role.AUDITOR}))
    withheld = office.post(office.token(grant), asking.ADOPTION, variables=variables)
    assert withheld.headers["Qualitrace-Withheld"] == "purpose"
    assert withheld.json()["extensions"]["withheld"]["reason"] == "PURPOSE"
    told = office.post(office.token(grant), asking.ADOPTION, variables=variables, extensions={"purpose": "x"})
    assert secret(0) in told.text
    for token, purpose in (
        (office.token(), ""),
        (office.token(role=Role.OFFICE), ""),
        (office.token(grant), "x"),
    ):
        answer = office.post(token, asking.ADOPTION, purpose, variables)
        assert "Qualitrace-Withheld" not in answer.headers
        assert "withheld" not in answer.text


def test_a_registry_that_is_being_rebuilt_is_left_out_and_named(office: Office, colleges: Colleges) -> None:
    name = colleges.names[0]
    engine = colleges.engines[name]
    before = engine.at
    token = office.token()
    engine.put(Changes(), lambda mark: replace(mark, toward=mark.position + 2))
    try:
        for query, variables in (
            (asking.COVERAGE, {"of": "Duty"}),
            (asking.ADOPTION, {"of": POINT}),
            (asking.DUPLICATES, {}),
        ):
            found = office.ask(token, query, **variables)
            assert found["partial"] is True
            (left,) = found["left"]
            assert (left["registry"], left["reason"]) == (name, "WRITING")
            assert left["whyZh"] and left["whyEn"] and left["whyZh"] != left["whyEn"]
            assert name not in found.get("without", ())
        standing = office.ask(token, asking.REGISTRIES, only=name)
        assert [(one["state"], one["behind"]) for one in standing] == [("WRITING", 2)]
    finally:
        engine.put(Changes(), lambda _: before)
    assert office.ask(token, asking.COVERAGE, of="Duty")["partial"] is False


def test_some_registries_can_be_asked_by_their_names(office: Office, colleges: Colleges) -> None:
    token, name = office.token(), colleges.names[1]
    found = office.ask(token, asking.COVERAGE, of="Duty", only=name)
    assert [one["registry"] for one in found["registries"]] == [name]
    assert found["total"]["total"] == found["registries"][0]["total"]
    assert office.ask(token, asking.COVERAGE, of="Duty", only="nothing")["registries"] == []


HOSTILE = {
    "deep": "{ adoption(of: \"1\") " + "{ registries { nodes " * 12 + "{ iri }" + " } }" * 12 + " }",
    "wide": "{ " + " ".join(f'a{n}: coverage(of: "Duty") {{ partial }}' for n in range(59)) + " }",
    "aliases": "{ " + " ".join(f"a{n}: registries {{ name }}" for n in range(70)) + " }",
    "fragments": "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    "brackets": "{" * 5_000,
    "tokens": "{ registries { " + "name " * 5_000 + "} }",
    "introspection": "{ __schema { types { name } } }",
    "mutation": "mutation { nothing }",
    "subscription": "subscription { changes { position } }",
    "other fields": '{ node(id: "person/1") { label } }',
    "several": "query A { registries { name } } query B { registries { name } }",
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_question_is_refused(office: Office, what: str) -> None:
    answer = office.post(office.token(), HOSTILE[what])
    body = answer.json()
    assert answer.status_code < 500
    assert not body.get("data")
    told = body["errors"][0]["extensions"]
    assert told["code"] in ("LIMIT", "INVALID_REQUEST", "FORBIDDEN", "RATE_LIMITED"), body
    assert told["what"]["zh"] and told["what"]["en"] and told["hint"]


@pytest.mark.parametrize(
    ("query", "variables", "hinted"),
    [
        (asking.COVERAGE, {"of": "Nothing"}, "Duty"),
        (asking.COVERAGE, {"of": "Duty) DETACH DELETE n //"}, "Duty"),
        (asking.ADOPTION, {"of": "1.1.1", "to": "Nothing"}, "Post"),
        (asking.ADOPTION, {"of": CODE, "key": "email"}, "nationalCode"),
        (asking.ADOPTION, {"of": "nobody", "key": "conformsToConcept"}, "code"),
    ],
)
def test_what_cannot_be_asked_says_what_where_and_how(
    office: Office, query: str, variables: dict[str, Any], hinted: str
) -> None:
    body = office.post(office.token(), query, variables=variables).json()
    assert body["data"] == {"found": None}
    told = body["errors"][0]["extensions"]
    assert told["code"] == "QUERY"
    assert told["what"]["zh"] and told["what"]["en"]
    assert hinted in told["hint"]["en"] and told["hint"]["zh"]


def test_what_it_costs_grows_with_the_registries_that_are_asked(office: Office, colleges: Colleges) -> None:
    def cost(only: str) -> int:
        token = office.token()
        headers = {
            "Authorization": f"Bearer {token}",
            "Qualitrace-Cost": "1",
            "content-type": "application/json",
        }
        body = {"query": asking.COVERAGE, "variables": {"of": "Duty", "only": only}}
        answer = call(office.app, "POST", "/graphql", content=json.dumps(body), headers=headers).json()
        return int(answer["extensions"]["cost"]["requested"])

    cost("")  # from the second time on the document is known
    one, all_ = cost(colleges.names[0]), cost("")
    assert all_ - one == 2 * WEIGHTS["coverage"]


def test_every_address_asks_who_asks(office: Office, colleges: Colleges) -> None:
    """Nothing of any registry without a token; nobody's people at any address."""
    paths = [getattr(route, "path", "") for route in office.app.routes]
    described = office.get("", "/openapi.json").json()["paths"]
    assert set(described) == set(paths) - {"/static"}
    assert set(described) <= set(openapi()["paths"])
    tokens = {who: office.token(*grants, role=role) for who, (grants, role, _) in audiences(colleges).items()}
    for path in (
        *described,
        "/static/start.css",
        "/sparql?query=ASK{}",
        "/id/person/1",
        "/exports/turtle",
        "/x",
    ):
        anonymous = office.get("", path)
        bare = path.partition("?")[0]
        known = bare in OPEN or bare.startswith("/static/")
        assert (anonymous.status_code == 401) is not known, path
        assert not any(name in anonymous.text for name in colleges.names), path
        for token in ("qualitrace_nobody", "a.b.c"):
            if path != "/metrics":
                assert office.get(token, path).status_code == 401
        for who, token in tokens.items():
            answer = office.get(token, path, **{"Qualitrace-Purpose": PURPOSE})
            assert answer.status_code < 500, (path, who, answer.text)
            assert not any(secret(number) in answer.text for number in range(3))
            if bare not in described and bare != "/static/start.css":
                assert answer.status_code == 404, path
    for path, right in (("/schema.graphql", "all"), ("/explorer/operations", "all")):
        assert office.get(tokens["public"], path).status_code == 403, right
        assert office.get(tokens["a role that names no registry"], path).status_code == 200
    assert office.get(tokens["a role that names no registry"], "/schema.graphql").text.strip() in (
        across_schema_text().strip()
    )


def test_the_start_page_names_the_registries(office: Office, colleges: Colleges) -> None:
    assert "token" in office.get("", "/").text
    page = office.get(office.token(role=Role.OFFICE), "/").text
    assert all(name in page for name in colleges.names)
    assert "duplicates {" in page


def test_examples_are_questions_that_it_answers(office: Office) -> None:
    token = office.token(role=Role.OFFICE)
    examples = office.get(token, "/explorer/operations").json()
    assert [one["name"] for one in examples] == ["Registries", "Coverage", "Adoption", "Duplicates"]
    for one in examples:
        variables = {**one["variables"], **({"of": CODE} if one["name"] == "Adoption" else {})}
        answer = office.post(token, one["document"], variables=variables).json()
        assert "errors" not in answer, (one["name"], answer)


def test_health_and_figures(office: Office, colleges: Colleges) -> None:
    assert office.get("", "/healthz").status_code == 200
    ready = office.get("", "/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"neo4j": "ok", "access": "ok"})
    assert "registries" not in ready.json()
    shown = office.get(office.token(), "/readyz").json()
    assert shown["registries"] == {"ready": len(colleges.names)}
    figures = office.get("", "/metrics").text
    by_state = re.findall(r'qualitrace_registries\{state="(\w+)"\} (\S+)', figures)  # kept for seconds
    assert {state for state, _ in by_state} == {"ready", "writing", "other"}
    assert sum(float(count) for _, count in by_state) == len(colleges.names)
    assert "qualitrace_personal_reads_noted_total" in figures
    assert not any(name in figures for name in colleges.names)


def test_grants_of_the_identity_provider_show_what_tokens_show(colleges: Colleges, tmp_path: Path) -> None:
    """And what cannot be read shows nothing."""
    one, two, _ = colleges.names
    unit = colleges.homes[two].base + "unit/a"
    with IdentityProvider() as provider:
        form = {"grants_claim": "groups", "grants_form": "/colleges/{registry}/{role}"}
        office = asking.office(colleges.across, tmp_path, provider, **form)

        def seen(**claims: Any) -> set[int]:
            answer = office.post(
                provider.token(**claims), asking.ADOPTION, PURPOSE, {"of": POINT, "to": "Person"}
            )
            assert answer.status_code == 200
            return {number for number in range(3) if secret(number) in answer.text}

        try:
            assert seen(groups=[f"/colleges/{one}/auditor"]) == {0}
            assert seen(roles=None, groups=[f"/colleges/{two}/steward@{unit}"]) == {1}
            assert seen(roles=["office"]) == seen(roles=["office"], groups=["/colleges/*/office"]) == set()
            assert seen(groups=[f"/colleges/{one}x/auditor", f"{one}=auditor", {one: "auditor"}]) == set()
            assert seen(groups={one: ["auditor"]}) == set()
            refused = office.post(
                provider.token(roles=None, groups=["/colleges/c/auditor"]), "{ __typename }"
            )
            assert refused.status_code == 403
            read = office.book.reads()[-1].read
            assert (read.token, read.route) == ("oidc:u-示例", f"graphql Q adoption {one}")
        finally:
            office.book.close()


def test_while_neo4j_is_away_it_says_so(colleges: Colleges, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens
        account = Account(f"bolt://127.0.0.1:{closed.getsockname()[1]}", "neo4j", PASSWORD, patience=0.1)
        with Server(account) as server:
            office = asking.office(Across(server, colleges.across.profile, "stamp"), tmp_path)
            try:
                token = office.token(role=Role.OFFICE)
                assert office.post(token, "{ __typename }").json() == {"data": {"__typename": "Query"}}
                body = office.post(token, asking.REGISTRIES, variables={"only": ""}).json()
                assert body["data"] == {"found": None}
                told = body["errors"][0]["extensions"]
                assert told["code"] == "UNAVAILABLE"
                assert told["what"]["zh"] and told["what"]["en"] and told["hint"]
                ready = office.get("", "/readyz")
                assert (ready.status_code, ready.json()["checks"]["neo4j"]) == (503, "UNAVAILABLE")
                assert office.get("", "/healthz").status_code == 200
                assert office.get(token, "/").status_code == 503
                assert "qualitrace_registries" not in office.get("", "/metrics").text
            finally:
                office.book.close()
