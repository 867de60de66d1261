"""The engine knows no domain: no class or property of the shipped ontology is named in ``src/``.

What counts as naming one depends on how telling the name is:

- A name of several humps (``DiagnosisPoint``, ``hasTask``) is nobody's ordinary word. It may occur
  nowhere: not in code, strings, comments or data files of the package.
- A class name of one word (``Duty``, ``Post``) is also English. It may be no Python identifier, and
  no word of a string that the program uses; docstrings and comments may speak of a report.
- A property name of one word (``owner``, ``level``) is an everyday identifier. It may be no string
  of its own and no qualified name.
- The namespace, and any name qualified by its prefix, may occur nowhere.
- A Chinese label of a class may be in no string that the program uses.

Words that the engine has in its own right are excused one by one in ``EXCUSED``, with the reason; an
excuse that nothing needs fails the suite.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS

NAMESPACE = "https://w3id.org/qualitrace/qa#"
PREFIX = "qa"

# Words the engine has in its own right, whatever the domain.
EXCUSED: dict[str, str] = {
    "Criterion": "one key that an answer is ordered by",
    "Deadline": "what loading reads a date, interval or recurrence of a cell into",
    "deadline": "the kind of cell that a mapping reads so",
    "recurrence": "a field of such a cell",
    "owner": "the body before the slash in a name such as body/name, as mappings call it",
    "Group": "an operation of SPARQL algebra (GROUP BY)",
    "Finding": "a result of validation (sh:ValidationResult)",
    "Report": "all results of a validation (sh:ValidationReport)",
    "Rule": "a rule of validation, in the heading of a sheet",
    "evidence": "a command: an answer with all that it rests on",
    "level": "how serious a finding is: what `validate --group-by` can group by",
    "target": "the end of a step (JSON)",
    "value": "the value of a finding, of a setting, of a SHACL result ($value)",
    "人员": "“people” in a message about names of groups",
    "单位": "a body that must act, in messages",
    "权限": "permissions of a file",
    "目标": "a goal in the program's own one-line description; a SHACL target",
}


@dataclass(frozen=True)
class Domain:
    """The words that must not be in the engine."""

    classes: frozenset[str]
    properties: frozenset[str]
    labels: frozenset[str]  # Chinese labels of classes

    @property
    def telling(self) -> frozenset[str]:
        return frozenset(n for n in self.classes | self.properties if re.search(r"[a-z0-9][A-Z]", n))


@dataclass
class Words:
    """What a Python file says: its identifiers, and its strings that are not docstrings."""

    identifiers: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)


def read_domain(ontology: Path) -> Domain:
    graph = rdflib.Graph()
    for path in sorted(ontology.glob("*.ttl")):
        graph.parse(path, format="turtle")

    def names(*kinds: rdflib.URIRef) -> frozenset[str]:
        terms = {str(term) for kind in kinds for term in graph.subjects(RDF.type, kind)}
        return frozenset(t.removeprefix(NAMESPACE) for t in terms if t.startswith(NAMESPACE))

    classes = names(OWL.Class, RDFS.Class)
    labels = {
        str(label)
        for name in classes
        for label in graph.objects(rdflib.URIRef(NAMESPACE + name), RDFS.label)
        if getattr(label, "language", None) == "zh"
    }
    properties = names(OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, RDF.Property)
    return Domain(classes, properties, frozenset(labels))


def words_of(source: str) -> Words:
    words = Words()
    tree = ast.parse(source)
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            words.strings.add(node.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            words.identifiers.add(token.string)
    return words


def named(text: str, domain: Domain, *, python: bool) -> Iterator[str]:
    """The names of the domain that a file uses."""
    if NAMESPACE in text:
        yield NAMESPACE
    yield from re.findall(rf"\b{PREFIX}:[A-Za-z]\w*", text)
    yield from domain.telling & set(re.findall(r"\w+", text))
    if not python:
        return
    words = words_of(text)
    single = domain.classes - domain.telling
    yield from single & words.identifiers
    yield from single & {word for string in words.strings for word in re.findall(r"\w+", string)}
    yield from (domain.properties - domain.telling) & words.strings
    yield from (label for label in domain.labels for string in words.strings if label in string)


def uses(folder: Path, domain: Domain) -> dict[str, set[str]]:
    """Names of the domain by the files of a folder that use them."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        for name in named(text, domain, python=path.suffix == ".py"):
            found.setdefault(name, set()).add(path.relative_to(folder).as_posix())
    return found


@pytest.fixture(scope="module")
def domain(repo_root: Path) -> Domain:
    return read_domain(repo_root / "ontology")


def test_the_ontology_was_read(domain: Domain) -> None:
    assert {"Duty", "Post", "DiagnosisPoint"} <= domain.classes
    assert {"owner", "hasTask", "dueBy"} <= domain.properties
    assert len(domain.classes) >= 40
    assert len(domain.properties) >= 60


def test_the_engine_names_nothing_of_the_domain(domain: Domain, repo_root: Path) -> None:
    found = uses(repo_root / "src", domain)
    assert {name: files for name, files in found.items() if name not in EXCUSED} == {}


def test_every_excuse_is_needed(domain: Domain, repo_root: Path) -> None:
    assert set(EXCUSED) - set(uses(repo_root / "src", domain)) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("class DiagnosisPoint: ...", "DiagnosisPoint"),
        ("x = 1  # see hasTask", "hasTask"),
        ('"""About hasTask."""', "hasTask"),
        ("query = 'SELECT ?x { ?x a :DiagnosisPoint }'", "DiagnosisPoint"),
        ("Duty = 1", "Duty"),
        ("def f(node): return node.Post", "Post"),
        ("kinds = ['Post', 'Duty']", "Duty"),
        ("message = f'no Duty for {x}'", "Duty"),
        ("key = 'owner'", "owner"),
        ("name = 'qa:owner'", "qa:owner"),
        ("# qa:value", "qa:value"),
        (f"NS = '{NAMESPACE}'", NAMESPACE),
        ("text = '没有诊断点'", "诊断点"),
    ],
)
def test_a_planted_name_is_found(tmp_path: Path, domain: Domain, text: str, name: str) -> None:
    (tmp_path / "planted.py").write_text(text + "\n", encoding="utf-8")
    assert name in uses(tmp_path, domain)


def test_a_name_planted_in_a_data_file_is_found(tmp_path: Path, domain: Domain) -> None:
    (tmp_path / "planted.ttl").write_text(f"<x> a <{NAMESPACE}DiagnosisPoint> .", encoding="utf-8")
    assert {NAMESPACE, "DiagnosisPoint"} <= set(uses(tmp_path, domain))


@pytest.mark.parametrize(
    "text", ["owner = node.level", '"""Hands a Report to whoever has a Post."""', "x = 'posts, duties'"]
)
def test_ordinary_words_are_not(tmp_path: Path, domain: Domain, text: str) -> None:
    (tmp_path / "plain.py").write_text(text + "\n", encoding="utf-8")
    assert uses(tmp_path, domain) == {}
