"""Roles in registries by a claim of the identity provider: what was asked for, never more."""

from __future__ import annotations

import logging
import random
from typing import Any

import pytest

from qualitrace.access.model import Grant, Principal, Role
from qualitrace.access.oidc import Oidc
from qualitrace.errors import AccessError, ForbiddenError
from tests.access.identity_provider import IdentityProvider

THERE = ("c01", "c02", "c-03")
UNIT = "https://college.example/id/unit/a=b@c"


def made(provider: IdentityProvider, registries: Any = lambda: THERE, **changed: Any) -> Oidc:
    return Oidc(provider.settings(grants_claim="grants", **changed), None, registries)


def given(principal: Principal) -> set[tuple[str, str, frozenset[str]]]:
    return {(one.registry, str(role), one.units) for one in principal.grants for role in one.roles}


def test_each_value_gives_one_role_in_one_registry(provider: IdentityProvider) -> None:
    oidc = made(provider)
    token = provider.token(grants=["c01=auditor", f"c02=steward@{UNIT}"])
    found = oidc.principal(token)
    assert given(found) == {
        ("c01", "auditor", frozenset()),
        ("c02", "steward", frozenset({UNIT})),
    }
    assert found.within("c01").audience.everything
    assert found.within("c02").audience.units == {UNIT}
    assert found.within("c-03").roles == {Role.READER}
    assert found.roles == {Role.READER}
    assert given(oidc.principal(provider.token(grants="c01=auditor c02=reader"))) == {
        ("c01", "auditor", frozenset()),
        ("c02", "reader", frozenset()),
    }


def test_groups_are_read_by_a_form_of_their_own(provider: IdentityProvider) -> None:
    oidc = made(
        provider,
        grants_form="/colleges/{registry}-{role}",
        grants_roles={"office": "reader", "03-office": "auditor", "qa": "auditor"},
    )
    token = provider.token(
        grants=["/colleges/c01-qa", "/colleges/c02-auditor", "/other", "/colleges/c01-qa/more", "c01=auditor"]
    )
    assert given(oidc.principal(token)) == {("c01", "auditor", frozenset())}
    # Two readings, of which one names a registry that there is.
    token = provider.token(grants=["/colleges/c-03-office"])
    assert given(oidc.principal(token)) == {("c-03", "reader", frozenset())}
    both = made(
        provider,
        lambda: ("c", "c-03"),
        grants_form="/colleges/{registry}-{role}",
        grants_roles={"office": "reader", "03-office": "auditor"},
    )
    assert given(both.principal(token)) == set()


def test_a_claim_may_be_an_object(provider: IdentityProvider) -> None:
    oidc = made(provider, grants_form="object")
    said = {
        "c01": "auditor",
        "c02": ["reader", f"steward@{UNIT}", "steward", "auditor@x", 7, None],
        "c09": "office",
    }
    assert given(oidc.principal(provider.token(grants=said))) == {
        ("c01", "auditor", frozenset()),
        ("c02", "reader", frozenset()),
        ("c02", "steward", frozenset({UNIT})),
    }
    assert given(oidc.principal(provider.token(grants=["c01=auditor"]))) == set()


def test_a_claim_inside_another_is_found(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(grants_claim="college.roles"), None, lambda: THERE)
    token = provider.token(college={"roles": ["c01=auditor"]})
    assert given(oidc.principal(token)) == {("c01", "auditor", frozenset())}


def test_a_grant_is_enough_to_be_let_in_and_nothing_else_is(provider: IdentityProvider) -> None:
    oidc = made(provider)
    assert oidc.principal(provider.token(roles=None, grants=["c01=office"])).roles == {Role.READER}
    for said in (None, [], ["c09=office"], ["c01=king"], "office", 7):
        with pytest.raises(ForbiddenError):
            oidc.principal(provider.token(roles=None, grants=said))


def test_a_server_of_one_registry_reads_no_grants(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(grants_claim="grants"))
    assert oidc.principal(provider.token(grants=["c01=office"])).grants == frozenset()
    none = Oidc(provider.settings(), None, lambda: THERE)
    assert none.principal(provider.token(grants=["c01=office"])).grants == frozenset()


def test_a_registry_counts_as_soon_as_it_is_there(provider: IdentityProvider) -> None:
    there: set[str] = set()
    oidc = made(provider, lambda: there)
    token = provider.token(grants=["c01=auditor"])
    assert given(oidc.principal(token)) == set()
    there.add("c01")
    assert given(oidc.principal(token)) == {("c01", "auditor", frozenset())}


