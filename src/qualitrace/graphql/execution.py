"""Requests in, answers out (floor 4)."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import orjson
import strawberry
from graphql import DocumentNode, GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from qualitrace.budget import TimeUpError, within
from qualitrace.errors import QualitraceError
from qualitrace.graphql.admission import Admission
from qualitrace.graphql.allowance import Allowance, allowed, under
from qualitrace.graphql.failures import LimitError, formatted
from qualitrace.graphql.plans import Often, Plans
from qualitrace.text import Text

_SUGGESTION = re.compile(r" ?Did you mean [^?]*\?")
MOST_ERRORS = 50  # errors of one answer that are told one by one


class Answer:
    """A GraphQL response (GraphQL 7.1): ``body`` as it is sent, ``errors`` as they were raised.

    ``executed`` is false when the request never ran: it could not be parsed, is not valid, or asks
    for more than is allowed. ``refused`` is true when its kind of operation is not allowed. ``planned``
    is true when the plan of a trusted operation answered. ``partial`` is true when time
    or size left something out. ``content`` is the body as JSON.
    """

    def __init__(
        self,
        body: dict[str, Any] | bytes,
        errors: tuple[GraphQLError, ...] = (),
        *,
        executed: bool,
        refused: bool = False,
        planned: bool = False,
        partial: bool = False,
    ) -> None:
        self._body = body
        self.errors = errors
        self.executed = executed
        self.refused = refused
        self.planned = planned
        self.partial = partial

    @cached_property
    def content(self) -> bytes:
        """The body as it is sent."""
        return self._body if isinstance(self._body, bytes) else orjson.dumps(self._body)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The body taken apart."""
        if isinstance(self._body, bytes):
            taken: dict[str, Any] = orjson.loads(self._body)
            return taken
        return self._body


def execute(
    schema: strawberry.Schema,
    query: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    queries_only: bool = False,
    plans: Plans | None = None,
    allowance: Allowance | None = None,
) -> Answer:
    """Answer a request. Every failure is part of the answer; nothing is raised.

    ``queries_only`` refuses operations that change something. One schema may be used by many threads.
    ``plans`` are asked first (by default those of the schema's trusted operations, and of what is asked
    often): they give the same answer as the executor, sooner. What they do not answer, the executor does.
    ``allowance`` says how much may be asked, and for how long; by default as much as the schema's limits
    allow, without a time.
    """
    often: Often | None = getattr(schema, "often", None) if plans is None else None
    plans = getattr(schema, "plans", None) if plans is None else plans
    given = variables or {}
    allowance = allowance or Allowance()
    paid = allowance.refund is not None or allowance.told  # else nobody asks what it took
    begun = time.thread_time() if paid else 0.0
    with under(allowance), within(allowance.budget):
        trusted = plans is not None and plans.knows(query, operation_name)
        if plans is not None and (trusted or _asked_often(often, schema, query, operation_name)):
            admission: Admission = schema.admission  # type: ignore[attr-defined]
            try:
                admitted = admission.admit(schema._schema, query, given, operation_name, allowance)
                if not admitted.valid:  # a plan was made of it, so it is: it need not be parsed again
                    admission.documents.put(query, admitted)
            except GraphQLError as error:
                if paid:
                    allowance.settle(time.thread_time() - begun)
                return _bounded(_failed(error, extensions=_extensions(schema, ())), schema)
            if trusted:
                content = plans.answer(query, given, operation_name)
            else:
                content = _often_answered(often, plans, query, given, operation_name)
            if content is not None:
                if paid:
                    allowance.settle(time.thread_time() - begun)
                return _bounded(_planned(content, _extensions(schema, ()), trusted=trusted), schema)
        answer = execute_standard(schema, query, given, operation_name, queries_only=queries_only)
        return _bounded(answer, schema)


def _asked_often(often: Often | None, schema: Any, query: str, name: str | None) -> bool:
    """Count an operation, and tell whether there is a plan of it by now."""

    def valid() -> DocumentNode | None:
        known = schema.admission.documents.get(query)
        return known.document if known is not None and known.valid else None

    return often is not None and often.plan(query, name, valid)


def _often_answered(
    often: Often | None, plans: Plans, query: str, given: Mapping[str, Any], name: str | None
) -> bytes | None:
    """Return the answer by the plan of an operation that is asked often; None where it gives none."""
    planned = often.of(query, name) if often is not None else None
    if often is None or planned is None:
        return None
    content = plans.answer_by(planned, given)
    often.note(query, name, answered=content is not None)
    return content


