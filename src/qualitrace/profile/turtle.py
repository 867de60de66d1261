"""Reading Turtle files into one graph, remembering where each subject was written.

Parsing is done by Oxigraph's parser (about ten times faster than rdflib's, and its errors carry line
numbers); the statements are handed to rdflib. Nothing is fetched: Turtle has no includes, and
``owl:imports`` is only compared with what the profile itself holds (see ``check``).
"""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib.term import BNode, Identifier, Literal, Node, URIRef

from qualitrace.errors import ProfileError
from qualitrace.profile.problems import problem

MAX_BYTES = 16 * 1024 * 1024  # a profile is written by hand; anything larger is data, not a profile


class TurtleReader:
    """Reads files one after another and keeps what error messages and stable orders need.

    ``order`` maps every subject to the number of the statement that first names it, so that lists of
    shapes come out as they were written; ``prefixes`` are those of all files.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.order: dict[Node, int] = {}
        self.prefixes: dict[str, str] = {}
        self.problems: list[ProfileError] = []
        self._homes: dict[Node, Path] = {}
        self._texts: dict[Path, str] = {}
        self._prefix_homes: dict[str, Path] = {}
        self._blank: dict[tuple[Path, str], BNode] = {}
        self._parents: dict[Node, Node] = {}

    def read(self, path: Path, *graphs: rdflib.Graph) -> None:
        """Add the statements of ``path`` to each of ``graphs``; problems go to ``self.problems``."""
        try:
            text = read_text(path, self.relative(path))
            parser = ox.parse(text, format=ox.RdfFormat.TURTLE)
            for quad in parser:
                self._add(path, quad, graphs)
        except SyntaxError as error:
            self.problems.append(self._syntax_problem(path, error))
            return
        except ProfileError as error:
            self.problems.append(error)
            return
        self._texts[path] = text
        self._keep_prefixes(path, parser.prefixes)

    def relative(self, path: Path) -> str:
        """Return ``path`` as a person writes it: from the profile directory."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    def place(self, term: Node) -> str:
        """Return ``file:line`` where ``term`` is described; for a blank node, its owner's place."""
        seen: set[Node] = set()
        while isinstance(term, BNode) and term in self._parents and term not in seen:
            seen.add(term)
            term = self._parents[term]
        home = self._homes.get(term)
        if home is None:
            return str(term)
        line = self._line(self._texts.get(home, ""), term)
        return f"{self.relative(home)}:{line}" if line else self.relative(home)

    def mention(self, term: Node) -> str:
        """Return ``file:line`` where ``term`` is first written, in whatever place; ``""`` when nowhere."""
        for path, text in self._texts.items():
            found = re.search(rf"(?<![\w:-])(?:{self._spellings(term)})(?![\w-])", text)
            if found is not None:
                return f"{self.relative(path)}:{_line_at(text, found)}"
        return ""

    def _add(self, path: Path, quad: ox.Quad, graphs: tuple[rdflib.Graph, ...]) -> None:
        subject, object_ = self._term(path, quad.subject), self._term(path, quad.object)
        statement = (subject, URIRef(quad.predicate.value), object_)
        self.order.setdefault(subject, len(self.order))
        self._homes.setdefault(subject, path)
        if isinstance(object_, BNode):
            self._parents.setdefault(object_, subject)
        for graph in graphs:
            graph.add(statement)

    def _term(self, path: Path, term: object) -> Identifier:
        match term:
            case ox.NamedNode():
                return URIRef(term.value)
            case ox.BlankNode():
                return self._blank.setdefault((path, term.value), BNode(f"b{len(self._blank)}"))
            case ox.Literal():
                if term.language:
                    return Literal(term.value, lang=term.language)
                datatype = URIRef(term.datatype.value)
                if datatype == rdflib.XSD.string:  # rdflib tells "a" from "a"^^xsd:string; RDF 1.1 does not
                    return Literal(term.value)
                return Literal(term.value, datatype=datatype, normalize=False)
        raise problem(
            "文件里有三元组项（RDF 1.2），这里还不支持",
            "the file holds a triple term (RDF 1.2), which is not supported here",
            where=self.relative(path),
        )

    def _keep_prefixes(self, path: Path, prefixes: dict[str, str]) -> None:
        for prefix, namespace in prefixes.items():
            if not prefix:  # ":" is each file's own business
                continue
            known = self.prefixes.setdefault(prefix, namespace)
            self._prefix_homes.setdefault(prefix, path)
            if known != namespace:
                other = self.relative(self._prefix_homes[prefix])
                self.problems.append(
                    problem(
                        f"前缀 {prefix}: 在两个文件里指向不同的名称空间：<{known}>（{other}）"
                        f"与 <{namespace}>",
                        f"the prefix {prefix}: stands for two namespaces: <{known}> ({other}) and"
                        f" <{namespace}>",
                        where=self.relative(path),
                        hint_zh="请在所有文件里用同一个名称空间，或换一个前缀。",
                        hint_en="Use one namespace in all files, or another prefix.",
                    )
                )

    def _line(self, text: str, term: Node) -> int:
        found = re.search(rf"^[ \t]*(?:{self._spellings(term)})(?=[\s;,.]|$)", text, re.MULTILINE)
        return 0 if found is None else _line_at(text, found)

    def _spellings(self, term: Node) -> str:
        """Return a pattern of the ways to write an IRI: in full, and with each prefix that fits."""
        spellings = [f"<{term}>"]
        for prefix, namespace in self.prefixes.items():
            if str(term).startswith(namespace):
                spellings.append(f"{prefix}:{str(term)[len(namespace) :]}")
        return "|".join(re.escape(spelling) for spelling in spellings)

    def _syntax_problem(self, path: Path, error: SyntaxError) -> ProfileError:
        detail = re.sub(r"^.*? at line .*?: ", "", str(error.msg or error))
        if "No scheme found" in detail:
            return problem(
                "文件里有相对地址，离开这台机器就没有意义",
                "the file holds a relative address, which means nothing on another machine",
                where=f"{self.relative(path)}:{error.lineno or 1}",
                hint_zh="请写出完整地址（http://… 或带前缀的名字），或在文件开头写 @base。",
                hint_en="Write the whole address (http://… or a prefixed name), or put @base on top.",
            )
        return problem(
            f"这个 Turtle 文件读不了：{detail}",
            f"this Turtle file cannot be read: {detail}",
            where=f"{self.relative(path)}:{error.lineno or 1}",
            hint_zh="请查看这一行及其上一行：多半少了句点、分号或前缀声明。",
            hint_en="Look at this line and the one above it: a full stop, a semicolon or a @prefix line"
            " is often missing.",
        )


def _line_at(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1


def read_text(path: Path, shown: str) -> str:
    """Return a profile file's text (UTF-8). Raises ProfileError, with the byte's line when it is not."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise problem(
                f"文件太大，超过 {MAX_BYTES // 1024 // 1024} MB",
                f"the file is larger than {MAX_BYTES // 1024 // 1024} MB",
                where=shown,
                hint_zh="配置目录只放声明，数据请用 load 装入。",
                hint_en="A profile holds declarations; load data with 'load'.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise problem(
            f"文件打不开：{error.strerror}", f"the file cannot be opened: {error.strerror}", where=shown
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise problem(
            "文件不是 UTF-8 编码",
            "the file is not UTF-8 text",
            where=f"{shown}:{line}",
            hint_zh="请用编辑器另存为 UTF-8。",
            hint_en="Save it as UTF-8 in your editor.",
        ) from error
