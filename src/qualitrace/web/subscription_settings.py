"""``[subscriptions]``: how long connections live that are told of changes, and how many (floor 5)."""

from __future__ import annotations

from dataclasses import dataclass

from qualitrace.web.declaring import setting


@dataclass(frozen=True, slots=True)
class Subscribing:
    """Connections that are told of changes."""

    connections: int = setting(
        500, zh="每个进程同时的连接数。", en="Connections of one process at a time.", least=1, most=100_000
    )
    each: int = setting(
        20, zh="每个令牌同时的连接数。", en="Connections of one token at a time.", least=1, most=10_000
    )
    operations: int = setting(
        16, zh="一条 WebSocket 连接上的订阅数。", en="Subscriptions on one WebSocket.", least=1, most=1000
    )
    poll_seconds: float = setting(
        0.25,
        zh="隔几秒看一次别的进程有没有变更。",
        en="Seconds between looks for changes that other processes made.",
        least=0.01,
        most=60,
    )
    init_seconds: float = setting(
        10.0,
        zh="WebSocket 须在几秒内说明身份。",
        en="Seconds until a WebSocket must say who it is.",
        least=0.05,
    )
    ping_seconds: float = setting(
        15.0, zh="没有变更时隔几秒发一个信号。", en="Seconds between signs of life.", least=0.05, most=600
    )
    slow_seconds: float = setting(
        20.0,
        zh="读得慢的一方，几秒内收不下一条就断开（可从断处续订）。",
        en="Seconds within which a reader must take an event; then it is cut off, and may go on from there.",
        least=0.05,
        most=600,
    )
    recheck_seconds: float = setting(
        5.0,
        zh="隔几秒重新核对令牌；已撤销的就断开。",
        en="Seconds between checks of the token; once revoked, the connection ends.",
        least=0.05,
        most=600,
    )
