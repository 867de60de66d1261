"""What was found in a network, in sentences (floor 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from qualitrace.networks import Analysis
from qualitrace.text import Text
from qualitrace.tracing.model import Node

NAMED = 8  # so many are named in a sentence; all of them are in the answer

Nodes = Mapping[str, tuple[Node, ...]]
Figures = Mapping[str, float]

WITHHELD = Text(
    zh="这里不作答：答案取决于不公开的内容。",
    en="Not answered here: the answer depends on what is not shown to you.",
)
UNCHECKED = Text(
    zh="没有可检查的对象，这个问题什么也没有查。",
    en="There was nothing to look at: this question checked nothing.",
)

# Roles and figures, as headings of tables and pictures.
ROLES: Mapping[str, Text] = {
    "ring": Text(zh="环", en="cycle"),
    "knot": Text(zh="互相可达的全部", en="all that hang together"),
    "member": Text(zh="成员", en="member"),
    "point": Text(zh="要害", en="point of failure"),
    "broken": Text(zh="因此中断", en="breaks"),
    "start": Text(zh="失去最后一条路径", en="loses its last route"),
    "who": Text(zh="承担者", en="who"),
    "item": Text(zh="承担的", en="has"),
    "pair": Text(zh="应当分开", en="must be apart"),
    "because": Text(zh="因为", en="because of"),
    "whole": Text(zh="整体", en="whole"),
    "part": Text(zh="部分", en="part"),
}
FIGURES: Mapping[str, Text] = {
    "cycles": Text(zh="环数", en="cycles"),
    "length": Text(zh="环长", en="length"),
    "knot": Text(zh="牵连数", en="hang together"),
    "parts": Text(zh="部分数", en="parts"),
    "islands": Text(zh="孤岛数", en="islands"),
    "apart": Text(zh="孤岛上的对象", en="nodes on islands"),
    "size": Text(zh="大小", en="size"),
    "points": Text(zh="考察的点", en="points looked at"),
    "things": Text(zh="受影响的对象总数", en="things that may break"),
    "broken": Text(zh="现已无人", en="without a route already"),
    "worst": Text(zh="最多中断", en="most that one breaks"),
    "found": Text(zh="查出", en="found"),
    "breaks": Text(zh="中断数", en="breaks"),
    "whole": Text(zh="全部落空数", en="left with no route at all"),
    "starts": Text(zh="失去最后路径数", en="last routes lost"),
    "mean": Text(zh="平均", en="mean"),
    "deviation": Text(zh="均方差", en="standard deviation"),
    "most": Text(zh="最多", en="most"),
    "gini": Text(zh="基尼系数", en="Gini coefficient"),
    "items": Text(zh="项数", en="items"),
    "score": Text(zh="高出平均（均方差）", en="standard deviations above the mean"),
    "times": Text(zh="平均数的倍数", en="times the mean"),
    "pairs": Text(zh="应分开的对数", en="pairs to be kept apart"),
    "conflicts": Text(zh="冲突数", en="conflicts"),
    "reasons": Text(zh="依据数", en="reasons"),
    "highest": Text(zh="最高", en="highest"),
    "index": Text(zh="赫芬达尔指数", en="Herfindahl index"),
    "idle": Text(zh="不承担的部分", en="parts with none"),
    "share": Text(zh="最大份额（%）", en="largest share (%)"),
}


def summary(kind: str, found: Analysis, *, withheld: bool = False) -> Text:
    """Say how much was looked at, and how much was found."""
    if withheld:
        return WITHHELD
    if not found.checked:
        return UNCHECKED
    zh = f"检查了 {found.checked} 个对象、{found.links} 条联系；查出 {len(found.findings)} 处。"
    en = f"Looked at {found.checked} nodes and {found.links} links; found {len(found.findings)}."
    return Text(zh=zh, en=en)


def finding_sentence(kind: str, nodes: Nodes, figures: Figures) -> Text:
    """Say one thing that was found."""
    return _SENTENCES[kind](nodes, figures)


def _cycle(nodes: Nodes, figures: Figures) -> Text:
    ring = (*nodes["ring"], nodes["ring"][0])
    more = int(figures["knot"] - figures["length"])
    zh, en = (" → ".join(_name(node, language) for node in ring) for language in ("zh", "en"))
    if more:
        zh, en = f"{zh}；另有 {more} 个对象牵连其中", f"{en}; {more} more hang together with them"
    return Text(zh=zh, en=en)


def _island(nodes: Nodes, figures: Figures) -> Text:
    size = int(figures["size"])
    return Text(
        zh=f"{size} 个对象自成一处：{_some(nodes['member'], 'zh')}",
        en=f"{size} on their own: {_some(nodes['member'], 'en')}",
    )


def _failure(nodes: Nodes, figures: Figures) -> Text:
    breaks, whole = int(figures["breaks"]), int(figures["whole"])
    (point,) = nodes["point"]
    return Text(
        zh=f"{_name(point, 'zh')}：一旦没有人，{breaks} 个中断（其中 {whole} 个全部落空）："
        f"{_some(nodes['broken'], 'zh')}",
        en=f"{_name(point, 'en')}: with nobody there, {breaks} break ({whole} of them altogether): "
        f"{_some(nodes['broken'], 'en')}",
    )


def _load(nodes: Nodes, figures: Figures) -> Text:
    (who,) = nodes["who"]
    items, times, score = int(figures["items"]), figures["times"], figures["score"]
    return Text(
        zh=f"{_name(who, 'zh')}：{items} 项，是平均数的 {times:g} 倍，高出 {score:g} 个均方差",
        en=f"{_name(who, 'en')}: {items} items, {times:g} times the mean, "
        f"{score:g} standard deviations above it",
    )


def _conflict(nodes: Nodes, figures: Figures) -> Text:
    (who,), (one, other) = nodes["who"], nodes["pair"]
    zh = f"{_name(who, 'zh')} 同时担任 {_name(one, 'zh')} 和 {_name(other, 'zh')}"
    en = f"{_name(who, 'en')} holds both {_name(one, 'en')} and {_name(other, 'en')}"
    if nodes["because"]:
        zh += f"，应分开的依据：{_some(nodes['because'], 'zh')}"
        en += f", which must be apart because of {_some(nodes['because'], 'en')}"
    return Text(zh=zh, en=en)


def _concentration(nodes: Nodes, figures: Figures) -> Text:
    (whole,), first = nodes["whole"], nodes["part"][0]
    return Text(
        zh=f"{_name(whole, 'zh')}：{int(figures['items'])} 项中 {figures['share']:g}% 在"
        f"{_name(first, 'zh')}，指数 {figures['index']:g}",
        en=f"{_name(whole, 'en')}: of {int(figures['items'])} items {figures['share']:g}% lie with "
        f"{_name(first, 'en')}, index {figures['index']:g}",
    )


_SENTENCES: Mapping[str, Callable[[Nodes, Figures], Text]] = {
    "cycles": _cycle,
    "islands": _island,
    "failure-points": _failure,
    "load": _load,
    "conflicts": _conflict,
    "concentration": _concentration,
}


def _name(node: Node, language: str) -> str:
    return " ".join(bit for bit in (node.code, node.label.best(language)) if bit)


def _some(nodes: Sequence[Node], language: str) -> str:
    separator = "、" if language == "zh" else ", "
    named = separator.join(_name(node, language) for node in nodes[:NAMED])
    more = len(nodes) - NAMED
    return (
        named if more <= 0 else named + (f" 等 {len(nodes)} 个" if language == "zh" else f" and {more} more")
    )
