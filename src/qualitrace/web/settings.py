"""The settings of a server (floor 5): one TOML file and environment variables, checked at the start.

A section is a frozen dataclass whose fields are made by :func:`setting`, which says what a value may be and
what it means; :class:`Settings` lists the sections. Nothing else is needed for a new one: reading, checking,
``qualitrace settings`` and docs/running.md go by the declarations.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qualitrace.web.declaring import setting
from qualitrace.web.limit_settings import LimitSettings
from qualitrace.web.settings_access import Hooking, Identity
from qualitrace.web.settings_across import Crossing
from qualitrace.web.settings_neo4j import Graphs
from qualitrace.web.subscription_settings import Subscribing


@dataclass(frozen=True, slots=True)
class Opening:
    """``[registry]``: what is served."""

    location: str = setting(
        "registry.db",
        zh="登记库:SQLite 文件,或 postgresql:// 地址(密码请放在 PGPASSWORD 或 ~/.pgpass)。",
        en="The registry: a SQLite file or a postgresql:// address (keep its password in PGPASSWORD or "
        "~/.pgpass).",
        environment="QUALITRACE_REGISTRY",
    )
    profile: str = setting(
        "",
        zh="配置目录;不写则用随附配置。",
        en="The profile's directory; empty for the one shipped.",
        environment="QUALITRACE_PROFILE",
    )
    memory_facts: int = setting(
        2_000_000,
        zh="从检查点打开的大登记库,事实不超过这么多的,启动后在后台移入内存(每百万条约 0.5 GB),"
        "回答更快;0 为从不。",
        en="A large registry that is opened from its checkpoint on disk goes on in memory soon after the "
        "start, if it holds at most so many facts (some 0.5 GB a million): it answers quicker; 0: never.",
        least=0,
    )


@dataclass(frozen=True, slots=True)
class Listening:
    """``[server]``: where and how it listens."""

    host: str = setting(
        "127.0.0.1",
        zh="监听地址。本机以外须设置访问权限,并有 TLS 或反向代理。",
        en="The address it listens on. Beyond this machine, access must be configured, with TLS or a proxy.",
    )
    port: int = setting(
        8000, zh="端口;0 为任一空闲端口。", en="The port; 0 for any free one.", least=0, most=65535
    )
    names: tuple[str, ...] = setting(
        (),
        zh="请求可用的主机名(本机的名称总是可以);其他一律拒绝。",
        en="Host names that requests may use, beside those of this machine; any other is refused.",
        example=["quality.college.example"],
    )
    workers: int = setting(
        1,
        zh="同一登记库由几个进程应答。",
        en="How many processes answer for the one registry.",
        least=1,
        most=64,
    )
    tls_certificate: str = setting(
        "", zh="TLS 证书(PEM,含中间证书)。", en="The TLS certificate (PEM, with its chain)."
    )
    tls_key: str = setting("", zh="TLS 私钥(PEM)。", en="The TLS certificate's key (PEM).")
    behind_proxy: bool = setting(
        False,
        zh="由反向代理负责 TLS;没有证书而在本机以外监听时须写明。",
        en="A proxy in front does TLS; must be stated to listen beyond this machine without a certificate.",
    )
    proxies: tuple[str, ...] = setting(
        (),
        zh="可以相信其 X-Forwarded-For/Proto 的代理地址或网段;其他地址的一律不信。",
        en="Addresses or networks of the proxies whose X-Forwarded-For and -Proto are believed; no others'.",
        example=["10.0.0.5"],
    )
    drain: float = setting(
        0.0,
        zh="收到停止信号后还接受新连接几秒,期间 /readyz 为 503(供负载均衡器转走请求)。",
        en="Seconds that new connections are still taken after the signal to stop, with /readyz at 503, so "
        "that a load balancer turns elsewhere.",
        least=0,
        most=300,
    )
    stop_within: float = setting(
        30.0,
        zh="停止时最多等正在处理的请求几秒。",
        en="Seconds that requests under way are waited for when it stops.",
        least=0,
        most=600,
    )


@dataclass(frozen=True, slots=True)
class Logging:
    """``[log]``: what is written to stderr."""

    level: str = setting(
        "info",
        zh="写哪些:warning 时不写每个请求。",
        en="What is written; at warning, requests are not.",
        choices=("debug", "info", "warning", "error"),
    )
    form: str = setting(
        "auto",
        zh="auto:终端上为文字,否则为 JSON 行。",
        en="auto: text on a terminal, else JSON lines.",
        choices=("auto", "json", "text"),
    )


@dataclass(frozen=True, slots=True)
class Measuring:
    """``[metrics]``: /metrics, for Prometheus."""

    enabled: bool = setting(True, zh="是否提供 /metrics。", en="Whether /metrics is served.")
    token: str = setting(
        "",
        zh="从本机以外读取 /metrics 所需的令牌(Authorization: Bearer);没有则只答本机。",
        en="What /metrics asks for from beyond this machine (Authorization: Bearer); without one only this "
        "machine is answered.",
        secret=True,
    )


@dataclass(frozen=True, slots=True)
class Querying:
    """``[sparql]``: what a SPARQL query may take."""

    seconds: float = setting(
        30.0, zh="一个查询最多运行几秒。", en="Seconds that a query may run.", least=0.1, most=3600
    )
    megabytes: int = setting(
        512,
        zh="一个查询最多另占多少内存(MB)。",
        en="Memory that a query may take (MB), beside the registry's own.",
        least=16,
        most=1_000_000,
    )
    answer_megabytes: int = setting(
        32,
        zh="一个查询结果最多多大(MB);超过则报错,不截断。",
        en="How large an answer may be (MB); a larger one is an error, never cut.",
        least=1,
        most=2000,
    )
    at_once: int = setting(2, zh="同时运行几个查询。", en="How many queries run at a time.", least=1, most=64)
    waiting: int = setting(8, zh="最多几个查询排队。", en="How many more may wait.", least=0, most=1000)
    patience: float = setting(
        10.0, zh="排队最多等几秒。", en="Seconds that a query waits for its turn.", least=0, most=600
    )


@dataclass(frozen=True, slots=True)
class Publishing:
    """``[linked_data]``: identifiers as addresses, and exports."""

    public: str = setting(
        "",
        zh="标识符在外部的地址前缀(经代理转到本服务器的 /id/);与登记库的标识符前缀相同时,标识符本身以 303 "
        "指向其说明文件。",
        en="The address that identifiers have outside (a proxy leads it to /id/ here). Where it is the "
        "registry's base itself, an identifier answers 303 and names the document about it.",
        example="https://college.example/id/",
    )
    most_links: int = setting(
        500,
        zh="一页最多列出多少条指向该对象的联系。",
        en="How many links to a node are listed with it.",
        least=10,
        most=100_000,
    )
    export_facts: int = setting(
        300_000,
        zh="经网络导出时登记库最多有多少条事实;更大的请用 qualitrace export。",
        en="How many facts a registry may hold to be exported over HTTP; use qualitrace export for more.",
        least=1,
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, by section."""

    registry: Opening = field(default_factory=Opening)
    server: Listening = field(default_factory=Listening)
    limits: LimitSettings = field(default_factory=LimitSettings)
    log: Logging = field(default_factory=Logging)
    metrics: Measuring = field(default_factory=Measuring)
    sparql: Querying = field(default_factory=Querying)
    linked_data: Publishing = field(default_factory=Publishing)
    oidc: Identity = field(default_factory=Identity)
    webhooks: Hooking = field(default_factory=Hooking)
    subscriptions: Subscribing = field(default_factory=Subscribing)
    neo4j: Graphs = field(default_factory=Graphs)
    across: Crossing = field(default_factory=Crossing)
