"""``qualitrace webhook``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qualitrace.journal import Journal
from tests.cli.conftest import Program
from tests.web.hook_receiver import SECRET, Received, Receiver, is_signed

SECRETS = (SECRET, b"another secret, long enough also.", b"a third secret, and also long enough.")


@pytest.fixture
def made(program: Program, registry_file: Path) -> Program:
    Journal.create(
        registry_file, {"profile": "https://example.org/p", "base": "https://example.org/id/"}
    ).close()
    return program


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_bytes(SECRET + b"\n")
    return file


def test_a_webhook_is_added_tried_listed_and_removed(made: Program, secret: Path) -> None:
    with Receiver() as receiver:
        options = ("--secret-file", secret, "--events", "changes, findings", "--allow-private", "--json")
        added = made("webhook", "add", receiver.url, *options)
        assert added.exit_code == 0, added.output
        hook = json.loads(added.stdout)
        assert hook["events"] == ["changes", "findings"] and hook["state"] == "active"
        assert made("webhook", "test", hook["id"]).exit_code == 0
        (came,) = receiver.came
        assert came.signed and came.said["type"] == "test" and came.said["data"] == {}
        receiver.answer = lambda number: 500
        failed = made("webhook", "test", hook["id"], "--json")
        assert failed.exit_code == 2 and json.loads(failed.stdout)["problem"] == "HTTP 500"
    listed = made("webhook", "list")
    assert (
        hook["id"] in listed.stdout
        and SECRET.decode() not in listed.stdout + made("webhook", "list", "--json").stdout
    )
    assert made("webhook", "resume", hook["id"]).exit_code == 0
    assert made("webhook", "remove", hook["id"]).exit_code == 0
    assert json.loads(made("webhook", "list", "--json").stdout) == []
    for command in ("remove", "resume", "test"):
        assert made("webhook", command, hook["id"]).exit_code == 2


def test_a_secret_is_changed_while_both_sign(made: Program, secret: Path, tmp_path: Path) -> None:
    new, third = tmp_path / "new", tmp_path / "third"
    new.write_bytes(SECRETS[1])
    third.write_bytes(SECRETS[2])

    def known(came: Received) -> list[bool]:
        return [is_signed(came.headers, came.body, one) for one in SECRETS]

    with Receiver() as receiver:
        options = ("--secret-file", secret, "--allow-private", "--json")
        hook = json.loads(made("webhook", "add", receiver.url, *options).stdout)["id"]
        told = []
        for arguments in (
            None,
            ("--secret-file", new),
            ("--secret-file", third, "--overlap", "1"),
            ("--secret-file", secret, "--overlap", "0"),
        ):
            if arguments:
                assert made("webhook", "rotate", hook, *arguments).exit_code == 0
            assert made("webhook", "test", hook).exit_code == 0
            told.append(known(receiver.came[-1]))
    assert told == [[True, False, False], [True, True, False], [True, True, True], [True, False, False]]
    for wrong in (("x", "--secret-file", new), (hook, "--secret-file", secret), (hook,)):
        assert made("webhook", "rotate", *wrong).exit_code == 2
    listed = made("webhook", "list", "--json").stdout
    assert not any(one.decode() in listed for one in SECRETS)


def test_what_cannot_be_told_is_refused(made: Program, secret: Path, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("short", encoding="utf-8")
    good = ("--secret-file", secret)
    for arguments in (
        ("http://127.0.0.1:9/", *good),
        ("https://127.0.0.1:9/", *good),
        ("http://169.254.169.254/", *good, "--allow-private"),
        ("https://8.8.8.8/", "--secret-file", short),
        ("https://8.8.8.8/", "--secret-file", tmp_path / "none"),
        ("https://8.8.8.8/", *good, "--events", "everything"),
        ("https://8.8.8.8/", *good, "--events", ","),
    ):
        result = made("webhook", "add", *arguments)
        assert result.exit_code == 2 and "where" in result.stderr, arguments
    assert json.loads(made("webhook", "list", "--json").stdout) == []
