"""Filters and sort orders, made for each type (floor 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from qualitrace.graphql.build import Module
from qualitrace.graphql.model import NODE, ApiEnum, ApiField, ApiModel, Kind
from qualitrace.graphql.names import LOGIC, NODE_FIELDS
from qualitrace.graphql.scalars import Long

_TYPES: dict[str, Any] = {
    "String": str,
    "Int": int,
    "Float": float,
    "Boolean": bool,
    "Date": dt.date,
    "DateTime": dt.datetime,
    "Long": Long,
}
_COMPARED = ("gt", "gte", "lt", "lte")
_OPERATORS: dict[str, tuple[str, ...]] = {
    "String": ("contains", "startsWith"),
    "Boolean": (),
    **dict.fromkeys(("Int", "Float", "Long", "Date", "DateTime"), _COMPARED),
}
_MEANING = {
    "eq": "等于 / Equals",
    "in": "是其中之一 / Is one of",
    "contains": "包含，不分大小写 / Contains, whatever the case",
    "startsWith": "以之开头，不分大小写 / Starts with, whatever the case",
    "gt": "大于 / Greater than",
    "gte": "大于等于 / Greater than or equal",
    "lt": "小于 / Less than",
    "lte": "小于等于 / Less than or equal",
    "exists": "是否有值 / Whether there is a value",
}


@strawberry.enum(name="OrderDirection", description="缺值者总在最后 / Missing values come last either way")
class OrderDirection(Enum):
    """Which way to sort."""

    ASC = "ASC"
    DESC = "DESC"


def add_inputs(module: Module, model: ApiModel) -> None:
    """Add filter and order types for every type and enum of the model, and for nodes of any class."""
    for scalar in _TYPES:
        _scalar_filter(module, f"{scalar}Filter", scalar)
    module.input(
        "IdFilter",
        {"eq": strawberry.ID | None, "in": list[strawberry.ID] | None},
        _described("eq", "in"),
        "按标识 / By identifier",
    )
    for enum in model.enums.values():
        _enum_filter(module, enum)
    _node_inputs(module, NODE, {})
    for type_ in model.types.values():
        if type_.root:
            _node_inputs(module, type_.name, type_.fields)


def _described(*operators: str) -> dict[str, str]:
    return {operator: _MEANING[operator] for operator in operators}


def _scalar_filter(module: Module, name: str, scalar: str) -> None:
    type_ = _TYPES[scalar]
    operators = ("eq", *(("in",) if scalar != "Boolean" else ()), *_OPERATORS[scalar], "exists")
    fields = {op: bool | None if op == "exists" else type_ | None for op in operators}
    if "in" in fields:
        fields["in"] = list[type_] | None  # type: ignore[valid-type]
    module.input(
        name,
        fields,
        _described(*operators),
        "同一个值须满足所有条件 / One value must satisfy all that is given",
    )


def _enum_filter(module: Module, enum: ApiEnum) -> None:
    module.input(
        f"{enum.name}Filter",
        {"eq": f"{enum.name} | None", "in": f"list[{enum.name}] | None", "exists": bool | None},
        _described("eq", "in", "exists"),
    )


def _node_inputs(module: Module, name: str, fields: Mapping[str, ApiField]) -> None:
    where: dict[str, Any] = {
        "and": f"list[{name}Where] | None",
        "or": f"list[{name}Where] | None",
        "not": f"{name}Where | None",
        "id": "IdFilter | None",
        "code": "StringFilter | None",
        "label": "StringFilter | None",
    }
    order: dict[str, Any] = dict.fromkeys(("id", "code", "label"), OrderDirection | None)
    for field in fields.values():
        if field.name in LOGIC or field.name in NODE_FIELDS:
            continue
        where[field.name] = f"{filter_name(field)} | None"
        if field.kind is not Kind.LINK and not field.many:
            order[field.name] = OrderDirection | None
    ended = {name_: field.ended for name_, field in fields.items() if field.ended}
    module.input(f"{name}Where", where, {}, "所列条件同时成立 / All that is given must hold", ended=ended)
    one_each = "每项只给一个字段 / One field in each entry"
    module.input(f"{name}Order", order, {}, one_each, one_of=True, ended=ended)
    module.input(
        f"{name}LinkFilter",
        {"some": f"{name}Where | None", "none": f"{name}Where | None", "exists": bool | None},
        {
            "some": "至少有一个所指对象满足 / At least one node linked to satisfies",
            "none": "没有所指对象满足 / No node linked to satisfies",
            "exists": _MEANING["exists"],
        },
    )


def filter_name(field: ApiField) -> str:
    """Return the name of the filter type of a field."""
    if field.kind is Kind.LINK:
        return f"{field.scalar}LinkFilter"
    return f"{field.scalar}Filter"


def python_type(field: ApiField) -> str:
    """Return the annotation of a plain field, to be read in the generated module."""
    name = f"list[{field.scalar} | None]" if field.many else field.scalar
    return f"{name} | None"


def scalar_names() -> Mapping[str, Any]:
    """Return the scalars by their GraphQL names, for the generated module."""
    return dict(_TYPES)
