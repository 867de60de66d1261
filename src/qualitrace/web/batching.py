"""Several operations in one request: a JSON array, for other systems only (floor 5)."""

from __future__ import annotations

from dataclasses import replace

import orjson
from graphql import GraphQLError
from starlette.responses import Response

from qualitrace.access.model import Caller, Right
from qualitrace.errors import QualitraceError
from qualitrace.graphql import Allowance, Answer, Limits, Schema, TooOftenError, execute
from qualitrace.graphql.admission import check_cost
from qualitrace.graphql.costs import Cost
from qualitrace.graphql.failures import formatted
from qualitrace.graphql.persisted import Persisted
from qualitrace.text import Text
from qualitrace.web.protocol import Asked, HttpError, not_persisted

_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept"}


def check_batch(caller: Caller, count: int, most: int) -> None:
    """Raise HttpError 400 when a caller may send no batch, or not one of this length."""
    if Right.BATCH not in caller.rights:
        raise HttpError(
            400,
            Text(
                zh="一次请求只能有一个操作;成批提交只供其他系统使用。",
                en="A request is one operation; batches are for other systems only.",
            ),
            where="body",
        )
    if not 0 < count <= most:
        raise HttpError(
            400,
            Text(zh=f"一批应有 1 至 {most} 个操作。", en=f"A batch holds 1 to {most} operations."),
            where="body",
        )


def answer_batch(
    schema: Schema, known: Persisted, media: str, asked: tuple[Asked, ...], allowance: Allowance
) -> Response:
    """Answer operations one after another. They are charged together, before the first is executed."""
    texts = [one.query or known.find(one.sha256) for one in asked]
    refused = _refused(schema, asked, texts, allowance)
    if refused is not None:
        return refused
    parts, spent = [], 0
    for one, text in zip(asked, texts, strict=True):
        if text is None:
            parts.append(not_persisted(one.sha256, media)[0])
            continue
        own = replace(allowance, charge=None, refund=None, cost=None, spent=None, left=None)
        parts.append(_answered(schema, one, text, own).content)
        spent += own.spent or 0
    if allowance.refund is not None:
        allowance.refund(allowance.reserved - spent)
    content = b"[" + b",".join(parts) + b"]"
    return Response(content, 200, _HEADERS, f"{media}; charset=utf-8")


def _answered(schema: Schema, one: Asked, text: str, allowance: Allowance) -> Answer:
    return execute(schema, text, one.variables, one.operation_name, allowance=allowance)


def _refused(
    schema: Schema, asked: tuple[Asked, ...], texts: list[str | None], allowance: Allowance
) -> Response | None:
    """Charge all operations at once; return why they are not executed, if they are not.

    One that is not valid by itself is answered in its place; it costs nothing.
    """
    assert schema.admission is not None
    limits: Limits = allowance.limits or schema.admission.limits
    total = conditions = 0
    for one, text in zip(asked, texts, strict=True):
        own = replace(allowance, charge=None, refund=None, cost=None)
        try:
            if text is not None:
                schema.admission.admit(schema._schema, text, one.variables, one.operation_name, own)
        except GraphQLError:
            continue
        if own.cost is not None:
            total += own.cost.total
            conditions += own.cost.conditions
    try:
        allowance.cost = Cost(total, conditions, "batch", total)
        check_cost(allowance.cost, limits)
        allowance.take()
    except QualitraceError as error:
        status = 429 if isinstance(error, TooOftenError) else 400
        body = formatted(GraphQLError(error.what.both(), original_error=error))
        return _json({"errors": [body]}, status)
    return None


def _json(body: dict[str, object], status: int) -> Response:
    return Response(orjson.dumps(body), status, _HEADERS, "application/json; charset=utf-8")