SAID: list[Any] = [
    "c01", "=auditor", "c01=", "c01=nobody", "c01=steward", "c01=steward@", "c01=steward@a",
    f"c01=auditor@{UNIT}", "*", "*=office", "c01=*", "c0*=office", "c01 =office", "c01=office\0",
    "C01=office", "c01=OFFICE", "c01=office=office", "c01,c02=office", "c01=office,system", "../c01=office",
    "c09=office",
    "c01=office\n", " ", "", "\0", "c01" * 5_000 + "=office", "=".join(["c01"] * 3_000),
    None, 0, 1.5, True, [], [[]],
    ["c01=office"], {}, {"c01": "office"}, {"registry": "c01", "role": "office"},
]  # fmt: skip


def test_what_cannot_be_read_gives_nothing_and_the_log_says_so(
    provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    oidc = made(provider)
    for number, said in enumerate(SAID):
        if isinstance(said, str) and len(said) > 5_000:
            continue
        caplog.clear()
        with caplog.at_level(logging.WARNING, "qualitrace.access"):
            found = oidc.principal(provider.token(sub=f"u{number}", grants=[said, "c02=auditor"]))
        assert given(found) == {("c02", "auditor", frozenset())}, said
        (record,) = caplog.records
        assert record.message == "grants of the identity provider give nothing"
        fields = record.qualitrace_fields  # type: ignore[attr-defined]
        assert (fields["claim"], fields["token"]) == ("grants", f"oidc:u{number}")
        assert len(fields) == 3 or set(fields) >= {"unknown_registries", "registries"}


def test_the_log_names_unknown_registries_once_in_a_while(
    provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    oidc = made(provider)
    token = provider.token(grants=["c09=office", "c01=king", "示例@住址"])
    with caplog.at_level(logging.WARNING, "qualitrace.access"):
        for _ in range(10):
            oidc.principal(token)
    (record,) = caplog.records
    fields = record.qualitrace_fields  # type: ignore[attr-defined]
    assert (fields["unknown_registries"], fields["registries"]) == (1, "c09")
    assert (fields["role"], fields["malformed"]) == (1, 1)
    assert "示例@住址" not in str(fields)


@pytest.mark.parametrize("form", ["{registry}={role}", "/c/{role}/{registry}", "object"])
def test_nothing_that_a_claim_could_say_gives_more_than_it_asks_for(
    provider: IdentityProvider, form: str
) -> None:
    """Whatever is mixed into a claim, what it gives is what its well-formed parts ask for."""
    chance = random.Random(form)
    oidc = made(provider, grants_form=form)
    for _ in range(150):
        asked = {(chance.choice([*THERE, "c09"]), chance.choice(["reader", "auditor", "system", "king"]))
                 for _ in range(chance.randrange(4))}  # fmt: skip
        expected = {(registry, role) for registry, role in asked if registry in THERE and role != "king"}
        noise = chance.sample([one for one in SAID if not (isinstance(one, str) and len(one) > 5_000)], 3)
        if form == "object":
            said: Any = {"c09": noise, "": noise, "*": "office"}
            for registry, role in asked:
                kept = said.setdefault(registry, [])
                kept.append(role)
        else:
            said = [*noise, *(form.format(registry=registry, role=role) for registry, role in asked)]
            chance.shuffle(said)
        found = given(oidc.principal(provider.token(grants=said)))
        assert {(registry, role) for registry, role, units in found if not units} == expected
        assert all(not units for _, _, units in found)


@pytest.mark.parametrize(
    "changed",
    [
        {"grants_form": "{registry}"},
        {"grants_form": "{registry}{role}"},
        {"grants_form": "{role}-{role}-{registry}"},
        {"grants_form": ""},
        {"grants_roles": {"qa": "king"}},
    ],
)
def test_a_form_that_cannot_work_is_refused(provider: IdentityProvider, changed: dict[str, Any]) -> None:
    with pytest.raises(AccessError, match=r"oidc\.grants_"):
        provider.settings(**changed)


def test_grants_are_told_apart_by_registry(provider: IdentityProvider) -> None:
    found = made(provider).principal(provider.token(grants=["c01=auditor", "c01=system", "c02=reader"]))
    assert found.within("c01").roles == {Role.READER, Role.AUDITOR, Role.SYSTEM}
    assert Grant("c02", frozenset({Role.READER})) in found.grants
    assert found.within("c02").roles == {Role.READER}
