"""The page of findings, re-read as HTML: what stands in which group, and that text stays text."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from qualitrace.errors import ProfileError
from qualitrace.exporting import findings_html
from qualitrace.journal.model import Source
from qualitrace.profile import Profile, load_profile
from qualitrace.terms import SH, literal
from qualitrace.text import Text
from qualitrace.validation.grouping import LEVELS, GroupBy, grouped
from qualitrace.validation.model import Acceptance, Finding, Report, RuleReport, Severity
from tests.exporting.conftest import NASTY, QA, node

SHAPES = "https://example.org/shapes#"
UNIT: dict[str, object] = {"unit": node("unit/甲"), "unit_label": Text(zh="示例甲处", en="Example A")}
VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Page(HTMLParser):
    """Rows of each table by its section's heading; elements, addresses and unclosed tags."""

    rows: dict[str, list[list[str]]] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    heading: str = ""
    style: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, text: str) -> Page:
        page = cls()
        page.feed(text)
        page.close()
        assert page.open == []
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "h2":
            self.heading = ""
        if tag == "tr":
            self.rows.setdefault(self.heading.strip(), []).append([])
        if tag in ("td", "th"):
            self.rows[self.heading.strip()][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        elif {"td", "th"} & set(self.open):
            self.rows[self.heading.strip()][-1][-1] += data
        elif "h2" in self.open:
            self.heading += data if data.strip() else " "


def finding(name: str, severity: Severity = Severity.WARNING, /, **other: object) -> Finding:
    values: dict[str, object] = {
        "rule": SHAPES + "OneRule",
        "component": SH + "MinCountConstraintComponent",
        "severity": severity,
        "focus": node(name),
        "path": f"<{QA}dutyOf>",
        "value": "",
        "message": Text(zh=f"问题 {name}", en=f"problem {name}"),
        "fix": Text(zh="请填写", en="fill it in"),
        "focus_label": Text(zh=f"示例 {name}"),
    }
    return Finding(**(values | other))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture
def report() -> Report:
    deep = finding("inner", message=Text(zh="最里面的原因", en="the reason inside"))
    findings = (
        finding("outer", because=(finding("middle", because=(deep,)),), since="2025-02-03T04:05:06Z"),
        finding("a", Severity.VIOLATION, **UNIT, sources=(Source("表2.xlsx", "表 2", 7, "C7"),)),
        finding(
            "b", **UNIT, rule=SHAPES + "Two", component=SH + "InConstraintComponent", value=literal("错")
        ),
        finding("c", Severity.INFO, excepted=Acceptance("示例丁", "等候任命", dt.date(2030, 1, 2))),
    )
    rules = (
        RuleReport(SHAPES + "NoNodes", Text(zh="无对象"), Severity.INFO, 0, 0),
        RuleReport(SHAPES + "OneRule", Text(zh="规则一", en="rule one"), Severity.WARNING, 12, 3, 1),
    )
    return Report(findings, rules, (Text(zh="一条说明", en="a notice"),))


@pytest.mark.parametrize("by", GroupBy)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_stands_in_its_group(
    report: Report, profile: Profile, by: GroupBy, language: str
) -> None:
    page = Page.of(findings_html(report, profile, language, group_by=by))
    groups = grouped(report, by)
    assert sum(len(group.findings) for group in groups) == len(report.findings)
    for group in groups:
        (heading,) = (name for name in page.rows if name.startswith(group.label.best(language)))
        for severity in Severity:
            told = f"{LEVELS[severity].best(language)} {group.count(severity)}"
            assert (told in heading) == (group.count(severity) > 0)
        head, *rows = page.rows[heading]
        assert all(len(row) == len(head) for row in rows)
        for found, row in zip(group.findings, rows, strict=True):
            text = " ".join(row)
            assert found.message.best(language) in text
            assert found.fix.best(language) in text
            assert all(source.place() in text for source in found.sources)
            assert found.since[:10] == row[-1]
            if by is not GroupBy.UNIT:
                assert found.unit_label.best(language) in text


def test_what_is_missing_is_called_by_its_name(report: Report, profile: Profile) -> None:
    page = Page.of(findings_html(report, profile, "zh", group_by=GroupBy.RULE))
    cells = {row[1]: row[3] for rows in page.rows.values() for row in rows if len(row) == len(rows[0]) > 5}
    declared = profile.trace.properties[QA + "dutyOf"].labels["zh"]
    assert f"缺：{declared}" in cells[next(name for name in cells if name.startswith("示例 a"))]
    wrong = cells[next(name for name in cells if name.startswith("示例 b"))]
    assert "缺" not in wrong
    assert declared in wrong
    assert "错" in wrong


def test_the_reason_at_the_bottom_and_who_accepts(report: Report, profile: Profile) -> None:
    page = Page.of(findings_html(report, profile, "zh"))
    rows = {row[1]: " ".join(row) for rows in page.rows.values() for row in rows}
    outer = next(text for name, text in rows.items() if name.startswith("示例 outer"))
    assert "示例 inner：最里面的原因" in outer
    assert "问题 middle" not in outer
    accepted = next(text for name, text in rows.items() if name.startswith("示例 c"))
    assert all(part in accepted for part in ("示例丁", "等候任命", "2030-01-02"))


def test_rules_that_checked_nothing_are_marked(report: Report, profile: Profile) -> None:
    text = findings_html(report, profile, "en")
    one, idle = Page.of(text).rows["Rules"][1:]
    assert [cell.strip() for cell in one[2:]] == ["12", "12", "3", "1"]
    assert "checked nothing" in idle[2]
    assert text.count('class="idle"') == 1


HOSTILE = [
    NASTY,
    "</style><script>alert(1)</script>",
    "'\"><img src=x onerror=y>",
    "{{ 7 * 7 }}",
    "</td></table>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text(text: str, profile: Profile) -> None:
    plain = Text(zh=text, en=text)
    planted = finding(
        "x",
        message=plain,
        fix=plain,
        focus_label=plain,
        unit=node("u"),
        unit_label=plain,
        path=f"<{QA}{text}>/^<x>",
        value=literal(text),
        sources=(Source(text, text, 1, text),),
        because=(finding("y", message=plain, focus_label=plain),),
        excepted=Acceptance(text, text, dt.date(2030, 1, 1)),
    )
    rules = (RuleReport(planted.rule, plain, Severity.WARNING, 1, 1),)
    calm = Text(zh="平常", en="calm")
    quiet = replace(
        planted,
        message=calm,
        fix=calm,
        focus_label=calm,
        unit_label=calm,
        path="",
        value=literal("v"),
        sources=(Source("d", "p", 1, "c"),),
        because=(finding("y", message=calm, focus_label=calm),),
    )
    page = Page.of(findings_html(Report((planted,), rules, (plain,)), profile, stands_at=text))
    assert page.tags == Page.of(findings_html(Report((quiet,), rules, (calm,)), profile, stands_at="x")).tags
    (row,) = (
        rows[1] for heading, rows in page.rows.items() if heading.startswith(text.replace("\x07", "")[:8])
    )
    for cell in (1, 2, 3, 4, 5):
        assert text.replace("\x07", "") in row[cell]


def test_nothing_is_fetched(report: Report, profile: Profile) -> None:
    page = Page.of(findings_html(report, profile))
    assert set(page.tags).isdisjoint({"script", "link", "img", "iframe", "object", "embed", "base"})
    assert all(address.startswith("#") for address in page.addresses)
    assert "url(" not in page.style
    assert "@import" not in page.style


def test_an_empty_report_is_still_a_page(profile: Profile) -> None:
    text = findings_html(Report((), ()), profile, "en")
    assert "Nothing was found." in text
    assert list(Page.of(text).rows) == ["Rules"]


def test_a_profile_can_restyle_the_page(report: Report, profile: Profile, tmp_path: Path) -> None:
    own = replace(profile, directory=tmp_path)
    (tmp_path / "exports").mkdir()
    template = tmp_path / "exports" / "findings.html.j2"
    template.write_text(
        '{% extends "default/findings.html.j2" %}{% block style %}h1 { color: teal; }{% endblock %}'
    )
    assert "color: teal" in Page.of(findings_html(report, own)).style
    template.write_text("{% if %}")
    with pytest.raises(ProfileError) as caught:
        findings_html(report, own)
    assert str(template) in caught.value.where
