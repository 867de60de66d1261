"""What can be changed: ``propose``, ``comment``, ``approve``, ``reject``, ``confirm`` (floor 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.access.model import Right
from qualitrace.errors import ConflictError, NotConformingError, QueryError
from qualitrace.graphql.acting import NEEDED, Permit, acting, visible
from qualitrace.graphql.build import Module
from qualitrace.graphql.context import Context, context_of
from qualitrace.graphql.failures import InvalidRequestError
from qualitrace.graphql.history_types import journal_of, registry_of
from qualitrace.graphql.node import given
from qualitrace.graphql.proposal_types import (
    ProposalAnswer,
    ReviewAnswer,
    StateAnswer,
    decided_answer,
    in_short,
    partial_answer,
    partly_decided,
    review_answer,
)
from qualitrace.graphql.reading import at_home
from qualitrace.graphql.scalars import Moment
from qualitrace.graphql.seen_registry import seen_registry
from qualitrace.graphql.suspect_types import SuspectAnswer
from qualitrace.graphql.what_if_fields import scenario_change
from qualitrace.graphql.what_if_types import AskedScenario
from qualitrace.registry import confirming, proposing
from qualitrace.registry.editing import FieldValue, NodeEdit, edited
from qualitrace.registry.glimpsing import glimpse
from qualitrace.registry.proposals import Actor, Proposal, ProposalState, opened, proposal, proposals
from qualitrace.registry.registry import Registry
from qualitrace.registry.seen import Seen
from qualitrace.text import Text
from qualitrace.validation.model import Finding

Info = strawberry.Info[Any, Any]


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


def mutation_type(types: Module, permit: Permit, rights: frozenset[Right]) -> type:
    """Make the type of what can be changed by those with these rights.

    ``permit`` is asked before anything is done where nobody is asked who they are.
    """

    def propose(
        info: Any, title: str, changes: Any = None, what_if: Any = None, by: str = "", role: str = ""
    ) -> ReviewAnswer | None:
        context = context_of(info)
        registry, person = _acting(context, permit, "propose", by, role)
        if bool(changes) == bool(what_if):
            raise _changes_or_scenario()
        if what_if:
            change = scenario_change(registry, context, what_if)[1]
        else:
            edits = [_edit(one) for one in changes]
            change = edited(seen_registry(registry, context.reading), edits, f"提议 proposal: {title}")
        base = registry.position if change.position is None else change.position
        return _shown(opened(registry.journal, change, title, person, base).number, context)

    def comment(info: Any, number: int, text: str, by: str = "", role: str = "") -> ReviewAnswer | None:
        context = context_of(info)
        registry, person = _acting(context, permit, "comment", by, role)
        _found(context, number)
        proposing.comment(registry, number, person, text)
        return _shown(number, context)

    def approve(
        info: Any, number: int, by: str = "", role: str = "", reason: str = ""
    ) -> ReviewAnswer | None:
        context = context_of(info)
        registry, person = _acting(context, permit, "approve", by, role, number)
        try:
            done = proposing.approve(registry, number, person, reason)
        except (ConflictError, NotConformingError):
            # Why it cannot be done now is the answer; the proposal stays open.
            return _shown(number, context)
        return _decided(proposal(registry.journal, number), done.report.findings, context)

    def reject(info: Any, number: int, reason: str, by: str = "", role: str = "") -> ReviewAnswer | None:
        context = context_of(info)
        registry, person = _acting(context, permit, "reject", by, role, number)
        one = proposing.reject(registry, number, person, reason)
        return _decided(one, registry.validate().findings, context)

    def confirm(
        info: Any, links: list[str], by: str = "", role: str = "", reason: str = ""
    ) -> list[SuspectAnswer] | None:
        context = context_of(info)
        state = registry_of(context)  # what is confirmed is shown
        registry, person = _acting(context, permit, "confirm", by, role)
        done = confirming.confirm(registry, links, person, reason)
        return [SuspectAnswer.of(one, state) for one in done]

    as_whom = {"info": Info, "by": str, "role": str, "return": "ProposalReview | None"}
    numbered = {**as_whom, "number": int}
    fields = {
        "propose": _field(
            types,
            propose,
            {
                **as_whom,
                "title": str,
                "changes": "list[ProposedNode] | None",
                "what_if": AskedScenario | None,
            },
            "提议一项改动，或一个情景 / Propose a change, or a scenario: it waits until somebody else "
            "approves it",
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
            {**as_whom, "links": list[str], "reason": str, "return": "list[SuspectLink] | None"},
            "确认关系仍然成立 / Confirm that suspect links still hold",
        ),
    }
    allowed = {name: field for name, field in fields.items() if NEEDED[name] & rights}
    made = types.raw_class("Mutation", (), {}, allowed)
    return strawberry.type(made, name="Mutation", description="可以改什么 / What can be changed")


def _field(types: Module, resolver: Any, annotations: dict[str, Any], description: str) -> Any:
    return strawberry.field(types.function(resolver, annotations), description=description)


def _acting(
    context: Context, permit: Permit, action: str, by: str, role: str, number: int | None = None
) -> tuple[Registry, Actor]:
    registry = _registry(context)
    about = None if number is None else _found(context, number)
    return registry, acting(context.caller, action, Actor(by, role), permit, about)


def _registry(context: Context) -> Registry:
    found = context.whole
    if not isinstance(found, Registry):
        registry_of(context)  # which says that something else answers
    assert isinstance(found, Registry)
    return found


def _found(context: Context, number: int, known_at: str = "") -> Proposal:
    """Return a proposal that the caller sees. Raises QueryError, the same if there is none."""
    listed = proposals(_registry(context).journal, known_at=known_at)
    one = next((p for p in listed if p.number == number), None)
    if one is None or not visible(context.caller, one):
        raise QueryError(Text(zh=f"没有第 {number} 号提议。", en=f"There is no proposal {number}."))
    return one


def _shown(number: int, context: Context) -> ReviewAnswer:
    """Show a proposal beside today's registry, as far as the caller sees both."""
    registry, seen = _registry(context), at_home(context.reading)
    registry.refresh()
    one = proposal(registry.journal, number)
    if seen is registry:
        return review_answer(proposing.review(registry, one), registry)
    if not isinstance(seen, Seen) or one.state is not ProposalState.OPEN:
        return in_short(one, _telling(context))
    own = Actor(context.caller.principal.name).is_same(one.author)
    return partial_answer(one, glimpse(registry, seen, one.change, own=own), seen.told)


