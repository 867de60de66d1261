"""Settings: where they come from, what is checked, how they are shown."""

from __future__ import annotations

import dataclasses
import subprocess
import tomllib
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from qualitrace.errors import SettingsError
from qualitrace.web.declaring import Setting, declared, made
from qualitrace.web.settings import Settings
from qualitrace.web.settings_reading import read_settings, settings_file
from qualitrace.web.settings_shown import example, rows, table

KNOWN = tuple(declared(Settings))
NUMBERS = [one for one in KNOWN if one.kind in (int, float)]
ONCE = [one for one in KNOWN if one.name not in ("server.host",)]


def ids(one: Setting) -> str:
    return one.name


def other(setting: Setting) -> Any:
    """A value that is allowed and is not the default."""
    told = setting.declared
    if told.choices:
        return next(one for one in told.choices if one != setting.default)
    if setting.kind is bool:
        return not setting.default
    if setting.kind is tuple:
        return ("one", "two")
    if setting.kind is str:
        return "elsewhere"
    least = 0 if told.least is None else told.least
    value = setting.kind(least + 1)
    return value if value != setting.default else setting.kind(least + 2)


def written(value: Any) -> str:
    """As an environment variable holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def in_toml(setting: Setting, value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else written(value)
    if isinstance(value, tuple):
        text = str(list(value)).replace("'", '"')
    return f"[{setting.section}]\n{setting.key} = {text}\n"


def problems(file: Path | None = None, environ: Mapping[str, str] | None = None) -> list[SettingsError]:
    with pytest.raises(SettingsError) as caught:
        read_settings(file, environ)
    return list(caught.value.problems)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_every_setting_says_in_both_languages_what_it_is() -> None:
    assert len(KNOWN) > 12
    for one in KNOWN:
        assert one.declared.text.get("zh"), one.name
        assert one.declared.text.get("en"), one.name
        assert one.kind in (str, int, float, bool, tuple), one.name
        if one.kind in (int, float) and not one.optional:
            assert one.declared.least is not None, one.name


def test_no_two_settings_share_a_variable() -> None:
    assert len({one.variable for one in KNOWN}) == len(KNOWN)


def test_without_anything_the_defaults_hold() -> None:
    found = read_settings()
    assert found.settings == Settings()
    assert set(found.origins.values()) == {"default"}


@pytest.mark.parametrize("setting", KNOWN, ids=ids)
def test_a_setting_can_be_given_in_every_place(setting: Setting, file: Path) -> None:
    """Alone it may contradict others; then that is the only complaint, and its value was read."""
    value = other(setting)
    file.write_text(in_toml(setting, value), encoding="utf-8")
    for path, environ, where in (
        (file, {}, f"{file}:2: {setting.name}"),
        (None, {setting.variable: written(value)}, setting.variable),
    ):
        try:
            found = read_settings(path, environ)
        except SettingsError as error:
            for one in error.problems:
                assert where in one.where, one.where
        else:
            assert getattr(getattr(found.settings, setting.section), setting.key) == value
            assert found.origins[setting.name] == where


def test_option_goes_before_environment_before_file_before_default(file: Path) -> None:
    file.write_text("[server]\nport = 1001\nworkers = 2\nstop_within = 5\n[log]\nlevel = 'error'\n", "utf-8")
    environ = {"QUALITRACE_SERVER_PORT": "1002", "QUALITRACE_SERVER_WORKERS": "3"}
    found = read_settings(file, environ, {("server", "port"): 1003, ("server", "host"): None})
    server = found.settings.server
    assert (server.port, server.workers, server.stop_within, server.drain) == (1003, 3, 5.0, 0.0)
    assert found.settings.log.level == "error"
    wanted = {
        "server.port": "--port", "server.workers": "QUALITRACE_SERVER_WORKERS",
        "server.stop_within": f"{file}:4: server.stop_within", "server.drain": "default",
        "server.host": "default",
    }  # fmt: skip
    assert {name: found.origins[name] for name in wanted} == wanted


def test_unknown_names_are_told_with_the_nearest_known_one(file: Path) -> None:
    file.write_text("[server]\nprot = 1\n\n[sever]\nport = 1\n", encoding="utf-8")
    found = problems(file, {"QUALITRACE_SERVER_WORKER": "2", "QUALITRACE_SEVER_HOST": "x"})
    told = {one.where: one.hint.best("en") for one in found}
    assert told == {
        f"{file}:2: server.prot": "Did you mean port?",
        f"{file}:4: [sever]": "Did you mean server?",
        "QUALITRACE_SERVER_WORKER": "Did you mean QUALITRACE_SERVER_WORKERS?",
        "QUALITRACE_SEVER_HOST": "Did you mean QUALITRACE_SERVER_HOST?",
    }


def test_variables_of_the_command_line_are_no_settings() -> None:
    environ = {"QUALITRACE_LANGUAGE": "en", "QUALITRACE_AUTHOR": "示例", "QUALITRACE_SHARED": "x"}
    assert read_settings(None, environ).settings == Settings()


@pytest.mark.parametrize("setting", KNOWN, ids=ids)
def test_a_wrong_type_is_told(setting: Setting, file: Path) -> None:
    file.write_text(f"[{setting.section}]\n\n{setting.key} = 1979-05-27\n", encoding="utf-8")
    (found,) = problems(file)
    assert f"{file}:3: {setting.name}" in found.where
    assert setting.name in found.what["en"] and setting.name in found.what["zh"]
    assert found.hint


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("QUALITRACE_SERVER_PORT", "http"),
        ("QUALITRACE_SERVER_BEHIND_PROXY", "maybe"),
        ("QUALITRACE_SERVER_DRAIN", "1s"),
        ("QUALITRACE_LOG_LEVEL", "loud"),
    ],
)
def test_a_variable_that_cannot_be_read_is_told(variable: str, text: str) -> None:
    (found,) = problems(None, {variable: text})
    assert found.where == f"{variable} = {text!r}"


@pytest.mark.parametrize("setting", NUMBERS, ids=ids)
def test_a_number_out_of_range_is_told_with_its_bounds(setting: Setting) -> None:
    told = setting.declared
    for bound, beyond in ((told.least, -1), (told.most, 1)):
        if bound is not None:
            (found,) = problems(None, {setting.variable: str(setting.kind(bound + beyond))})
            assert str(bound) in found.hint["en"] and str(bound) in found.hint["zh"]


def test_not_a_number_is_out_of_range() -> None:
    (found,) = problems(None, {"QUALITRACE_SERVER_DRAIN": "nan"})
    assert "range" in found.what["en"]


def test_everything_that_is_wrong_is_told_at_once(file: Path) -> None:
    file.write_text("[server]\nport = 'x'\nworkers = 0\nhots = ''\n[log]\nlevel = 3\n", encoding="utf-8")
    environ = {"QUALITRACE_SERVER_STOP_WITHIN": "-1"}
    with pytest.raises(SettingsError) as caught:
        read_settings(file, environ)
    assert len(caught.value.problems) == 5
    for language in ("zh", "en"):
        for one in caught.value.problems:
            assert one.what[language] in caught.value.what[language]
            assert one.where in caught.value.what[language]


@pytest.mark.parametrize(
    ("text", "line"), [("[server]\nport = \n", "line 2"), ("[server]\nport = 1\nport = 2\n", "line 3")]
)
def test_a_file_that_is_no_toml_is_told_with_its_line(file: Path, text: str, line: str) -> None:
    file.write_text(text, encoding="utf-8")
    (found,) = problems(file)
    assert str(file) in found.where and line in found.where


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (found,) = problems(tmp_path / "none.toml")
    assert str(tmp_path / "none.toml") in found.where
    file = tmp_path / "latin.toml"
    file.write_bytes("[server]\n# ä\n".encode("latin-1"))
    assert len(problems(file)) == 1


def test_the_default_file_is_read_if_it_is_there(file: Path) -> None:
    assert settings_file(None, file) is None
    file.touch()
    assert settings_file(None, file) == file
    assert settings_file(Path("named"), file) == Path("named")


def test_a_section_is_no_value(file: Path) -> None:
    file.write_text("server = 3\n", encoding="utf-8")
    (found,) = problems(file)
    assert "[server]" in found.hint["en"]


def test_dotted_keys_are_found_at_their_line(file: Path) -> None:
    file.write_text("# one\nserver.port = 'x'\n", encoding="utf-8")
    assert problems(file)[0].where.startswith(f"{file}:2: server.port")


# ---------------------------------------------------------------- secrets


def test_a_secret_is_read_from_a_file(tmp_path: Path, file: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret-示例\n", encoding="utf-8")
    file.write_text(f"[metrics]\ntoken_file = '{secret}'\n", encoding="utf-8")
    for found in (read_settings(None, {"QUALITRACE_METRICS_TOKEN_FILE": str(secret)}), read_settings(file)):
        assert found.settings.metrics.token == "s3cret-示例"
        assert str(secret) in found.origins["metrics.token"]


def test_a_secret_given_twice_or_not_there_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n", encoding="utf-8")
    name = "QUALITRACE_METRICS_TOKEN"
    for environ in (
        {name: "s3cret", f"{name}_FILE": str(empty)}, {f"{name}_FILE": str(empty)},
        {f"{name}_FILE": str(tmp_path / "none")},
    ):  # fmt: skip
        (found,) = problems(None, environ)
        assert f"{name}_FILE" in found.where
        assert "s3cret" not in str(found)


@pytest.mark.parametrize("setting", [one for one in KNOWN if one.declared.secret], ids=ids)
def test_a_secret_is_never_shown(setting: Setting) -> None:
    marked = "s3cret-never-shown"
    shown = {row["setting"]: row["value"] for row in rows(read_settings(None, {setting.variable: marked}))}
    assert shown[setting.name] == "***"
    assert marked not in str(shown)
    wrong = {setting.variable: marked, "QUALITRACE_SERVER_PORT": "x"}
    with pytest.raises(SettingsError) as caught:
        read_settings(None, wrong)
    assert marked not in str(caught.value)


def test_a_password_in_the_registry_s_address_is_never_shown() -> None:
    found = read_settings(None, {"QUALITRACE_REGISTRY": "postgresql://q:s3cret@db.example/r"})
    assert found.settings.registry.location.count("s3cret") == 1
    assert "s3cret" not in str(list(rows(found)))


# ---------------------------------------------------------------- what does not go together


BEYOND = {"QUALITRACE_SERVER_HOST": "0.0.0.0"}


def test_beyond_this_machine_it_is_encrypted_or_behind_a_proxy(certificate: tuple[str, str]) -> None:
    (found,) = problems(None, BEYOND)
    assert "QUALITRACE_SERVER_HOST" in found.where
    tls = dict(
        zip(("QUALITRACE_SERVER_TLS_CERTIFICATE", "QUALITRACE_SERVER_TLS_KEY"), certificate, strict=True)
    )
    assert read_settings(None, BEYOND | tls).settings.server.tls_key == certificate[1]
    read_settings(None, BEYOND | {"QUALITRACE_SERVER_BEHIND_PROXY": "yes"})
    for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost"):
        read_settings(None, {"QUALITRACE_SERVER_HOST": host})


def test_a_certificate_and_its_key_must_fit(certificate: tuple[str, str], tmp_path: Path) -> None:
    names = ("QUALITRACE_SERVER_TLS_CERTIFICATE", "QUALITRACE_SERVER_TLS_KEY")
    for name, path in zip(names, certificate, strict=True):
        (found,) = problems(None, {name: path})
        assert name in found.where
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("none", encoding="utf-8")
    locked = tmp_path / "locked.pem"
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-in", certificate[1], "-out", str(locked), "-passout", "pass:x"],
        check=True,
    )
    for pair in ((certificate[0], str(garbage)), (certificate[0], str(tmp_path / "none")), certificate[::-1],
                 (certificate[0], str(locked))):  # fmt: skip
        (found,) = problems(None, dict(zip(names, pair, strict=True)))
        assert names[0] in found.where


def test_proxies_must_be_addresses_and_stated() -> None:
    (found,) = problems(None, {"QUALITRACE_SERVER_PROXIES": "10.0.0.5"})
    assert "behind_proxy" in found.hint["en"]
    behind = {"QUALITRACE_SERVER_BEHIND_PROXY": "1"}
    (found,) = problems(None, behind | {"QUALITRACE_SERVER_PROXIES": "10.0.0.0/8,proxy.example"})
    assert found.where.endswith("proxy.example")
    read = read_settings(None, behind | {"QUALITRACE_SERVER_PROXIES": " 10.0.0.5, ::1,10.0.0.0/8 "})
    assert read.settings.server.proxies == ("10.0.0.5", "::1", "10.0.0.0/8")


# ---------------------------------------------------------------- documents made from the declarations


def test_the_example_holds_every_setting_and_changes_nothing(file: Path) -> None:
    text = example()
    file.write_text(text, encoding="utf-8")
    assert read_settings(file).settings == Settings()
    opened = "\n".join(
        line.removeprefix("# ") if line.startswith(tuple(f"# {one.key} = " for one in KNOWN)) else line
        for line in text.splitlines()
    )
    read = tomllib.loads(opened)
    assert {(section, key) for section, held in read.items() for key in held} == {
        (one.section, one.key) for one in KNOWN
    }
    for one in KNOWN:
        assert one.declared.text["zh"] in text and one.declared.text["en"] in text
        if one.declared.example is None and not one.optional:
            value = read[one.section][one.key]
            assert (tuple(value) if isinstance(value, list) else value) == one.default


def test_the_example_file_of_the_repository_is_the_one_that_is_printed(repo_root: Path) -> None:
    kept = (repo_root / "deploy" / "settings.toml").read_text(encoding="utf-8")
    assert kept == example(), "run: qualitrace settings --example > deploy/settings.toml"


def test_the_manual_s_table_is_that_of_the_declarations(repo_root: Path) -> None:
    page = (repo_root / "docs" / "running.md").read_text(encoding="utf-8")
    begin, end = "<!-- settings: made by `qualitrace settings --table` -->\n", "<!-- end of settings -->"
    assert page.partition(begin)[2].partition(end)[0].strip() == table().strip()


def test_settings_are_made_from_any_choice_of_values() -> None:
    places = [((one.section, one.key), other(one)) for one in KNOWN]
    for pair in combinations(places[:6], 2):
        settings = made(Settings, dict(pair))
        for (section, key), value in pair:
            assert getattr(getattr(settings, section), key) == value
    assert dataclasses.is_dataclass(Settings)
