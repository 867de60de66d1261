"""Identifiers are IRIs, addresses are URIs: from one to the other, and back."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualitrace.store import valid_iri
from qualitrace.web.linked_data_addresses import Addresses, candidates, encoded

BASE = "https://college.example/id/"
HERE = Addresses(BASE, "http://127.0.0.1:8000/id/", "http://127.0.0.1:8000/describe")


def path(local: str) -> bytes:
    return encoded(local).encode("ascii")


@pytest.mark.parametrize(
    "local",
    [
        "unit/教务处",
        "duty/教务处/JW01",
        "a%2Fb",
        "a%20b",
        "a+b,c;d=e",
        "x(1)!$&'*@:",
        "café",
        "cafe\u0301",
        "x.ttl",
        "..",
        "a//b/",
        "~user",
        "%E6%95%99",
        "𠮷野家",
    ],
)
def test_there_and_back(local: str) -> None:
    assert BASE + local in candidates(BASE, path(local))


@given(st.text(st.characters(min_codepoint=0x21), min_size=1, max_size=20))
def test_any_identifier_is_found_by_its_address(local: str) -> None:
    if valid_iri(BASE + local) and not set(local) & set("?#%"):
        assert BASE + local in candidates(BASE, path(local))


@given(st.binary(max_size=40))
def test_any_octets_lead_to_identifiers_or_to_nothing(sent: bytes) -> None:
    assert all(valid_iri(name) for name in candidates(BASE, sent))


@pytest.mark.parametrize(
    ("sent", "local"),
    [
        (b"unit/%E6%95%99%E5%8A%A1%E5%A4%84", "unit/教务处"),
        (b"unit/%e6%95%99%e5%8a%a1%e5%a4%84", "unit/教务处"),  # RFC 3986, 6.2.2.1: case of the digits
        ("unit/教务处".encode(), "unit/教务处"),  # sent as it is
        (b"%75nit/a", "unit/a"),  # 6.2.2.2: what need not be encoded
        (b"a%2fb", "a%2Fb"),  # an encoded slash is no slash
        (b"x%281%29", "x(1)"),
        (b"caf%C3%A9", "café"),
        (b"cafe%CC%81", "café"),  # RFC 3987, 5.3.2.2: composed
        (b"a%20b", "a%20b"),  # an IRI holds no space
        (b"a%E2%80%AEb", "a%E2%80%AEb"),  # nor what turns the direction of text
        (b"a%FFb", "a%FFb"),  # nor what is no UTF-8
        (b"a%00b", "a%00b"),
    ],
)
def test_what_an_address_means(sent: bytes, local: str) -> None:
    assert BASE + local in candidates(BASE, sent)


@pytest.mark.parametrize(
    "sent", [b"a%zz", b"a%2", b"a b", b"<script>", b"a{b}", b'a"b', b"a\\b", b"a|b", b"a^b"]
)
def test_what_is_no_identifier(sent: bytes) -> None:
    names = candidates(BASE, sent)
    assert all(valid_iri(name) for name in names)


def test_addresses_are_ascii_and_stay_what_they_are() -> None:
    address = HERE.of(BASE + "unit/教务处/a%2Fb", "ttl")
    assert address.isascii()
    assert address == "http://127.0.0.1:8000/id/unit/%E6%95%99%E5%8A%A1%E5%A4%84/a%2Fb.ttl"
    assert unquote_to_bytes(address).decode().startswith("http://127.0.0.1:8000/id/unit/教务处/")


def test_what_is_not_below_the_base_is_described_elsewhere() -> None:
    other = "https://w3id.org/qualitrace/qa#Duty"
    assert HERE.of(other, "nt") == (
        "http://127.0.0.1:8000/describe.nt?iri=https%3A%2F%2Fw3id.org%2Fqualitrace%2Fqa%23Duty"
    )
