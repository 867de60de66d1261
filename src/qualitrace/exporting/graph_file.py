"""A GraphML file, written piece by piece (floor 4).

See http://graphml.graphdrawing.org/specification.html. What attributes there are stands at the beginning and
is known at the end, so nodes and edges wait in two files meanwhile.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, Self
from xml.sax.saxutils import escape, quoteattr

from qualitrace.exporting.wrapping import printable

Values = Mapping[str, Any]  # attribute → text, number, truth, date, or a list of these

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation='
    '"http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
_GRAPH = '  <graph id="registry" edgedefault="directed">\n'
_TAIL = "  </graph>\n</graphml>\n"
_TYPES = {bool: "boolean", int: "long", float: "double"}  # all else is text
_ENTITIES = {"\r": "&#13;"}  # else a reader makes it a line feed


class GraphFile:
    """Takes nodes and edges in any order. To be closed, or used as a context."""

    def __init__(self) -> None:
        with ExitStack() as opened:
            self._nodes, self._edges = (
                opened.enter_context(tempfile.TemporaryFile(prefix="qualitrace-graph-")) for _ in range(2)
            )
            self._opened = opened.pop_all()
        self._keys: dict[tuple[str, str, str], str] = {}  # node or edge, name, type → identifier
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of what waits."""
        self._opened.close()

    def node(self, name: str, values: Values) -> None:
        """Add a node. Raises OSError."""
        head = f"    <node id={_quoted(name)}>"
        self._nodes.write(f"{head}{self._data('node', values)}</node>\n".encode())

    def edge(self, source: str, target: str, values: Values) -> None:
        """Add an edge; any number of them may lead from one node to another. Raises OSError."""
        head = f'    <edge id="e{self._count}" source={_quoted(source)} target={_quoted(target)}>'
        self._edges.write(f"{head}{self._data('edge', values)}</edge>\n".encode())
        self._count += 1

    def write(self, stream: IO[bytes]) -> None:
        """Write all that was added. Raises OSError."""
        stream.write(_HEAD.encode())
        for (domain, name, kind), key in sorted(self._keys.items(), key=_by_place):
            told = f'for="{domain}" attr.name={_quoted(name)} attr.type="{kind}"'
            stream.write(f'  <key id="{key}" {told}/>\n'.encode())
        stream.write(_GRAPH.encode())
        for part in (self._nodes, self._edges):
            part.seek(0)
            shutil.copyfileobj(part, stream, 1 << 20)
        stream.write(_TAIL.encode())

    def _data(self, domain: str, values: Values) -> str:
        return "".join(
            f'<data key="{self._key(domain, name, value)}">{_text(value)}</data>'
            for name, value in sorted(values.items())
        )

    def _key(self, domain: str, name: str, value: Any) -> str:
        kind = _TYPES.get(type(value), "string")
        return self._keys.setdefault((domain, name, kind), f"d{len(self._keys)}")


def _by_place(item: tuple[tuple[str, str, str], str]) -> tuple[bool, str, str]:
    (domain, name, kind), _ = item
    return domain == "edge", name, kind


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return _escaped(json.dumps(value, ensure_ascii=False, default=lambda date: date.isoformat()))
    if isinstance(value, str | int | float):
        return _escaped(str(value))
    return _escaped(value.isoformat())


def _escaped(text: str) -> str:
    return escape(printable(text), _ENTITIES)


def _quoted(text: str) -> str:
    return quoteattr(printable(text))
