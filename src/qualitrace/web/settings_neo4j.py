"""Settings of answering from Neo4j (floor 5): ``[neo4j]``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qualitrace.text import Text
from qualitrace.web.declaring import setting


@dataclass(frozen=True, slots=True)
class Graphs:
    """``[neo4j]``: a Neo4j server or cluster that GraphQL is answered from (docs/neo4j.md)."""

    answers: bool = setting(
        False,
        zh="GraphQL 是否由 Neo4j 回答(同 serve --engine neo4j)。",
        en="Whether GraphQL is answered from Neo4j (as serve --engine neo4j).",
    )
    uri: str = setting(
        "",
        zh="地址:neo4j://主机:7687(集群,读请求分到各副本)或 bolt://主机:7687(一台);加密用 neo4j+s://。",
        en="Its address: neo4j://HOST:7687 (a cluster; reads go to replicas) or bolt://HOST:7687 (one "
        "server); neo4j+s:// encrypts.",
        example="neo4j+s://graph.college.example:7687",
    )
    user: str = setting(
        "neo4j",
        zh="账号;只读即可,除非由本服务器发布。",
        en="The account; one that may read is enough, unless this server publishes.",
    )
    password: str = setting("", zh="账号的密码。", en="The account's password.", secret=True)
    database: str = setting("neo4j", zh="数据库。", en="The database.")
    name: str = setting(
        "",
        zh="登记库在其中的名称(sync neo4j --name);不写则由标识符前缀得出。",
        en="What the registry is called there (sync neo4j --name); made of its base if empty.",
        example="college-01",
    )
    journal: bool = setting(
        True,
        zh="是否同时打开登记库:历史、提议、校验结果和按读者区分内容都要用它,变更也由它发布到 Neo4j;"
        "否则只答可查看全部内容的人,只答现在。",
        en="Whether the registry is opened too: history, proposals, findings and telling readers apart need "
        "it, and changes made here are published by it. Without it only the present is answered, and only "
        "to those who may see everything.",
    )
    seconds: float = setting(
        10.0,
        zh="一条语句最多几秒(请求的时限更短时以它为准)。",
        en="Seconds that one statement may take (less where the request has less time left).",
        least=0.1,
        most=600.0,
    )
    patience: float = setting(
        5.0,
        zh="连接不上或暂时失败时,重试几秒。",
        en="Seconds that something is tried again while the server is away.",
        least=0.1,
        most=120.0,
    )

    kept: int = setting(
        64,
        zh="为再次问到的问题留存答案,最多多少 MB;登记库一变就不再用。0 表示不留;neo4j:// 不留。",
        en="MB of answers kept for questions that are asked again, while the registry does not change; 0 "
        "keeps none. None are kept for neo4j://.",
        least=0,
        most=100_000,
    )

    def contradictions(self) -> Iterator[tuple[str, Text, Text]]:
        """Yield the keys whose values do not go together, with what is wrong and what to do."""
        if self.answers and not self.uri:
            yield (
                "answers",
                Text(zh="没有 Neo4j 的地址。", en="There is no address of Neo4j."),
                Text(
                    zh="请设置 neo4j.uri,或用 --neo4j neo4j://主机:7687。",
                    en="Set neo4j.uri, or give --neo4j neo4j://HOST:7687.",
                ),
            )