def _planned(content: bytes, extensions: Mapping[str, Any], *, trusted: bool) -> Answer:
    if extensions:
        content = content[:-1] + b',"extensions":' + orjson.dumps(extensions) + b"}"
    return Answer(content, executed=True, planned=trusted, partial="partial" in extensions)


def _limits_of(schema: strawberry.Schema) -> Any:
    admission = getattr(schema, "admission", None)
    return allowed().limits or (admission.limits if admission is not None else None)


def _bounded(answer: Answer, schema: strawberry.Schema) -> Answer:
    """Return the answer, or why it is not given: it is larger than one may be."""
    limits = _limits_of(schema)
    if limits is None or len(answer.content) <= limits.answer:
        return answer
    cause = LimitError(
        Text(
            zh=f"答案有 {len(answer.content)} 字节,至多 {limits.answer}。",
            en=f"The answer has {len(answer.content)} bytes; at most {limits.answer} are allowed.",
        ),
        where="answer",
        hint=Text(zh="请用 first 或 where 缩小范围。", en="Narrow it with first or where."),
    )
    return _failed(GraphQLError(cause.what.both(), original_error=cause))


def _extensions(schema: strawberry.Schema, errors: Sequence[GraphQLError]) -> dict[str, Any]:
    """Return what an answer tells beside its data: what it cost, and what was left out and why."""
    allowance, told = allowed(), {}
    if allowance.cost is not None and allowance.told:
        told["cost"] = allowance.said(_limits_of(schema).cost)
    late = Counter(_place(error) for error in errors if isinstance(error.original_error, TimeUpError))
    if allowance.budget is not None:
        late.update(allowance.budget.left_out)
    if late:
        left_out = [{"path": path, "times": times} for path, times in late.items()]
        seconds = allowance.budget.seconds if allowance.budget is not None else None
        told["partial"] = {"reason": "TIME", "seconds": seconds, "leftOut": left_out}
    return told


def _shown(error: GraphQLError) -> dict[str, Any]:
    """Return an error as it is shown, without suggestions where the schema is not to be told."""
    ours = isinstance(error.original_error, QualitraceError)
    if not ours and not allowed().explore and "Did you mean" in error.message:
        said = _SUGGESTION.sub("", error.message)
        error = GraphQLError(said, error.nodes, error.source, error.positions, error.path)
    return formatted(error)


def _place(error: GraphQLError) -> str:
    return ".".join(key for key in error.path or () if isinstance(key, str))


def execute_standard(
    schema: strawberry.Schema,
    query: str,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    queries_only: bool = False,
    root_value: Any = None,
) -> Answer:
    """Answer a request with the GraphQL library's own executor, as :func:`execute` does without plans.

    ``root_value`` is what a subscription tells of.
    """
    begun = time.thread_time()
    try:
        result = schema.execute_sync(
            query,
            variable_values=dict(variables or {}),
            operation_name=operation_name,
            root_value=root_value,
            allowed_operation_types=[OperationType.QUERY] if queries_only else None,
        )
    except InvalidOperationTypeError:
        return _failed(GraphQLError("Only queries are allowed here."), refused=True)
    except (MissingQueryError, CannotGetOperationTypeError) as error:
        return _failed(GraphQLError(_said(error)))
    errors = tuple(result.errors or ())
    allowed().settle(time.thread_time() - begun)
    extensions = _extensions(schema, errors)
    if result.data is None and errors:
        return _failed(*errors, extensions=extensions)
    body: dict[str, Any] = {"data": result.data}
    if errors:
        body["errors"] = [_shown(error) for error in errors[:MOST_ERRORS]]
    if len(errors) > MOST_ERRORS:
        extensions["errors"] = {"total": len(errors), "shown": MOST_ERRORS}
    if extensions:
        body["extensions"] = extensions
    return Answer(body, errors, executed=True, partial="partial" in extensions)


def _failed(
    *errors: GraphQLError, refused: bool = False, extensions: Mapping[str, Any] | None = None
) -> Answer:
    body: dict[str, Any] = {"errors": [_shown(error) for error in errors[:MOST_ERRORS]]}
    if extensions:
        body["extensions"] = extensions
    return Answer(body, errors, executed=False, refused=refused)


def _said(error: Exception) -> str:
    if isinstance(error, CannotGetOperationTypeError):
        return error.as_http_error_reason()
    return str(error) or "No operation was given."