def _decided(one: Proposal, findings: Sequence[Finding], context: Context) -> ReviewAnswer:
    if at_home(context.reading) is context.whole:
        return decided_answer(one, findings, _registry(context))
    if isinstance(context.reading, Seen):
        return partly_decided(one, context.reading.validate().findings, context.reading)
    return in_short(one)


def _telling(context: Context) -> Callable[[str], str]:
    """Return what tells a text that somebody wrote as the caller may see it."""
    return context.reading.told if isinstance(context.reading, Seen) else str


def _changes_or_scenario() -> InvalidRequestError:
    return InvalidRequestError(
        Text(zh="请给出改动或情景，二者择一。", en="Give changes, or a scenario: one of the two."),
        where="changes, whatIf",
    )


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


def _proposals(
    info: Info, state: StateAnswer | None = UNSET, known_at: Moment | None = UNSET
) -> list[ProposalAnswer] | None:
    chosen = ProposalState(str(state.value)) if state else None
    context = context_of(info)
    found = proposals(journal_of(context), chosen, known_at=given(known_at) or "")
    told = _telling(context)
    return [ProposalAnswer.of(one, told) for one in found if visible(context.caller, one)]


def _proposal(info: Info, number: int, known_at: Moment | None = UNSET) -> ReviewAnswer | None:
    context = context_of(info)
    then = given(known_at)
    one = _found(context, number, then or "")
    if then:  # what it would do today was not known then
        return in_short(one, _telling(context))
    return _shown(number, context)
