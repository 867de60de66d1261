"""``[oidc]`` and ``[webhooks]`` as they are written in a settings file."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualitrace.access.oidc_settings import OidcSettings
from qualitrace.errors import SettingsError
from qualitrace.web.settings_access import Hooking, Identity
from qualitrace.web.settings_reading import read_settings

FILE = """
[oidc]
issuer = "https://id.college.example/realms/college"
audience = ["qualitrace", "account"]
algorithms = ["ES256"]
roles_claim = "realm_access.roles"
roles = ["qa-office = office", "a=b = auditor"]
units = ["d07 = unit/d07"]
default_role = "reader"
skew_seconds = 30

[webhooks]
tries = 3
"""


def read(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> tuple[Identity, Hooking]:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    found = read_settings(file, environ or {}).settings
    return found.oidc, found.webhooks


def test_what_a_file_says_is_what_access_takes(tmp_path: Path) -> None:
    identity, hooking = read(tmp_path, FILE)
    assert identity.oidc() == OidcSettings(
        issuer="https://id.college.example/realms/college",
        audience=("qualitrace", "account"),
        algorithms=("ES256",),
        roles_claim="realm_access.roles",
        roles={"qa-office": "office", "a=b": "auditor"},
        units={"d07": "unit/d07"},
        default_role="reader",
        skew_seconds=30,
    )
    assert hooking.tries == 3


def test_every_setting_of_the_provider_can_be_written(tmp_path: Path) -> None:
    assert set(OidcSettings.__dataclass_fields__) == set(Identity.__dataclass_fields__)
    assert Identity().oidc() == OidcSettings()


def test_without_a_file_no_provider_is_asked(tmp_path: Path) -> None:
    identity, hooking = read(tmp_path, "")
    assert not identity.oidc().used and hooking.enabled


def test_the_environment_says_it_too(tmp_path: Path) -> None:
    environ = {"QUALITRACE_OIDC_ROLES": "x = auditor, y = reader"}
    identity, _ = read(tmp_path, FILE, environ)
    assert identity.oidc().roles == {"x": "auditor", "y": "reader"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('audience = []', "oidc.audience"),
        ('issuer = "http://id.college.example"', "oidc.issuer"),
        ('algorithms = ["HS256"]', "oidc.algorithms"),
        ('algorithms = ["none"]', "oidc.algorithms"),
        ('roles = ["qa-office"]', "oidc.roles"),
        ('roles = ["qa-office = king"]', "oidc.roles"),
        ('default_role = "office"', "oidc.default_role"),
        ("skew_seconds = 6000", "oidc.skew_seconds"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_told_at_the_start(tmp_path: Path, line: str, told: str) -> None:
    key = line.partition(" ")[0]
    text = "\n".join(line if kept.startswith(f"{key} ") else kept for kept in FILE.splitlines())
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert key in str(caught.value) and told.partition(".")[2] in str(caught.value)
