"""The root fields ``network`` and ``networkQuestions`` (floor 4)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import strawberry
from strawberry import UNSET

from qualitrace.graphql.context import context_of, raw
from qualitrace.graphql.network_types import (
    NetworkAnswerType,
    NetworkQuestion,
    network_answer,
    network_question,
)
from qualitrace.graphql.node import given
from qualitrace.graphql.scalars import Moment
from qualitrace.graphql.why_fields import asked_of
from qualitrace.registry.networking import network

Info = strawberry.Info[Any, Any]


def network_fields() -> dict[str, Any]:
    """Return the root fields about the network of links."""
    return {
        "network": strawberry.field(
            _network,
            description="网络问题：成环、孤岛、要害、负荷、兼任、集中 / What a question about the network "
            "finds on a date: cycles, islands, points of failure, load, conflicts, concentration",
        ),
        "network_questions": strawberry.field(
            _questions, description="可问的网络问题 / The questions that the network can be asked"
        ),
    }


def _network(
    info: Info, question: str, as_of: dt.date | None = UNSET, known_at: Moment | None = UNSET
) -> NetworkAnswerType | None:
    context = context_of(info).known(raw(info), given(known_at))
    return network_answer(network(asked_of(context), question, as_of=given(as_of)))


def _questions(info: Info) -> list[NetworkQuestion]:
    return [network_question(one) for one in asked_of(context_of(info)).profile.networks]
