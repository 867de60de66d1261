"""Settings of answering for many registries (floor 5): ``[across]``."""

from __future__ import annotations

from dataclasses import dataclass

from qualitrace.web.declaring import setting


@dataclass(frozen=True, slots=True)
class Crossing:
    """``[across]``: a server that answers for all registries in one Neo4j, and has none of its own."""

    answers: bool = setting(
        False,
        zh="是否回答跨库问题(同 across serve);Neo4j 在 [neo4j] 中写明,registry.location 处只存令牌和查阅记录,"
        "不必有登记库。",
        en="Whether it answers questions across registries (as across serve). Neo4j is named in [neo4j]; "
        "tokens and notes of reads are kept at registry.location, where there need be no registry.",
    )
    only: str = setting(
        "",
        zh="只回答名称以此开头的登记库。",
        en="Only registries whose names begin so are answered for.",
    )
