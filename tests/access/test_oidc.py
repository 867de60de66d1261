"""Tokens of an identity provider, really signed, fetched over real HTTP."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from pathlib import Path

import pytest

from qualitrace.access.book import AccessBook
from qualitrace.access.model import Role
from qualitrace.access.oidc import Oidc
from qualitrace.access.oidc_settings import ALGORITHMS, OidcSettings
from qualitrace.errors import (
    AccessError,
    ForbiddenError,
    UnavailableError,
    UnknownCallerError,
    UnknownNodeError,
)
from qualitrace.journal import Journal
from qualitrace.text import Text
from tests.access.certificates import Certificate
from tests.access.identity_provider import AUDIENCE, IdentityProvider, SigningKey, b64

KEYS = "/realms/college/keys"
UNIT = "https://example.org/id/unit/7"


@pytest.fixture
def oidc(provider: IdentityProvider) -> Oidc:
    return Oidc(provider.settings())


def refused(oidc: Oidc, token: str) -> UnknownCallerError:
    with pytest.raises(UnknownCallerError) as caught:
        oidc.principal(token)
    return caught.value


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_a_signed_token_is_taken(algorithm: str) -> None:
    with IdentityProvider(algorithm) as provider:
        found = Oidc(provider.settings()).principal(provider.token(roles=["auditor"]))
    assert (found.name, found.roles, found.token) == ("示例用户", {Role.AUDITOR}, "oidc:u-示例")


def test_a_token_that_nobody_may_take_is_refused(provider: IdentityProvider, oidc: Oidc) -> None:
    at = int(time.time())
    stranger = SigningKey("k1", "RS256")
    good, own = provider.token(), provider.current.private
    body, signature = good.rsplit(".", 1)
    wrong = {
        "alg none": provider.unsigned("none"),
        "alg None": provider.unsigned("None"),
        "alg empty": provider.unsigned(""),
        "HS256 with the public key": provider.confused(),
        "another's signature": provider.token(key=stranger),
        "a key that it brings along": provider.embedded(),
        "no signature": body + ".",
        "half a signature": body + "." + signature[: len(signature) // 2],
        "another body": provider.token(sub="a").split(".")[0] + "." + good.split(".")[1] + "." + "AAAA",
        "algorithm not on the list": provider.token(key=SigningKey("k1", "RS384", private=own)),
        "wrong audience": provider.token(aud="another"),
        "no audience": provider.token(aud=None),
        "wrong issuer": provider.token(iss="https://elsewhere.example"),
        "no issuer": provider.token(iss=None),
        "expired": provider.token(exp=at - 120),
        "never expires": provider.token(exp=None),
        "not yet": provider.token(nbf=at + 120),
        "issued tomorrow": provider.token(iat=at + 86_400, exp=at + 90_000),
        "issued long ago": provider.token(iat=at - 90_000, exp=at + 300),
        "no time of issue": provider.token(iat=None),
        "no subject": provider.token(sub=None),
        "a subject that is no text": provider.token(sub=7),
        "time as text": provider.token(iat=str(at)),
        "critical extension": provider.token(header={"crit": ["b64"], "b64": True}),
        "unknown key": provider.token(header={"kid": "k9"}),
        "key that is no text": provider.forged({"alg": "RS256", "kid": 7}),
        "not JSON": "e30.x.y",
        "too long": provider.token(padding="x" * 20_000),
        "three dots": "a.b.c",
        "empty parts": "..",
    }  # fmt: skip
    assert oidc.principal(good).name == "示例用户"
    texts = set()
    for what, token in wrong.items():
        try:
            found = oidc.principal(token)
        except UnknownCallerError as error:
            texts.add(str(error))
        else:
            pytest.fail(f"taken: {what}: {found}")
    assert len(texts) == 1
    assert oidc.principal(good).name == "示例用户"


WEIRD = [None, 0, -1, 1.5, 1e400, "", "\0", [], [[]], {}, {"a": 1}, True, "9" * 5_000, 2**70, -(2**70), "1e5"]


def test_whatever_a_token_says_it_is_taken_or_refused(provider: IdentityProvider, oidc: Oidc) -> None:
    """Nothing that somebody could write into a token, signed or not, is an error of another kind."""
    chance = random.Random(7)
    came = {"taken": 0, "refused": 0}
    deep = b64(b"[" * 6_000)
    tokens = [f"{deep}.e30.x", f"{deep}.{deep}.{deep}", b64(b'{"alg":"RS256","x":' + b"[" * 6_000) + ".e30.x"]
    for _ in range(600):
        names = chance.sample(["alg", "kid", "typ", "crit", "b64", "jwk", "zip"], 2)
        header = {"alg": "RS256", "kid": "k1"} | {name: chance.choice(WEIRD) for name in names}
        tokens.append(provider.forged(header, chance.randbytes(chance.choice([0, 1, 256]))))
        names = chance.sample(["iss", "aud", "exp", "nbf", "iat", "roles", "units", "preferred_username"], 2)
        with contextlib.suppress(TypeError):  # that one cannot be written
            tokens.append(
                provider.token(**{"roles": ["steward"]} | {name: chance.choice(WEIRD) for name in names})
            )
    for token in tokens:
        try:
            found = oidc.principal(token)
        except (UnknownCallerError, ForbiddenError):
            came["refused"] += 1
        else:
            came["taken"] += 1
            assert found.roles == {Role.STEWARD} and isinstance(found.name, str)
    assert came["refused"] > 1_000 and came["taken"] > 0


def test_clocks_may_differ_by_the_skew(provider: IdentityProvider) -> None:
    at, oidc = int(time.time()), Oidc(provider.settings(skew_seconds=30))
    assert oidc.principal(provider.token(exp=at - 20, iat=at - 300))
    assert oidc.principal(provider.token(nbf=at + 20, iat=at + 20))
    refused(oidc, provider.token(exp=at - 40, iat=at - 300))
    refused(oidc, provider.token(nbf=at + 40))


def test_one_of_several_audiences_is_enough(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(audience=("other", AUDIENCE)))
    assert oidc.principal(provider.token(aud=["account", AUDIENCE]))
    refused(oidc, provider.token(aud=["account"]))


def test_claims_that_are_required_must_be_there(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(required_claims=("acr",)))
    refused(oidc, provider.token())
    assert oidc.principal(provider.token(acr="2"))


def test_the_type_of_a_token_may_be_required(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(token_type="at+jwt"))
    refused(oidc, provider.token())
    assert oidc.principal(provider.token(header={"typ": "at+jwt"}))
    assert oidc.principal(provider.token(header={"typ": "application/at+JWT"}))


# ------------------------------------------------------------------ roles and units


def test_roles_come_from_a_claim_inside_another(provider: IdentityProvider) -> None:
    settings = provider.settings(
        roles_claim="realm_access.roles", roles={"qa-office": "office", "qa-audit": "auditor"}
    )
    oidc = Oidc(settings)
    token = provider.token(realm_access={"roles": ["qa-office", "offline_access", "qa-audit", 7]})
    assert oidc.principal(token).roles == {Role.OFFICE, Role.AUDITOR}


def test_a_claim_with_dots_in_its_name_is_found(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(roles_claim="https://id.example/roles"))
    assert oidc.principal(provider.token(**{"https://id.example/roles": "office"})).roles == {Role.OFFICE}


def test_scopes_count_word_by_word(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(roles_claim="scope"))
    assert oidc.principal(provider.token(scope="openid auditor email")).roles == {Role.AUDITOR}


@pytest.mark.parametrize("roles", [None, [], ["unknown"], "office2", {"office": True}, 7])
def test_who_has_no_role_is_refused_unless_there_is_one_for_everybody(
    provider: IdentityProvider, roles: object
) -> None:
    token = provider.token(roles=roles)
    with pytest.raises(ForbiddenError):
        Oidc(provider.settings()).principal(token)
    assert Oidc(provider.settings(default_role="reader")).principal(token).roles == {Role.READER}


def test_a_role_is_not_given_by_its_name_alone(provider: IdentityProvider) -> None:
    with pytest.raises(ForbiddenError):
        Oidc(provider.settings(roles={"qa": "reader"})).principal(provider.token(roles=["office"]))


def test_units_are_mapped_and_resolved(provider: IdentityProvider) -> None:
    asked: list[str] = []

    def resolve(name: str) -> str:
        asked.append(name)
        if name != "第七组":
            raise UnknownNodeError(Text(en="unknown"))
        return UNIT

    oidc = Oidc(provider.settings(units={"d7": "第七组", "d8": "第八组"}), resolve)
    token = provider.token(roles=["steward"], units=["d7", "d8", "d9"])
    assert oidc.principal(token).units == {UNIT}
    assert oidc.principal(token).units == {UNIT}
    assert asked == ["第七组", "第八组"]
    assert oidc.principal(provider.token(roles=["reader"], units=["d7"])).units == frozenset()


def test_units_are_named_by_identifier_where_nothing_resolves(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings())
    assert oidc.principal(provider.token(roles=["steward"], units=[UNIT, "x"])).units == {UNIT}


@pytest.mark.parametrize("name", [None, "", "  ", 7, ["a"]])
def test_the_subject_stands_in_for_a_name(provider: IdentityProvider, name: object) -> None:
    assert Oidc(provider.settings()).principal(provider.token(preferred_username=name)).name == "u-示例"


# ------------------------------------------------------------------ keys


def test_keys_are_fetched_once_and_kept(provider: IdentityProvider, oidc: Oidc) -> None:
    for _ in range(20):
        oidc.principal(provider.token())
    assert provider.requests == {"/realms/college/.well-known/openid-configuration": 1, KEYS: 1}


def test_a_new_key_is_fetched_when_a_token_names_it(provider: IdentityProvider, oidc: Oidc) -> None:
    old = provider.token()
    oidc.principal(old)
    provider.rotate(algorithm="ES256")
    assert oidc.principal(provider.token()).name == "示例用户"
    refused(oidc, old)  # its key is no longer published
    provider.rotate(keep=True)
    both = provider.published[0], provider.published[1]
    assert all(oidc.principal(provider.token(key=key)) for key in both)


def test_tokens_with_unknown_keys_do_not_make_it_ask_all_the_time(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(refetch_seconds=60))
    oidc.principal(provider.token())
    for number in range(50):
        refused(oidc, provider.token(header={"kid": f"guess{number}"}))
    assert provider.requests[KEYS] == 1
    assert oidc.principal(provider.token())


def test_known_keys_go_on_while_the_provider_is_away(
    provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    oidc = Oidc(provider.settings(keys_seconds=1))
    token = provider.token()
    oidc.principal(token)
    provider.away = True
    time.sleep(1.05)
    with caplog.at_level(logging.WARNING, "qualitrace.access"):
        for _ in range(5):
            assert oidc.principal(token)
            time.sleep(0.05)
    assert "keys of the identity provider not fetched" in caplog.text
    refused(oidc, provider.token(header={"kid": "new"}))
    provider.close()
    assert oidc.principal(token)
    assert token not in caplog.text


def test_without_any_key_the_provider_being_away_is_said(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(refetch_seconds=60))
    provider.away = True
    for _ in range(3):
        with pytest.raises(UnavailableError) as caught:
            oidc.principal(provider.token())
    assert caught.value.where == provider.issuer
    assert sum(provider.requests.values()) == 1


def test_the_provider_comes_back(provider: IdentityProvider, oidc: Oidc) -> None:
    provider.away = True
    with pytest.raises(UnavailableError):
        oidc.principal(provider.token())
    provider.away = False
    assert oidc.principal(provider.token())


def test_old_keys_are_replaced_without_anybody_waiting(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(keys_seconds=1, timeout_seconds=60))
    old = provider.token()
    oidc.principal(old)
    provider.rotate()
    provider.held = threading.Event()
    time.sleep(1.05)
    begun = time.monotonic()
    assert oidc.principal(old)
    assert time.monotonic() - begun < 60
    provider.held.set()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            oidc.principal(old)
        except UnknownCallerError:
            return
        time.sleep(0.05)
    pytest.fail("a key that is no longer published is still taken")


def test_a_slow_provider_holds_up_a_few_requests_for_a_bounded_time(provider: IdentityProvider) -> None:
    oidc = Oidc(provider.settings(timeout_seconds=0.5, refetch_seconds=60))
    provider.delay = 30.0
    came: list[type[Exception]] = []

    def ask() -> None:
        try:
            oidc.principal(provider.token())
        except (UnavailableError, UnknownCallerError) as error:
            came.append(type(error))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == [UnavailableError] * 12
    assert time.monotonic() - begun < provider.delay
    assert sum(provider.requests.values()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"issuer_said": "https://elsewhere.example"},
        {"jwks_uri": "http://elsewhere.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"padding": 300_000},
        {"redirect": "https://elsewhere.example/"},
    ],
)
def test_what_a_provider_must_not_say_is_not_followed(
    provider: IdentityProvider, change: dict[str, object]
) -> None:
    for name, value in change.items():
        setattr(provider, name, value)
    with pytest.raises(UnavailableError):
        Oidc(provider.settings()).principal(provider.token())


def test_a_redirect_of_the_keys_is_not_followed(provider: IdentityProvider) -> None:
    with IdentityProvider() as other:
        other.redirect = provider.issuer + "/keys"
        provider.jwks_uri = other.issuer + "/keys"
        with pytest.raises(UnavailableError):
            Oidc(provider.settings()).principal(provider.token())
        assert sum(other.requests.values()) == 1 and KEYS not in provider.requests


def test_a_provider_is_believed_by_its_certificate_only(tmp_path: Path) -> None:
    own, other = (Certificate.of(tmp_path / name, "127.0.0.1") for name in ("own.pem", "other.pem"))
    with IdentityProvider(certificate=own) as provider:
        trusting = Oidc(provider.settings(ca_file=str(own.file)))
        assert trusting.principal(provider.token()).name == "示例用户"
        for settings in (provider.settings(), provider.settings(ca_file=str(other.file))):
            with pytest.raises(UnavailableError):
                Oidc(settings).principal(provider.token())


def test_keys_that_are_none_are_passed_over(provider: IdentityProvider, oidc: Oidc) -> None:
    shared = {"kty": "oct", "k": "AAAA", "kid": "shared", "alg": "HS256"}
    provider.extra_keys = [
        shared,
        {"kty": "new"},
        {"kty": "RSA", "n": "!", "e": "?"},
        {**provider.current.jwk, "use": "enc"},
    ]
    assert oidc.principal(provider.token())


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits")
def test_a_short_key_is_not_taken() -> None:
    with IdentityProvider() as provider:
        provider.published = [SigningKey("k1", "RS256", bits=1024)]
        refused(Oidc(provider.settings()), provider.token())


def test_a_key_is_not_used_for_another_algorithm_than_its_own(provider: IdentityProvider, oidc: Oidc) -> None:
    other = SigningKey("k1", "PS256", private=provider.current.private)
    refused(oidc, provider.token(key=other))


def test_without_a_name_of_the_key_there_must_be_one_only(provider: IdentityProvider, oidc: Oidc) -> None:
    assert oidc.principal(provider.token(header={"kid": None}))
    provider.rotate(keep=True)
    oidc.principal(provider.token())
    refused(oidc, provider.token(header={"kid": None}))


# ------------------------------------------------------------------ settings, and both kinds of tokens


@pytest.mark.parametrize(
    "given",
    [
        {"algorithms": ("HS256",)},
        {"algorithms": ("none",)},
        {"algorithms": ()},
        {"audience": ()},
        {"audience": ("",)},
        {"issuer": "http://id.example"},
        {"issuer": "ftp://id.example"},
        {"issuer": "https://user@id.example"},
        {"issuer": "nonsense"},
        {"roles": {"a": "king"}},
        {"default_role": "king"},
        {"skew_seconds": -1},
        {"skew_seconds": 3_600},
        {"timeout_seconds": 0},
        {"ca_file": "/nowhere/ca.pem"},
    ],
)
def test_settings_that_are_not_safe_are_refused(given: dict[str, object]) -> None:
    good = {"issuer": "https://id.example", "audience": ("a",)}
    assert OidcSettings(**good).used  # type: ignore[arg-type]
    with pytest.raises(AccessError):
        OidcSettings(**{**good, **given})  # type: ignore[arg-type]


def test_no_algorithm_with_a_shared_secret_is_on_the_list() -> None:
    assert not any(name.startswith("HS") or name.lower() == "none" for name in ALGORITHMS)


def test_a_book_takes_both_kinds_of_tokens(tmp_path: Path, provider: IdentityProvider) -> None:
    Journal.create(tmp_path / "r.db", {"profile": "p", "base": "b/"}).close()
    told: list[str] = []
    book = AccessBook.open(tmp_path / "r.db", provider=Oidc(provider.settings()), refused=told.append)
    _, secret = book.tokens.make("示例", [Role.OFFICE], expires=None, by="t")
    assert book.principal(secret).roles == {Role.OFFICE}
    assert book.principal(provider.token()).roles == {Role.READER}
    errors = []
    for credential in ("guess", provider.unsigned()):
        with pytest.raises(UnknownCallerError) as caught:
            book.principal(credential)
        errors.append(str(caught.value))
    assert errors[0] == errors[1] and told == ["malformed", "provider"]
