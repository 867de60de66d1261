"""Data and shapes from RDF files, to be checked without a registry.

Nothing is fetched: no ``owl:imports``, no JSON-LD context, no entity of an XML file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib.term import URIRef

from qualitrace.errors import DocumentError
from qualitrace.store.exact import ExactLiterals
from qualitrace.text import Text
from qualitrace.validation.data import to_rdflib

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
}
_LONGEST_ENTITY = 200  # characters: enough for a namespace, which is what entities in RDF/XML are for
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[(.*?)\]\s*)?>", re.DOTALL)
_ENTITY = re.compile(rb"""<!ENTITY\s+[\w.:-]+\s+(?:"([^"]*)"|'([^']*)')\s*>""")


def read_data(paths: Iterable[Path]) -> tuple[ox.Store, ExactLiterals]:
    """Read files into one store, with the literals as they were written.

    Raises DocumentError for a file that cannot be read.
    """
    store, exact = ox.Store(), ExactLiterals()
    for path in paths:
        store.bulk_extend(_noted(_triples(path)[0], exact))
    return store, exact


def _noted(quads: Iterable[ox.Quad], exact: ExactLiterals) -> Iterator[ox.Quad]:
    for quad in quads:
        if isinstance(quad.object, ox.Literal):
            exact.note(str(quad.subject), quad.predicate.value, quad.object)
        yield quad


def read_shapes(paths: Iterable[Path]) -> rdflib.Graph:
    """Read shapes from files, and from all files of folders, into one graph with their prefixes.

    Raises DocumentError for a file that cannot be read, and for a folder without any.
    """
    graph = rdflib.Graph(bind_namespaces="none")
    for path in paths:
        for file in _files(path):
            quads, prefixes = _triples(file)
            for quad in quads:
                graph.add((to_rdflib(quad.subject), URIRef(quad.predicate.value), to_rdflib(quad.object)))  # type: ignore[arg-type]
            for prefix, namespace in prefixes.items():
                graph.bind(prefix, namespace, override=False)
    return graph


def _files(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in FORMATS and file.is_file())
    if not found:
        raise _unreadable(path, zh="文件夹里没有 RDF 文件", en="there is no RDF file in the folder")
    return found


def _triples(path: Path) -> tuple[list[ox.Quad], dict[str, str]]:
    """Read one file: what it says, in the default graph, and its prefixes."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise _unreadable(
            path,
            zh=f"不知道 {path.suffix or '没有扩展名的文件'} 是哪种 RDF 格式",
            en=f"{path.suffix or 'a file without extension'} is no known RDF format",
        )
    try:
        content = path.read_bytes()
        if form == ox.RdfFormat.RDF_XML:
            _check_entities(path, content)
        parser = ox.parse(content, format=form, base_iri=path.absolute().as_uri(), rename_blank_nodes=True)
        quads = [ox.Quad(quad.subject, quad.predicate, quad.object) for quad in parser]
    except OSError as error:
        raise _unreadable(path, zh=str(error.strerror), en=str(error.strerror)) from error
    except (SyntaxError, ValueError) as error:
        raise _syntax(path, error) from error
    if any(isinstance(term, ox.Triple) for quad in quads for term in (quad.subject, quad.object)):
        raise _unreadable(path, zh="含有三元组项(RDF 1.2)", en="it holds triple terms (RDF 1.2)")
    return quads, parser.prefixes


def _syntax(path: Path, error: Exception) -> DocumentError:
    if "LoadDocumentCallback" in str(error):
        return _unreadable(
            path,
            zh="它的 @context 在网络上,这里不读取网络",
            en="its @context is on the network, and nothing is fetched",
        )
    detail = str(getattr(error, "msg", "") or error)
    line = getattr(error, "lineno", None)
    return _unreadable(path, zh=detail, en=detail, line=line)


def _check_entities(path: Path, content: bytes) -> None:
    """Raise DocumentError for entities that may swell or reach out of the file (XML 1.0, 4.2)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _unreadable(path, zh="文件不是 UTF-8 编码", en="it is not UTF-8 text")
    doctype = _DOCTYPE.search(content)
    if doctype is None:
        if b"<!DOCTYPE" not in content and b"<!ENTITY" not in content:
            return
        raise _hostile(path)
    inner = doctype.group(1) or b""
    entities = _ENTITY.findall(inner)
    values = [one or other for one, other in entities]
    if (
        content.count(b"<!ENTITY") != len(entities)
        or content.count(b"<!DOCTYPE") != 1
        or re.search(rb"\b(SYSTEM|PUBLIC)\b", doctype.group(0).split(b"[")[0])
        or any(b"&" in value or b"%" in value or len(value) > _LONGEST_ENTITY for value in values)
    ):
        raise _hostile(path)


def _hostile(path: Path) -> DocumentError:
    return _unreadable(
        path,
        zh="它的 XML 实体指向别处或互相引用,可能有害",
        en="its XML entities reach elsewhere or refer to each other, which may do harm",
    )


def _unreadable(path: Path, *, zh: str, en: str, line: int | None = None) -> DocumentError:
    return DocumentError(
        Text(zh=f"这个文件读不了:{zh}。", en=f"The file cannot be read: {en}."),
        where=f"{path}:{line}" if line else str(path),
        hint=Text(
            zh="可用的格式:Turtle(.ttl)、N-Triples(.nt)、N-Quads(.nq)、TriG(.trig)、"
            "RDF/XML(.rdf、.owl、.xml)、JSON-LD(.jsonld、.json)。",
            en="Known formats: Turtle (.ttl), N-Triples (.nt), N-Quads (.nq), TriG (.trig),"
            " RDF/XML (.rdf, .owl, .xml), JSON-LD (.jsonld, .json).",
        ),
    )
