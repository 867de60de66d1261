"""What a setting's value must be, alone and beside others (floor 5)."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from qualitrace.errors import SettingsError
from qualitrace.text import Text
from qualitrace.web.declaring import Setting
from qualitrace.web.settings import Listening, Settings
from qualitrace.web.settings_sources import ENVIRONMENT, Given

Place = Callable[[str, str], str]  # section, key → where its value comes from

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_KINDS: Mapping[type, Text] = {
    str: Text(zh="文字", en="text"),
    int: Text(zh="整数", en="a whole number"),
    float: Text(zh="数", en="a number"),
    bool: Text(zh="true 或 false", en="true or false"),
    tuple: Text(zh="文字列表", en="a list of texts"),
}


def value_of(given: Given) -> Any:
    """Return a given value as its setting holds it. Raises SettingsError when it is not of its kind."""
    setting, value = given.setting, given.value
    try:
        value = _written(setting.kind, value) if given.source == ENVIRONMENT else _typed(setting.kind, value)
    except ValueError:
        raise SettingsError(
            Text(
                zh=f"{setting.name} 应为{_KINDS[setting.kind].best('zh')}。",
                en=f"{setting.name} must be {_KINDS[setting.kind].best('en')}.",
            ),
            where=given.where + ("" if setting.declared.secret else f" = {given.value!r}"),
            hint=_example(setting),
        ) from None
    _bounded(setting, value, given.where)
    return value


def _typed(kind: type, value: Any) -> Any:
    """Check a value that has a type of its own, as in TOML. Raises ValueError."""
    if kind is float and type(value) is int:
        return float(value)
    if kind is tuple and isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if type(value) is not kind:
        raise ValueError
    return value


def _written(kind: type, text: str) -> Any:
    """Read a value that is text, as in the environment. Raises ValueError."""
    text = text.strip()
    if kind is bool:
        if text.lower() not in _TRUE | _FALSE:
            raise ValueError
        return text.lower() in _TRUE
    if kind is tuple:
        return tuple(one.strip() for one in text.split(",") if one.strip())
    return kind(text)


def _bounded(setting: Setting, value: Any, where: str) -> None:
    told = setting.declared
    if told.choices and value not in told.choices:
        raise SettingsError(
            Text(zh=f"{setting.name} 没有这个选项。", en=f"{setting.name} has no such choice."),
            where=f"{where} = {value!r}",
            hint=Text(zh=f"可选:{'、'.join(told.choices)}。", en=f"Choose from: {', '.join(told.choices)}."),
        )
    size = len(value) if isinstance(value, tuple) else value
    if not isinstance(size, int | float):
        return
    if not (told.least is None or size >= told.least) or not (told.most is None or size <= told.most):
        raise SettingsError(
            Text(zh=f"{setting.name} 超出范围。", en=f"{setting.name} is out of range."),
            where=where + ("" if told.secret else f" = {value!r}"),
            hint=bounds(setting),
        )


def bounds(setting: Setting) -> Text:
    """Return between what a number must lie; empty where there is no bound."""
    least, most = setting.declared.least, setting.declared.most
    if least is None and most is None:
        return Text()
    if most is None:
        return Text(zh=f"至少 {least}", en=f"at least {least}")
    if least is None:
        return Text(zh=f"至多 {most}", en=f"at most {most}")
    return Text(zh=f"{least} 至 {most}", en=f"{least} to {most}")


def _example(setting: Setting) -> Text:
    shown = {
        str: '"…"', int: "8000", float: "2.5", bool: "true", tuple: '["one", "two"]'
    }[setting.kind]  # fmt: skip
    return Text(zh=f"例如 {setting.key} = {shown}。", en=f"For example {setting.key} = {shown}.")


def contradictions(settings: Settings, place: Place) -> Iterator[SettingsError]:
    """Tell what does not go together. A section may add to it with a method ``contradictions``.

    That method yields (key, what, hint).
    """
    server = settings.server
    yield from _tls(server, place)
    if server.proxies and not server.behind_proxy:
        yield SettingsError(
            Text(
                zh="写明了代理,却没有写明在代理之后。",
                en="Proxies are named, but it is not said to be behind one.",
            ),
            where=place("server", "proxies"),
            hint=Text(zh="请加上 behind_proxy = true。", en="Add behind_proxy = true."),
        )
    if not is_loopback(server.host) and not server.tls_certificate and not server.behind_proxy:
        yield SettingsError(
            Text(zh="在本机以外监听须加密。", en="Listening beyond this machine must be encrypted."),
            where=f"{place('server', 'host')} = {server.host}",
            hint=Text(
                zh="请给出 tls_certificate 与 tls_key;由代理负责 TLS 的,写明 behind_proxy = true。",
                en="Give tls_certificate and tls_key, or state behind_proxy = true where a proxy does TLS.",
            ),
        )
    for proxy in server.proxies:
        if not _is_network(proxy):
            yield SettingsError(
                Text(zh="代理须是 IP 地址或网段。", en="A proxy must be an IP address or a network."),
                where=f"{place('server', 'proxies')}: {proxy}",
                hint=Text(zh="例如 10.0.0.5 或 10.0.0.0/24。", en="For example 10.0.0.5 or 10.0.0.0/24."),
            )
    yield from _across(settings, place)
    for section in Settings.__dataclass_fields__:
        own = getattr(getattr(settings, section), "contradictions", None)
        for key, what, hint in own() if own else ():
            yield SettingsError(what, where=place(section, key), hint=hint)


def _across(settings: Settings, place: Place) -> Iterator[SettingsError]:
    if settings.across.answers and not settings.neo4j.uri:
        yield SettingsError(
            Text(
                zh="跨库服务须有 Neo4j 的地址。", en="A server across registries needs the address of Neo4j."
            ),
            where=place("across", "answers"),
            hint=Text(
                zh="请设置 neo4j.uri,或用 --neo4j neo4j://主机:7687。",
                en="Set neo4j.uri, or give --neo4j neo4j://HOST:7687.",
            ),
        )
    if settings.across.answers and settings.neo4j.answers:
        yield SettingsError(
            Text(
                zh="一个服务只能二选一:回答一个登记库的问题,或回答跨库的问题。",
                en="A server answers for one registry, or for many.",
            ),
            where=place("neo4j", "answers"),
            hint=Text(
                zh="请只留 across.answers,或只留 neo4j.answers。",
                en="Keep across.answers only, or neo4j.answers only.",
            ),
        )


def _tls(server: Listening, place: Place) -> Iterator[SettingsError]:
    if bool(server.tls_certificate) != bool(server.tls_key):
        given, missing = ("tls_certificate", "tls_key")
        if server.tls_key:
            given, missing = missing, given
        yield SettingsError(
            Text(zh="证书与私钥须一起给出。", en="A certificate and its key go together."),
            where=place("server", given),
            hint=Text(zh=f"还缺 {missing}。", en=f"{missing} is missing."),
        )
    elif server.tls_certificate:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
                server.tls_certificate, server.tls_key, password=_no_password
            )
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            yield SettingsError(
                Text(zh="证书与私钥无法使用。", en="The certificate and its key cannot be used."),
                where=f"{place('server', 'tls_certificate')}: {getattr(error, 'reason', None) or error}",
                hint=Text(
                    zh="两者须为 PEM、互相匹配、可以读取,且私钥没有口令。",
                    en="Both must be PEM, belong together and be readable, the key without password.",
                ),
            )


def _no_password() -> str:
    """Keep OpenSSL from asking on the terminal."""
    return ""


def is_loopback(host: str) -> bool:
    """Tell whether an address is of this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
