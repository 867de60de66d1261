"""What can be changed: ``propose``, ``comment``, ``approve``, ``reject``, ``confirm`` (floor 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.errors import ConflictError, NotConformingError
from qualitrace.graphql.build import Module
from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.failures import InvalidRequestError
from qualitrace.graphql.history_types import registry_of
from qualitrace.graphql.node import given
from qualitrace.graphql.proposal_types import (
    ProposalAnswer,
    ReviewAnswer,
    StateAnswer,
    decided_answer,
    review_answer,
)
from qualitrace.graphql.suspect_types import SuspectAnswer
from qualitrace.registry import confirming, proposing
from qualitrace.registry.editing import FieldValue, NodeEdit, edited
from qualitrace.registry.proposals import Actor, ProposalState, proposal, proposals
from qualitrace.registry.registry import Registry
from qualitrace.text import Text

Info = strawberry.Info[Any, Any]
# Says whether somebody may do something (``propose`` …), and as whom; raises a QualitraceError if not.
Permit = Callable[[str, Actor], Actor]


def anyone(action: str, person: Actor) -> Actor:
    """Let everybody act under the name they give: for a server that only this machine can reach."""
    return person


@strawberry.input(name="ProposedValue", description="字段的一个值 / One value of a field")
class ProposedValue:
    """Mirrors :class:`qualitrace.registry.editing.FieldValue`."""

    field: str = strawberry.field(description="字段名，同本接口 / The field's name in this API")
    value: str = strawberry.field(description="值；关系写对象的标识、编码或名称 / A value, or a node's name")
    language: str | None = None


def proposal_inputs(types: Module) -> None:
    """Add the input type that names a class of this schema."""
    types.put("ProposedValue", ProposedValue)
    types.input(
        "ProposedNode",
        {
            "id": strawberry.ID | None,
            "of": "NodeClass | None",
            "set": "list[ProposedValue] | None",
            "add": "list[ProposedValue] | None",
            "remove": "list[ProposedValue] | None",
            "delete": bool | None,
        },
        {
            "id": "标识，必填 / Identifier; it must be given",
            "of": "新对象所属的类 / The class of a new node",
            "set": "取代字段原有的值 / Replaces all values of the fields named",
            "delete": "删除对象及指向它的关系 / Remove the node, and all links to it",
        },
        "要怎样改一个对象 / What is to become of a node",
    )


def proposal_queries() -> dict[str, Any]:
    """Return the root fields that read proposals."""
    return {
        "proposals": strawberry.field(_proposals, description="提议，新的在前 / Proposals, newest first"),
        "proposal": strawberry.field(
            _proposal, description="一项提议及其影响 / A proposal, and what it would do today"
        ),
    }


def mutation_type(types: Module, permit: Permit) -> type:
    """Make the type of what can be changed; ``permit`` is asked before anything is done."""

    def propose(info: Any, title: str, by: str, changes: Any, role: str = "") -> ReviewAnswer | None:
        registry, person = _acting(info, permit, "propose", by, role)
        edits = [_edit(one) for one in changes]
        change = edited(registry, edits, f"提议 proposal: {title}")
        return review_answer(proposing.propose(registry, change, title, person), registry)

    def comment(info: Any, number: int, by: str, text: str, role: str = "") -> ReviewAnswer | None:
        registry, person = _acting(info, permit, "comment", by, role)
        proposing.comment(registry, number, person, text)
        return review_answer(proposing.review(registry, number), registry)

    def approve(info: Any, number: int, by: str, role: str = "", reason: str = "") -> ReviewAnswer | None:
        registry, person = _acting(info, permit, "approve", by, role)
        try:
            done = proposing.approve(registry, number, person, reason)
        except (ConflictError, NotConformingError):
            # Why it cannot be done now is the answer; the proposal stays open.
            return review_answer(proposing.review(registry, number), registry)
        return decided_answer(proposal(registry.journal, number), done.report.findings, registry)

    def reject(info: Any, number: int, by: str, reason: str, role: str = "") -> ReviewAnswer | None:
        registry, person = _acting(info, permit, "reject", by, role)
        one = proposing.reject(registry, number, person, reason)
        return decided_answer(one, registry.validate().findings, registry)

    def confirm(
        info: Any, links: list[str], by: str, role: str = "", reason: str = ""
    ) -> list[SuspectAnswer] | None:
        registry, person = _acting(info, permit, "confirm", by, role)
        done = confirming.confirm(registry, links, person, reason)
        return [SuspectAnswer.of(one, registry) for one in done]

    acting = {"info": Info, "by": str, "role": str, "return": "ProposalReview | None"}
    numbered = {**acting, "number": int}
    fields = {
        "propose": _field(
            types,
            propose,
            {**acting, "title": str, "changes": "list[ProposedNode]"},
            "提议一项改动 / Propose a change: it waits until somebody else approves it",
        ),
        "comment": _field(types, comment, {**numbered, "text": str}, "评论 / Say something about a proposal"),
        "approve": _field(
            types, approve, {**numbered, "reason": str}, "批准，按现状再查一遍 / Approve; it is checked anew"
        ),
        "reject": _field(
            types, reject, {**numbered, "reason": str}, "否决，须有理由 / Reject, with a reason"
        ),
        "confirm": _field(
            types,
            confirm,
            {**acting, "links": list[str], "reason": str, "return": "list[SuspectLink] | None"},
            "确认关系仍然成立 / Confirm that suspect links still hold",
        ),
    }
    made = types.raw_class("Mutation", (), {}, fields)
    return strawberry.type(made, name="Mutation", description="可以改什么 / What can be changed")


def _field(types: Module, resolver: Any, annotations: dict[str, Any], description: str) -> Any:
    return strawberry.field(types.function(resolver, annotations), description=description)


def _acting(info: Any, permit: Permit, action: str, by: str, role: str) -> tuple[Registry, Actor]:
    return _registry(context_of(info)), permit(action, Actor(by, role).checked())


def _registry(context: Context) -> Registry:
    found = registry_of(context)
    assert isinstance(found, Registry)  # mutations take no moment of recorded time
    return found


def _edit(one: Any) -> NodeEdit:
    if not given(one.id):
        raise InvalidRequestError(Text(zh="须给出标识。", en="An identifier must be given."), where="id")
    of = given(one.of)
    return NodeEdit(
        str(one.id),
        of=of.value if of else "",
        set=_values(one.set),
        add=_values(one.add),
        remove=_values(one.remove),
        delete=bool(given(one.delete)),
    )


def _values(values: Any) -> tuple[FieldValue, ...]:
    return tuple(FieldValue(one.field, one.value, one.language or "") for one in given(values) or ())


def _proposals(info: Info, state: StateAnswer | None = UNSET) -> list[ProposalAnswer] | None:
    chosen = ProposalState(str(state.value)) if state else None
    journal = registry_of(context_of(info)).journal
    return [ProposalAnswer.of(one) for one in proposals(journal, chosen)]


def _proposal(info: Info, number: int) -> ReviewAnswer | None:
    registry = _registry(context_of(info))
    return review_answer(proposing.review(registry, number), registry)
