"""What a shapes graph says that checking does not act on: told in every report, never passed over."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib.namespace import OWL
from rdflib.term import Node

from qualitrace.terms import SH as SH_NAMESPACE
from qualitrace.text import Text
from qualitrace.validation.shapes import CORE_PARAMETERS, TARGETS, Shapes
from qualitrace.validation.vocabulary import SH, local_name, name_of

# Terms on a shape that are no constraint, and constraints that are handed on (see unsupported.py).
_KNOWN = frozenset(
    SH[name]
    for line in (
        "path name description order group defaultValue message severity deactivated flags target",
        "ignoredProperties qualifiedValueShapesDisjoint codeIdentifier labelTemplate intent rule values",
        "js expression reifierShape reificationRequired prefixes declare namespace prefix optional",
        "parameter validator nodeValidator propertyValidator select ask construct update entailment",
        "shapesGraph suggestedShapesGraph conforms result focusNode value resultPath sourceShape",
    )
    for name in line.split()
).union(CORE_PARAMETERS, TARGETS)
_NAMED = 5  # shapes that one notice names


def notices_of(shapes: Shapes) -> tuple[Text, ...]:
    """Say what of the shapes graph has no effect on a validation."""
    return tuple(_notices(shapes))


def _notices(shapes: Shapes) -> Iterator[Text]:
    used = {term for node in shapes.nodes for term in shapes.about(node) if _is_shacl(str(term))}
    for term in sorted(used - _KNOWN, key=str):
        name = f"sh:{local_name(str(term))}"
        yield Text(
            zh=f"{name} 不属于 SHACL 1.0,没有据此检查。",
            en=f"{name} is no part of SHACL 1.0; nothing was checked by it.",
        )
    if (None, SH.rule, None) in shapes.graph:
        yield Text(
            zh="规则文件中的推理规则(sh:rule)没有执行:检查不推出新事实。",
            en="The inference rules (sh:rule) of the shapes were not run: checking infers nothing.",
        )
    idle = [node for node in shapes.nodes if _counts_nothing(shapes, node)]
    if idle:
        yield Text(
            zh=f"{len(idle)} 处 sh:qualifiedValueShape 没有写明个数,不构成要求。",
            en=f"{len(idle)} sh:qualifiedValueShape without a count: nothing was checked by them.",
        )
    for regime in sorted(set(shapes.graph.objects(None, SH.entailment)), key=str):
        yield Text(
            zh=f"规则文件要求的推理 {regime} 没有执行。",
            en=f"The entailment {regime}, which the shapes ask for, was not applied.",
        )
    for ontology in sorted(set(shapes.graph.objects(None, OWL.imports)), key=str):
        yield Text(
            zh=f"没有读取 owl:imports 所指的 {ontology}:只用所给的文件。",
            en=f"{ontology} (owl:imports) was not fetched: only the files given are used.",
        )
    away = sorted((node for node in shapes.nodes if shapes.is_away(node)), key=shapes.order)
    away = [node for node in away if shapes.shape(node).active]
    if away:
        zh, en = (
            [shapes.shape(node).labels.best(language) or name_of(node) for node in away]
            for language in ("zh", "en")
        )
        yield Text(
            zh=f"{len(away)} 条规则涉及所有登记库,在集群中检查(validate --neo4j),"
            f"这里没有检查:{'、'.join(zh)}。",
            en=f"{len(away)} rule(s) speak of all registries and are checked in the cluster "
            f"(validate --neo4j), not here: {', '.join(en)}.",
        )
    if shapes.wrong:
        names = ", ".join(name_of(node) for node in list(shapes.wrong)[:_NAMED])
        more = "…" if len(shapes.wrong) > _NAMED else ""
        first = next(iter(shapes.wrong.values()))
        yield Text(
            zh=f"{len(shapes.wrong)} 条规则写得不正确:{names}{more}({first.what['zh']})",
            en=f"{len(shapes.wrong)} shape(s) are not well formed: {names}{more} ({first.what['en']})",
        )


def _counts_nothing(shapes: Shapes, node: Node) -> bool:
    about = shapes.about(node)
    counts = SH.qualifiedMinCount in about or SH.qualifiedMaxCount in about
    return SH.qualifiedValueShape in about and not counts


def _is_shacl(term: str) -> bool:
    return term.startswith(SH_NAMESPACE)
