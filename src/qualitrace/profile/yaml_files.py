"""Reading the YAML of ``loaders/``: plain data only, YAML 1.2 scalars, no key twice.

Only what is unambiguous becomes more than text: ``true``/``false``, ``null``, decimal integers and
floats (the YAML 1.2 core schema). ``on``, ``yes``, dates and ``12:30`` stay text as written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from qualitrace.profile.problems import problem
from qualitrace.profile.turtle import read_text


class _TwiceError(yaml.constructor.ConstructorError):
    """A key stands twice; ``problem`` is the key."""


class _Reader(yaml.SafeLoader):
    """A safe loader with its own resolvers; the shared ones of yaml.SafeLoader stay untouched."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping; raises _TwiceError for a key that stands twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                raise _TwiceError(None, None, key.value, key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Reader.yaml_implicit_resolvers = {}
for _kind, _pattern, _firsts in (
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", "tTfF"),
    ("null", r"(?:~|null|Null|NULL|)\Z", ("~", "n", "N", "")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)\Z", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?\Z", "-+.0123456789"),
):
    _Reader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(_pattern), list(_firsts))


def read_yaml(path: Path, shown: str) -> Mapping[str, Any]:
    """Return a YAML file's top-level mapping (empty for an empty file). Raises ProfileError."""
    text = read_text(path, shown)
    try:
        value = yaml.load(text, Loader=_Reader)
    except _TwiceError as error:
        raise problem(
            f"键“{error.problem}”写了两次",
            f"the key {error.problem!r} stands twice",
            where=f"{shown}:{error.problem_mark.line + 1}" if error.problem_mark else shown,
            hint_zh="请合并两处，或删去一处。",
            hint_en="Join the two, or leave one out.",
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise problem(
            f"这个 YAML 文件读不了：{error.problem}",
            f"this YAML file cannot be read: {error.problem}",
            where=f"{shown}:{mark.line + 1}" if mark is not None else shown,
            hint_zh="请查看这一行的缩进、冒号和引号。",
            hint_en="Look at the indentation, colons and quotes of this line.",
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise problem("这个 YAML 文件读不了", "this YAML file cannot be read", where=shown) from error
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise problem(
            "最外层必须是“键: 值”",
            "the top level must be 'key: value' lines",
            where=f"{shown}:1",
            hint_zh="一个文件放一张表的映射。",
            hint_en="One file holds one mapping.",
        )
    return value
