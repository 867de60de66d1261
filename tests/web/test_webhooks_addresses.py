"""Where messages may go, and how they are signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpcore
import pytest

from qualitrace.errors import QueryError
from qualitrace.web.hooks.connecting import (
    Answer,
    RefusedAddressError,
    allowed,
    checked_url,
    looked_up,
    post,
)
from qualitrace.web.hooks.signing import PREFIX, headers, secret_of, signature
from tests.access.certificates import Certificate
from tests.web.hook_receiver import SECRET, Receiver, is_signed

PUBLIC = ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"]
PRIVATE = [
    "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "::1", "fd00::1", "::ffff:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "::127.0.0.1", "::ffff:192.168.1.1",
]  # fmt: skip
NEVER = [
    "0.0.0.0", "::", "169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "224.0.0.1",
    "ff02::1", "64:ff9b::a9fe:a9fe", "nonsense", "",
]  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_may_be_told(address: str) -> None:
    assert allowed(address, private=False) and allowed(address, private=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_may_be_told_when_that_is_said(address: str) -> None:
    assert not allowed(address, private=False)
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", [*NEVER, "100.64.0.1"])
def test_some_addresses_are_never_told(address: str) -> None:
    assert not allowed(address, private=False)
    assert not allowed(address, private=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/", "file:///etc/passwd", "https:///x", "https://u:p@a.example/", "https://a.example/#x",
        "nonsense", "", "https://a.example:99999/", "https://例.example/", "https://a.example/a b",
        "https://a.example/\r\nX: y", "https://a.example/\t",
        "http://8.8.8.8/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://2130706433/",
        "https://0x7f.1/", "https://127.1/", "https://[::ffff:10.0.0.1]/",
    ],
)  # fmt: skip
def test_addresses_that_cannot_be_told_are_refused_when_they_are_added(url: str) -> None:
    with pytest.raises(QueryError):
        checked_url(url, private=False)


def test_a_private_address_is_taken_when_that_is_said(receiver: Receiver) -> None:
    assert checked_url(receiver.url, private=True) == receiver.url
    with pytest.raises(QueryError):
        checked_url("http://169.254.169.254/latest/meta-data", private=True)


def test_the_address_that_is_connected_to_is_the_one_that_was_checked(receiver: Receiver) -> None:
    """A name that means something else the second time it is asked for gains nothing."""
    answers = iter([["10.255.255.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def lookup(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    url = f"http://rebinding.example:{receiver.port}/"
    with pytest.raises(RefusedAddressError):
        post(url, {}, b"{}", private=False, seconds=2, lookup=lookup)
    with pytest.raises(RefusedAddressError):
        post(url, {}, b"{}", private=False, seconds=2, lookup=lookup)
    assert asked == ["rebinding.example"] * 2 and receiver.came == []


def test_of_several_addresses_those_that_may_be_are_tried_in_turn(receiver: Receiver) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        signed = headers(SECRET, "a", int(time.time()), b"{}")
        url = f"http://several.example:{receiver.port}/"
        found = ["169.254.169.254", "127.0.0.2", "127.0.0.1"]
        answer = post(url, signed, b"{}", private=True, seconds=5, lookup=lambda host, port: found)
    assert answer == Answer(204)
    assert receiver.came[0].headers["host"] == f"several.example:{receiver.port}"


def test_the_certificate_is_that_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    certificate = Certificate.of(tmp_path / "told.pem", "told.example")

    def send(name: str, context: ssl.SSLContext | None) -> Answer:
        signed = headers(SECRET, "a", int(time.time()), b"{}")
        url = f"https://{name}:{receiver.port}/"
        return post(
            url,
            signed,
            b"{}",
            private=True,
            seconds=5,
            lookup=lambda host, port: ["127.0.0.1"],
            context=context,
        )

    with Receiver(certificate=certificate) as receiver:
        assert send("told.example", certificate.trusting()) == Answer(204)
        for name, context in (("other.example", certificate.trusting()), ("told.example", None)):
            with pytest.raises(httpcore.ConnectError):
                send(name, context)
        assert len(receiver.came) == 1


def test_a_name_that_cannot_be_one_is_not_looked_up() -> None:
    with pytest.raises(OSError):
        looked_up("a" * 70 + ".example", 443)


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    with Receiver() as other:
        receiver.answer, receiver.headers = lambda number: 307, {"Location": other.url}
        signed = headers(SECRET, "a", int(time.time()), b"{}")
        assert post(receiver.url, signed, b"{}", private=True, seconds=5).status == 307
        assert other.came == []


def test_proxies_of_the_environment_are_not_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    signed = headers(SECRET, "a", int(time.time()), b"{}")
    assert post(receiver.url, signed, b"{}", private=True, seconds=5).status == 204


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000,
        b"nonsense\r\n\r\n",
        b"",
    ],
)
def test_what_is_not_a_short_answer_ends_soon(said: bytes) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                request = b""
                while not request.endswith(b"{}"):  # closed before all was read, the answer may get lost
                    request += connection.recv(65_536)
                try:
                    connection.sendall(said)
                except OSError:
                    return

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        begun = time.monotonic()
        try:
            assert post(url, {}, b"{}", private=True, seconds=30).status == 200
        except (httpcore.ProtocolError, httpcore.NetworkError):
            assert not said.startswith(b"HTTP/1.1 200 OK\r\n\r\n")
        assert time.monotonic() - begun < 30
        thread.join(5)


def test_who_sends_its_answer_byte_by_byte_is_left_at_the_deadline() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500:
                        connection.sendall(bytes([byte]))
                        time.sleep(0.05)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(httpcore.TimeoutException):
            post(url, {}, b"{}", private=True, seconds=0.5)


# ------------------------------------------------------------------ signatures


def test_a_signature_is_the_specifications() -> None:
    body = b'{"test": 2432232314}'
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    wanted = hmac.new(secret, b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + body, hashlib.sha256).digest()
    found = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
    assert found == "v1," + base64.b64encode(wanted).decode()
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="  # the vector of the reference libraries


def test_whoever_changes_anything_is_noticed() -> None:
    at, body = int(time.time()), b'{"a":1}'
    good = headers(SECRET, "m1", at, body)
    assert is_signed(good, body)
    assert not is_signed(good, body + b" ")
    assert not is_signed({**good, "webhook-id": "m2"}, body)
    assert not is_signed({**good, "webhook-timestamp": str(at - 1)}, body)
    assert not is_signed(good, body, b"another secret, long enough also.")
    assert not is_signed(headers(SECRET, "m1", at - 3_600, body), body)


def test_a_message_is_signed_with_every_secret_while_one_is_changed() -> None:
    at, body, other = int(time.time()), b'{"a":1}', b"another secret, long enough also."
    both = headers(other, "m1", at, body, SECRET)
    assert is_signed(both, body)
    assert is_signed(both, body, other)
    assert not is_signed(both, body, b"a third secret, and also long enough.")
    assert (
        both["webhook-signature"] == f"{signature(other, 'm1', at, body)} {signature(SECRET, 'm1', at, body)}"
    )


def test_a_secret_is_read_as_text_or_as_the_specification_writes_it() -> None:
    assert secret_of("  " + "a" * 30 + "\n") == b"a" * 30
    assert secret_of(PREFIX + base64.b64encode(SECRET).decode()) == SECRET


@pytest.mark.parametrize(
    "text", ["", "short", "x" * 65, PREFIX + "!!!", PREFIX, PREFIX + base64.b64encode(b"x" * 8).decode()]
)
def test_a_secret_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        secret_of(text)
