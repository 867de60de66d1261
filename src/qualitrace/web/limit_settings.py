"""``[limits]``: how much may be asked (floor 5). docs/limits.md tells what follows from each."""

from __future__ import annotations

from dataclasses import dataclass

from qualitrace.access.model import Role
from qualitrace.web.declaring import setting


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What one request, and one caller, may have."""

    seconds: float = setting(
        10.0,
        zh="一次请求最多算几秒;到时给出已有的部分,并注明略去了什么。",
        en="Seconds that one request may be worked on; then it gives what it has, and tells what it lacks.",
        least=0.1,
        most=600,
    )
    cost: int = setting(
        1_000_000,
        zh="读者一次请求最多可取的值(按页长逐层相乘估算);其他角色按倍数。",
        en="Values that one request of a reader may cost at most, pages multiplied level by level; other "
        "roles by their factor.",
        least=1000,
    )
    depth: int = setting(15, zh="GraphQL 嵌套层数。", en="Levels of nesting in GraphQL.", least=3, most=60)
    tokens: int = setting(
        4000, zh="一个 GraphQL 文档的记号数。", en="Tokens of one GraphQL document.", least=100, most=20_000
    )
    aliases: int = setting(60, zh="别名数。", en="Aliases in one operation.", least=0, most=1000)
    answer: int = setting(
        20_000_000, zh="答案的字节数。", en="Bytes of one answer to a reader.", least=10_000
    )
    body: int = setting(
        1_000_000, zh="请求正文的字节数。", en="Bytes of a request's body.", least=1000, most=100_000_000
    )
    body_seconds: float = setting(
        20.0, zh="正文须在几秒内收完。", en="Seconds within which a body must arrive.", least=1, most=600
    )
    batch: int = setting(
        10,
        zh="系统一次可提交几个操作(JSON 数组)。",
        en="Operations that another system may send in one request (a JSON array).",
        least=1,
        most=100,
    )
    per_minute: int = setting(
        600_000,
        zh="读者每分钟可用的值;100,000 约为一个处理器一秒。其他角色按倍数。",
        en="Values that a reader may use in a minute; 100,000 are about one second of a processor. Other "
        "roles by their factor.",
        least=1000,
    )
    factor_reader: float = setting(1.0, zh="读者的倍数。", en="A reader's factor.", least=0.01, most=100)
    factor_steward: float = setting(2.0, zh="部门联络人的倍数。", en="A steward's.", least=0.01, most=100)
    factor_auditor: float = setting(2.0, zh="审核者的倍数。", en="An auditor's.", least=0.01, most=100)
    factor_office: float = setting(2.0, zh="质量部门的倍数。", en="The office's.", least=0.01, most=100)
    factor_system: float = setting(5.0, zh="其他系统的倍数。", en="Another system's.", least=0.01, most=100)
    running: int = setting(4, zh="同时计算的请求数。", en="Requests worked on at a time.", least=1, most=30)
    each: int = setting(
        2,
        zh="其中同一令牌的请求数;其余排队。",
        en="How many of them may be one token's; its others wait their turn.",
        least=1,
        most=30,
    )
    waiting: int = setting(
        40, zh="同一令牌可排队的请求数。", en="Requests of one token that may wait.", least=0, most=1000
    )
    attempts: int = setting(
        30,
        zh="同一地址每分钟可有几次无效的令牌。",
        en="Requests without a valid token that one address may make in a minute.",
        least=1,
    )

    connections: int = setting(1000, zh="同时的连接数。", en="Connections at a time.", least=1, most=100_000)
    connections_each: int = setting(
        200,
        zh="同一地址同时的连接数;设有代理时不计。",
        en="Connections of one address at a time; where proxies are set, as many as there are.",
        least=1,
        most=100_000,
    )
    head_seconds: float = setting(
        10.0,
        zh="请求头须在几秒内收完。",
        en="Seconds within which a request's headers must arrive.",
        least=0.1,
        most=600,
    )
    stalled_seconds: float = setting(
        60.0,
        zh="对方不接收答案时等几秒后断开。",
        en="Seconds after which a connection is cut whose other end does not read its answer.",
        least=0.1,
        most=3600,
    )

    def factor(self, roles: frozenset[Role]) -> float:
        """Return the factor of the role that may ask for most; that of a reader for nobody."""
        return max((getattr(self, f"factor_{role.value}") for role in roles), default=self.factor_reader)
