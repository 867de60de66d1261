"""A small made-up registry (示例) on the shipped profile, with every basis and every kind of ending."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from qualitrace.journal.model import Source
from qualitrace.profile import Profile, load_profile
from qualitrace.store import INFERRED, PROFILE, STATED, Engine, OxigraphEngine
from qualitrace.terms import RDF_TYPE, RDFS_LABEL, SKOS_NOTATION, XSD, Fact, iri, literal
from qualitrace.tracing import TraceIndex
from qualitrace.tracing.model import Trace

BASE = "https://college.example/id/"
QA = "https://w3id.org/qualitrace/qa#"
NASTY = 'a "quoted" <b>&amp; #1; `x` | [y] \\ \x07bell'

TraceFrom = Callable[..., Trace]


def node(name: str) -> str:
    return BASE + name


def of(kind: str, name: str, label: str, code: str = "", **links: str | tuple[str, ...]) -> list[Fact]:
    """The facts of one node; links name nodes, and a leading ``=`` an untyped literal, ``@`` a date."""
    subject = node(name)
    facts = [
        Fact(subject, RDF_TYPE, iri(QA + kind)),
        Fact(subject, RDFS_LABEL, literal(label, language="zh")),
    ]
    if code:
        facts.append(Fact(subject, SKOS_NOTATION, literal(code)))
    for name_, values in links.items():
        for value in (values,) if isinstance(values, str) else values:
            facts.append(Fact(subject, QA + name_, _object(value)))
    return facts


def _object(value: str) -> str:
    if value.startswith("@"):
        return literal(value[1:], datatype=XSD + "date")
    return literal(value[1:]) if value.startswith("=") else iri(node(value))


STATED_FACTS = [
    *of("Indicator", "indicator/Z1", "示例指标", "Z1", indicatorOf="point/2.3.2", owner="post/甲/科长"),
    *of("DiagnosisPoint", "point/2.3.2", "示例诊断点", "2.3.2", examines=("duty/甲/D1", "duty/乙/D2")),
    *of("Duty", "duty/甲/D1", "负责示例档案的收集、整理、保管与提供利用的全过程管理工作", "D1",
        dutyOf="unit/甲", realisedBy=("work/甲/W1", "work/甲/W2")),
    *of("Duty", "duty/乙/D2", NASTY, "D2", dutyOf="unit/乙"),
    *of("Department", "unit/甲", "示例甲处", headPost="post/甲/处长"),
    *of("Department", "unit/乙", "示例乙处", headPost="post/乙/处长"),
    *of("WorkItem", "work/甲/W1", "示例工作一", "W1", assignedTo="post/甲/科长"),
    *of("WorkItem", "work/甲/W2", "示例工作二", "W2", assignedTo="post/甲/干事"),
    *of("Post", "post/甲/科长", "示例科长", hasAppointment=("appointment/1", "appointment/2")),
    *of("Post", "post/甲/处长", "示例处长", hasAppointment="appointment/3"),
    *of("Post", "post/乙/处长", "示例乙处处长", hasAppointment="appointment/4"),
    *of("Post", "post/甲/干事", "示例干事"),
    *of("Appointment", "appointment/1", "示例任职一", appointee="person/1", startDate="@2020-01-01",
        endDate="@2024-12-31"),
    *of("Appointment", "appointment/2", "示例任职二", appointee="person/2", startDate="@2025-01-01",
        appointmentType="acting"),
    *of("Appointment", "appointment/3", "示例任职三", appointee="person/3", startDate="@2020-01-01"),
    *of("Appointment", "appointment/4", "示例任职四", appointee="person/3", startDate="@2021-09-01"),
    *of("Person", "person/1", "示例张一", staffNumber="=001"),
    *of("Person", "person/2", "示例李二", staffNumber="=002"),
    *of("Person", "person/3", "示例王三", staffNumber="=003"),
    Fact(node("acting"), RDFS_LABEL, literal("代理", language="zh")),
    Fact(node("acting"), RDFS_LABEL, literal("acting", language="en")),
]  # fmt: skip
INFERRED_FACTS = [
    Fact(node("indicator/Z1"), QA + "responsibleUnit", iri(node("unit/甲"))),
    Fact(node("unit/甲"), RDF_TYPE, iri(QA + "Unit")),
]


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="session")
def engine(profile: Profile) -> Engine:
    made = OxigraphEngine()
    made.load(PROFILE, profile.ontology.serialize(format="nt"))
    made.change(STATED, STATED_FACTS, [])
    made.change(INFERRED, INFERRED_FACTS, [])
    return made


@pytest.fixture(scope="session")
def trace_from(engine: Engine, profile: Profile) -> TraceFrom:
    """Trace from a node to a class on 2025-03-01."""
    index = TraceIndex.build(engine, profile)

    def trace(name: str, to: str = "Person", *, backwards: bool = False) -> Trace:
        return index.trace(node(name), QA + to, as_of=dt.date(2025, 3, 1), backwards=backwards)

    return trace


@pytest.fixture(scope="session")
def sources() -> dict[Fact, tuple[Source, ...]]:
    """Where the stated facts were read: one row each, and two places for the first."""
    places = {
        fact: (Source("示例 表2.xlsx", "表 2", number, f"A{number}"),)
        for number, fact in enumerate(STATED_FACTS, start=2)
    }
    places[STATED_FACTS[0]] += (Source("other.csv"),)
    return places
