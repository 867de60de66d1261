"""Tokens that nobody gave: guessed, forged, confused, expired, meant for others."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter

import pytest

from qualitrace.access import Role
from tests.access.identity_provider import IdentityProvider, SigningKey, b64
from tests.attack.serving import NORMAL, Served

ASKED = {"query": NORMAL}
FORGERIES = {
    "no signature": lambda p: p.unsigned(),
    "no signature, in capitals": lambda p: p.unsigned("NONE"),
    "no signature, mixed": lambda p: p.unsigned("nOnE"),
    "the public key as a secret": lambda p: p.confused(roles=["office"]),
    "a key of its own": lambda p: p.embedded(roles=["office"]),
    "another's key": lambda p: p.token(key=SigningKey("k1", "RS256"), roles=["office"]),
    "an unknown key": lambda p: p.token(header={"kid": "nobody"}, roles=["office"]),
    "a key that is a path": lambda p: p.token(header={"kid": "../../../../dev/null"}, roles=["office"]),
    "a key that is SQL": lambda p: p.token(header={"kid": "' OR 1=1 --"}, roles=["office"]),
    "a key of 10,000 characters": lambda p: p.token(header={"kid": "k" * 10_000}, roles=["office"]),
    "no key": lambda p: p.token(header={"kid": None}, key=SigningKey("k9", "RS256"), roles=["office"]),
    "another audience": lambda p: p.token(aud="somebody-else", roles=["office"]),
    "no audience": lambda p: p.token(aud=None, roles=["office"]),
    "another issuer": lambda p: p.token(iss="https://evil.example", roles=["office"]),
    "an issuer that begins alike": lambda p: p.token(iss=p.issuer + ".evil.example", roles=["office"]),
    "expired": lambda p: p.token(exp=int(time.time()) - 4000, iat=int(time.time()) - 5000, roles=["office"]),
    "never expires": lambda p: p.token(exp=None, roles=["office"]),
    "not yet": lambda p: p.token(nbf=int(time.time()) + 4000, roles=["office"]),
    "from the future": lambda p: p.token(iat=int(time.time()) + 40_000, exp=int(time.time()) + 50_000),
    "an expiry that is text": lambda p: p.token(exp="never", roles=["office"]),
    "claims that are a list": lambda p: f"{b64(b'{}')}.{b64(b'[]')}.{b64(b'x')}",
    "claims that are deep": lambda p: f"{b64(b'{}')}.{b64(b'[' * 5000)}.{b64(b'x')}",
    "a header that is deep": lambda p: f"{b64(b'[' * 5000)}.{b64(b'{}')}.{b64(b'x')}",
    "no base64": lambda p: "!!!.???.***",
    "empty parts": lambda p: "..",
    "a critical header": lambda p: p.forged({"alg": "RS256", "kid": "k1", "crit": ["x"]}, b"x"),
    "an algorithm that is a list": lambda p: p.forged({"alg": ["none"], "kid": "k1"}, b""),
    "too long": lambda p: "a." * 9000,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_no_forged_token_is_taken(served: Served, name: str) -> None:
    token = FORGERIES[name](served.provider)
    with served.stranger(f"127.0.1.{1 + list(FORGERIES).index(name)}") as client:
        answer = client.post("/graphql", json=ASKED, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401, answer.text
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNKNOWN_CALLER"


def test_the_provider_s_own_tokens_are_taken(served: Served) -> None:
    """Without this, the tests above could pass because none ever is."""
    headers = {"authorization": f"Bearer {served.provider.token(roles=['reader'])}"}
    with served.stranger("127.0.2.1") as client:
        answer = client.post("/graphql", json=ASKED, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == served.expected


HEADERS = [
    "Basic YWRtaW46YWRtaW4=",
    "Bearer",
    "Bearer null",
    "Bearer =",
    ", Bearer x",
    "bearer bearer x",
    "Token x",
    "Bearer x y",
    "Bearer " + "x" * 60_000,
    "Bearer ' OR '1'='1",
    "Bearer %00",
    "Digest username=x",
]


@pytest.mark.parametrize("value", HEADERS)
def test_no_header_stands_for_a_token(served: Served, value: str) -> None:
    with served.stranger(f"127.0.3.{1 + HEADERS.index(value)}") as client:
        answer = client.post("/graphql", json=ASKED, headers={"authorization": value})
    assert answer.status_code == 401


def test_a_token_is_read_from_one_header_only(served: Served) -> None:
    token = served.token(Role.OFFICE)
    twice = [("authorization", f"Bearer {token}"), ("authorization", "Bearer other")]
    with served.stranger("127.0.4.1") as client:
        ways = [
            client.post(f"/graphql?access_token={token}", json=ASKED),
            client.post("/graphql", json=ASKED, headers={"cookie": f"authorization={token}"}),
            client.post("/graphql", json={**ASKED, "access_token": token}),
            client.post("/graphql", json=ASKED, headers={"x-authorization": f"Bearer {token}"}),
            client.post("/graphql", json=ASKED, headers=twice),
        ]
    assert [one.status_code for one in ways] == [401] * 5


def test_guessing_is_slowed_and_those_who_are_known_are_not(served: Served) -> None:
    """Thousands of attempts: a few are looked at, the others are told to come later."""
    seen: Counter[int] = Counter()
    used = {"authorization": f"Bearer {served.token()}"}
    with served.stranger("127.0.5.1") as client:
        assert client.post("/graphql", json=ASKED, headers=used).status_code == 200
        for number in range(2000):
            guess = {"authorization": f"Bearer qt_{number:040}"}
            answer = client.post("/graphql", json=ASKED, headers=guess)
            seen[answer.status_code] += 1
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) >= 1
            if not number % 100:  # of the same address, but it was good before
                assert client.post("/graphql", json=ASKED, headers=used).status_code == 200
    assert set(seen) == {401, 429}
    assert seen[401] < 200, seen
    with served.stranger("127.0.5.2") as client:  # another address, and a token that is new
        fresh = {"authorization": f"Bearer {served.token()}"}
        assert client.post("/graphql", json=ASKED, headers=fresh).status_code == 200


def test_an_address_that_is_made_up_is_not_believed(served: Served) -> None:
    """Nobody gets more attempts by saying that they come from elsewhere."""
    seen: Counter[int] = Counter()
    with served.stranger("127.0.5.3") as client:
        for number in range(300):
            headers = {
                "authorization": f"Bearer qt_{number:040}",
                "x-forwarded-for": f"10.0.{number % 250}.1",
                "forwarded": f"for=10.0.{number % 250}.1",
                "x-real-ip": f"10.0.{number % 250}.1",
            }
            seen[client.post("/graphql", json=ASKED, headers=headers).status_code] += 1
    assert seen[429] > 100, seen


def test_unknown_keys_do_not_make_the_server_ask_the_provider_each_time(served: Served) -> None:
    def asked() -> int:
        return sum(count for path, count in served.provider.requests.items() if "evil" not in path)

    before = asked()

    def flood(start: int) -> None:
        with served.stranger(f"127.0.6.{1 + start // 50}") as client:
            for number in range(start, start + 50):
                token = served.provider.forged({"alg": "RS256", "kid": f"x{number}"}, b"x" * 256)
                client.post("/graphql", json=ASKED, headers={"authorization": f"Bearer {token}"})

    threads = [threading.Thread(target=flood, args=(at * 50,)) for at in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert asked() - before <= 12  # keys, and where they lie, a few times at most
    assert not any("evil" in path for path in served.provider.requests)


def test_a_refusal_tells_nothing(served: Served) -> None:
    """Whatever is wrong with a token, the answer is the same."""
    expired = served.provider.token(exp=int(time.time()) - 4000, iat=int(time.time()) - 5000)
    answers = set()
    with served.stranger("127.0.7.1") as client:
        for token in ("qt_unknown", expired, served.provider.unsigned(), "x"):
            answer = client.post("/graphql", json=ASKED, headers={"authorization": f"Bearer {token}"})
            answers.add((answer.status_code, json.dumps(answer.json(), sort_keys=True)))
    assert len(answers) == 1


def test_every_kind_is_here() -> None:
    assert len(FORGERIES) >= 28
    assert len(HEADERS) >= 12
    assert IdentityProvider.confused and IdentityProvider.unsigned
