"""Whose protected values an answer holds, in every form answers have."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import urllib.parse
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable

import openpyxl
import orjson
import pytest
import rdflib
from markupsafe import escape
from rdflib.namespace import RDFS

from qualitrace.access.disclosure import Disclosure
from qualitrace.exporting.mermaid import escape as mermaid_escape
from qualitrace.terms import literal

NODE, OTHER = "https://example.org/id/1", "https://example.org/id/2"
VALUES = [
    "示例甲",
    "A. Name",
    'o\'Neil "Bob" & <Co>',
    'back\\slash "quoted"',
    "两行\n示例",
    "tab\tand/slash",
    "𠮷野（示例）",
    "u1@college.example",
    "示例, 甲; 乙",
    "甲_乙 (示例) [2]",
    "é́ü",
]


def _csv(value: str) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(["x", value, "y"])
    return out.getvalue().encode()


def _rdf(form: str) -> Callable[[str], bytes]:
    def written(value: str) -> bytes:
        graph = rdflib.Graph()
        graph.add((rdflib.URIRef(NODE), RDFS.label, rdflib.Literal(value, lang="zh")))
        return graph.serialize(format=form, encoding="utf-8")

    return written


def _xml(encoding: str) -> Callable[[str], bytes]:
    def written(value: str) -> bytes:
        root = ET.Element("a", {"label": value})
        ET.SubElement(root, "b").text = value
        return ET.tostring(root, encoding=encoding)

    return written


def _text(value: str) -> bytes:
    root = ET.Element("a")
    root.text = value
    return ET.tostring(root, encoding="us-ascii")


def _xlsx(value: str) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet["B7"] = value
    book.save(out)
    return out.getvalue()


def _zip(value: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", orjson.dumps({"label": value}))
    return out.getvalue()


FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda value: value.encode(),
    "orjson": lambda value: orjson.dumps({"a": [value]}),
    "json ascii": lambda value: json.dumps({"a": value}).encode(),
    "json utf-8": lambda value: json.dumps({"a": value}, ensure_ascii=False, indent=2).encode(),
    "csv": _csv,
    "n-triples of ours": lambda value: literal(value, language="zh").encode(),
    "turtle": _rdf("turtle"),
    "n-triples": _rdf("nt"),
    "rdf/xml": _rdf("xml"),
    "json-ld": _rdf("json-ld"),
    "xml text, ascii": _text,
    "html.escape": lambda value: html.escape(value).encode(),
    "markupsafe": lambda value: str(escape(value)).encode(),
    "markupsafe ascii": lambda value: str(escape(value)).encode("ascii", "xmlcharrefreplace"),
    "mermaid": lambda value: mermaid_escape(value).encode(),
    "address": lambda value: ("/q?x=" + urllib.parse.quote(value, safe="")).encode(),
    "path": lambda value: urllib.parse.quote(value).encode(),
    "form": lambda value: urllib.parse.urlencode({"q": value}).encode(),
    "zip": _zip,
    "gzip": lambda value: gzip.compress(orjson.dumps(value)),
    "xlsx": _xlsx,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_found_in_every_form_and_not_without_it(form: str, value: str) -> None:
    matcher = Disclosure([(NODE, value)])
    assert matcher.nodes_in(FORMS[form](value)) == {NODE}
    assert matcher.nodes_in(FORMS[form]("nothing of the kind")) == frozenset()


@pytest.mark.parametrize("encoding", ["utf-8", "us-ascii"])
@pytest.mark.parametrize("value", [value for value in VALUES if "\n" not in value and "\t" not in value])
def test_a_value_is_found_in_xml(encoding: str, value: str) -> None:
    assert Disclosure([(NODE, value)]).nodes_in(_xml(encoding)(value)) == {NODE}


def test_everybody_of_one_name_is_named() -> None:
    matcher = Disclosure([(NODE, "示例甲"), (OTHER, "示例甲"), (OTHER, "乙"), (NODE, "")])
    assert matcher.nodes_in("示例甲".encode()) == {NODE, OTHER}
    assert matcher.nodes_in("乙".encode()) == {OTHER}
    assert matcher.nodes_in("丙".encode()) == frozenset()


def test_overlapping_values_are_all_found() -> None:
    matcher = Disclosure([(NODE, "甲乙"), (OTHER, "乙丙"), ("c", "甲乙丙丁"), ("d", "丁")])
    assert matcher.nodes_in("甲乙丙".encode()) == {NODE, OTHER}
    assert matcher.nodes_in("甲乙丙丁".encode()) == {NODE, OTHER, "c", "d"}


def test_a_doubtful_value_counts_as_found() -> None:
    assert Disclosure([(NODE, "10")]).nodes_in(b'{"n":2100}') == {NODE}


def test_characters_are_not_found_across_their_bytes() -> None:
    # The bytes of a character never begin inside those of another.
    assert Disclosure([(NODE, "§")]).nodes_in("亂".encode()) == frozenset()


def test_what_cannot_be_unpacked_counts_as_holding_everything() -> None:
    matcher = Disclosure([(NODE, "示例甲"), (OTHER, "乙")])
    whole = _zip("nothing")
    assert matcher.nodes_in(whole) == frozenset()
    assert matcher.nodes_in(whole[: len(whole) // 2]) == {NODE, OTHER}
    assert matcher.nodes_in(gzip.compress(b"x" * 1000)[:20]) == {NODE, OTHER}


def test_without_values_nothing_is_found() -> None:
    assert Disclosure([]).nodes_in(b"anything") == frozenset()
    assert Disclosure([(NODE, "")]).nodes_in(b"PK\x03\x04") == frozenset()
