"""Mappings and names: mistakes are named by file and key; the shipped ones and the documentation hold."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from qualitrace.errors import ProfileError
from qualitrace.loading.deadline import Trouble, parse_deadline
from qualitrace.loading.mapping import FIELDS
from qualitrace.loading.mapping_reading import _COLUMN_KEYS, _FORM_KEYS, read_forms
from qualitrace.loading.model import NoticeKind
from qualitrace.loading.names import read_names
from qualitrace.profile.model import Profile
from tests.loading.support import QA, csv_file, load, nodes, objects, with_mapping, with_names

GOOD: dict[str, Any] = {
    "form": "test",
    "columns": {
        "编号": {"read": "code"},
        "名称": {"read": "text"},
        "部门": {"read": "names", "split": "、"},
        "岗位": {"read": "within", "owner": "部门"},
    },
    "nodes": {
        "rule": {
            "class": "qa:Rule",
            "id": "rule/{编号.code}",
            "values": {"rdfs:label": "{名称}"},
            "links": {"qa:responsibleUnit": "部门.bodies", "qa:responsiblePost": "post"},
        },
        "post": {"class": "qa:Post", "id": "post/{岗位.owner}/{岗位.name}"},
    },
}


def changed(path: str, value: object) -> str:
    """The good mapping as YAML with one key set; None removes it."""
    data: Any = yaml.safe_load(yaml.safe_dump(GOOD, allow_unicode=True))
    *before, last = path.split(" › ")
    place = data
    for key in before:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return yaml.safe_dump(data, allow_unicode=True)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("form", None),
        ("columns", None),
        ("nodes", None),
        ("columns", "编号"),
        ("colums", {}),
        ("layout", "diagonal"),
        ("key", "没有这一列"),
        ("notes", "("),
        ("captions", {"编号": "text"}),
        ("columns › 编号 › read", "number-code"),
        ("columns › 编号 › depth", 2),
        ("columns › 编号 › pattern", "["),
        ("columns › 编号 › optional", "yes"),
        ("columns › 编号 › fill", "above"),
        ("columns › 编号 › blank", "fine"),
        ("columns › 编号 › split", ""),
        ("columns › 名称", {"read": "concept"}),
        ("columns › 名称", {"read": "coded-title", "depth": 12}),
        ("columns › 名称", {"read": "coded-title", "outer-of": "编号"}),
        ("columns › 名称", {"read": "concept", "schemes": "nope:levels"}),
        ("columns › 岗位 › owner", "单位"),
        ("nodes › rule › class", "qa:Rool"),
        ("nodes › rule › class", None),
        ("nodes › rule › class", "{名称}"),
        ("nodes › rule › id", None),
        ("nodes › rule › id", "rule/{编号.cod}"),
        ("nodes › rule › id", "rule/{编码}"),
        ("nodes › rule › id", "rule/{编号"),
        ("nodes › rule › id", "rule/{部门}"),
        ("nodes › rule › is", "部门"),
        ("nodes › rule › each", "没有这一列"),
        ("nodes › rule › when", "没有这一列"),
        ("nodes › rule › reference", True),
        ("nodes › rule › values › qa:lable", "{名称}"),
        ("nodes › rule › values › rdfs:label", "{名称.words}"),
        ("columns › 岗位 › depth", 2),
        ("nodes › rule › links › qa:responsibleUnit", "部门.people"),
        ("nodes › rule › links › qa:responsibleUnit", "名称"),
        ("nodes › rule › links › qa:responsibleUnit", "pots"),
        ("nodes › rule › links › qa:responsibleGaol", "post"),
        ("nodes › rule › link", {}),
        ("nodes › 名称", {"class": "qa:Post", "id": "post/{编号}"}),
    ],
)
def test_mistakes_are_named(path: str, value: object, profile: Profile) -> None:
    with pytest.raises(ProfileError) as caught:
        read_forms(with_mapping(profile, changed(path, value)))
    error = caught.value
    assert error.where.startswith("loaders/test.yaml")
    said = error.where + str(error.what.both()) + str(error.hint.both())
    last = path.rpartition(" › ")[2]
    assert last in said or str(value) in said
    assert error.what["zh"]
    assert error.what["en"]


def test_the_good_mapping_is_good(profile: Profile, tmp_path: Path) -> None:
    good = with_mapping(profile, yaml.safe_dump(GOOD, allow_unicode=True))
    rows = [["编号", "名称", "部门", "岗位"], ["R1", "办法", "教务处、学生处", "教务处/处长"]]
    loaded = load(csv_file(tmp_path / "t.csv", rows), good)
    assert objects(loaded, "rule/R1", QA + "responsibleUnit") == ["unit/学生处", "unit/教务处"]
    assert objects(loaded, "rule/R1", QA + "responsiblePost") == ["post/教务处/处长"]


def test_two_forms_of_one_name(profile: Profile) -> None:
    twice = replace(
        profile,
        mappings=(GOOD, GOOD),
        mapping_paths=(Path("loaders/a.yaml"), Path("loaders/b.yaml")),
    )
    with pytest.raises(ProfileError) as caught:
        read_forms(twice)
    assert caught.value.where == "loaders/b.yaml › form"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bodies", {"id": "unit/{title}"}),
        ("bodies", {"id": "unit"}),
        ("bodies", {"classes": [{"class": "qa:Nope", "pattern": "x"}]}),
        ("bodies", {"classes": [{"class": "qa:Department", "pattern": "("}]}),
        ("bodies", {"kinds": []}),
        ("groups", {"named": {"各部门": "qa:Nope"}}),
        ("groups", ["各部门"]),
        ("aliases", {"甲": "乙", "乙": "丙"}),
        ("distinct", [["甲"]]),
        ("mentions", ["("]),
        ("nicknames", {}),
    ],
)
def test_mistakes_in_names_are_named(key: str, value: object, profile: Profile) -> None:
    with pytest.raises(ProfileError) as caught:
        read_names(with_names(profile, **{key: value}))
    assert caught.value.where.startswith("loaders/names.yaml")


def test_conditions_and_typed_values(profile: Profile, tmp_path: Path) -> None:
    mapping = """
    form: test
    columns:
      编号: code
      类型: text
      名称: {read: text, blank: allowed}
    nodes:
      rule:
        class: qa:Rule
        id: rule/{编号}
        when: {类型: [制度, 办法]}
        values:
          rdfs:label: {text: "{名称}", language: zh}
      plan:
        class: qa:MasterPlan
        id: plan/{编号}/{名称?}
        when: {类型: 规划}
    """
    rows = [["编号", "类型", "名称"], ["1", " 制 度", "甲"], ["2", "规划", ""], ["3", "其他", "丙"]]
    loaded = load(csv_file(tmp_path / "t.csv", rows), with_mapping(profile, mapping))
    assert nodes(loaded, "Rule") == {"rule/1"}
    assert nodes(loaded, "MasterPlan") == {"plan/2/-"}
    assert '"甲"@zh' in {e.fact.object for e in loaded.facts}
    assert {n.text for n in loaded.notices if n.kind is NoticeKind.UNREADABLE} == {"3", "其他", "丙"}


def test_shipped_mappings_are_read(profile: Profile) -> None:
    forms = read_forms(profile)
    assert len(forms) == len(list((profile.directory / "loaders").glob("*.yaml"))) - 1
    for form in forms:
        assert form.titles["zh"]
        assert form.titles["en"]
        assert form.key or form.layout == "rows"


@pytest.fixture(scope="module")
def documentation(repo_root: Path) -> str:
    """docs/mapping.md."""
    return (repo_root / "docs" / "mapping.md").read_text(encoding="utf-8")


def test_the_documentation_names_everything(documentation: str) -> None:
    quoted = set(re.findall(r"`([^`\s]+)`", documentation))
    assert FIELDS.keys() <= quoted
    assert {field for fields in FIELDS.values() for field in fields} <= quoted
    assert set(_COLUMN_KEYS) - {"read"} <= quoted
    assert set(_FORM_KEYS) <= {word.strip(":") for word in quoted} | {"columns", "nodes", "captions"}
    listed = set(re.findall(r"^\| ([a-z-]+) \| ", documentation, re.MULTILINE))
    assert {kind.value for kind in NoticeKind} <= listed


def test_examples_of_the_documentation_are_valid(documentation: str, profile: Profile) -> None:
    form, _captions, names = re.findall(r"```yaml\n(.*?)```", documentation, re.DOTALL)
    assert read_forms(with_mapping(profile, form))[0].key == "工作"
    rules = read_names(replace(profile, names=yaml.safe_load(names)))
    assert rules.aliases == {"信息中心": "信息技术中心"}


def test_deadlines_of_the_documentation_are_as_said(documentation: str) -> None:
    table = documentation.partition("## Deadlines")[2].partition("##")[0]
    rows = re.findall(r"^\| (`.*`) \| (.*?) \|$", table, re.MULTILINE)
    assert rows
    for written, said in rows:
        for text in re.findall(r"`([^`]+)`", written):
            due = parse_deadline(text)
            assert (due.trouble is Trouble.NONE) != said.startswith("kept as text"), text
            days = re.findall(r"\d{4}-\d\d-\d\d", said)
            found = [day.isoformat() for day in (due.due_from, due.due_by) if day]
            assert not days or found == days, text
