"""The directory that ``neo4j-admin database import full`` is given: registries and how (floor 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from qualitrace.errors import RegistryError
from qualitrace.exporting.import_tables import DELIMITER_OPTION
from qualitrace.text import Text

ARGUMENTS, README, _ABOUT = "import.args", "README.md", "about.json"
_LINKS = "links"
_BUFFER = 1 << 22  # bytes; what the importer reads at a time holds the longest value, or it fails

_OPTIONS = (
    "--id-type=integer",
    DELIMITER_OPTION,
    "--bad-tolerance=0",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What the files of one registry hold: rows by table, and which tables have values of several lines.

    ``longest``: characters of the longest row.
    """

    name: str
    base: str
    position: int
    changeset: str
    stated: int
    inferred: int
    tables: dict[str, int]
    multiline: list[str]
    longest: int = 0

    def save(self, folder: Path) -> None:
        """Write it beside the files."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2)
        (folder / _ABOUT).write_text(text + "\n", encoding="utf-8")


def check_directory(directory: Path, name: str) -> None:
    """Make sure that a registry of a name can be written into a directory. Raises RegistryError."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise RegistryError(
            Text(zh="这不是目录。", en="This is not a directory."),
            where=str(directory),
            hint=Text(zh="请给出一个新的目录。", en="Name a new directory."),
        )
    others = (one for one in directory.iterdir() if not _is_draft(one) and not (one / _ABOUT).is_file())
    if any(others) and not (directory / ARGUMENTS).is_file():
        raise RegistryError(
            Text(zh="这个目录里有别的东西。", en="There are other things in this directory."),
            where=str(directory),
            hint=Text(zh="请给出一个新的或空的目录。", en="Name a new or an empty directory."),
        )
    if (directory / name).exists():
        raise RegistryError(
            Text(
                zh=f"这个目录里已经有名为“{name}”的登记库。",
                en=f"There is a registry called “{name}” in this directory already.",
            ),
            where=str(directory / name),
            hint=Text(
                zh="请先移走它，或用 --name 另起名称，或换一个目录。",
                en="Take it away first, give this one another --name, or name another directory.",
            ),
        )


def draft(directory: Path, name: str) -> Path:
    """Return the folder in which a registry of a name is written, until all of it is there."""
    return directory / f".{name}.part"


def _is_draft(path: Path) -> bool:
    return path == draft(path.parent, path.name[1:].removesuffix(".part"))


def held(directory: Path) -> Iterator[Imported]:
    """Read what registries a directory holds, by name. Raises RegistryError."""
    for path in sorted(directory.glob(f"*/{_ABOUT}")):
        if _is_draft(path.parent):
            continue
        try:
            yield Imported(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise RegistryError(
                Text(zh="读不懂这个文件。", en="This file cannot be understood."),
                where=str(path),
                hint=Text(
                    zh="请删除这个登记库的目录并重新导出。", en="Remove its folder and export it anew."
                ),
            ) from error


def describe(directory: Path) -> None:
    """Write the arguments of the import of all that a directory holds, and what to do with them."""
    found = list(held(directory))
    (directory / ARGUMENTS).write_text(arguments(found), encoding="utf-8")
    (directory / README).write_text(_page(found), encoding="utf-8")


def arguments(found: Sequence[Imported]) -> str:
    """Return the arguments of an import of some registries, one a line, as seen from their directory."""
    lines = [*_OPTIONS]
    several = [f"{one.name}/{table}.csv" for one in found for table in one.multiline]
    if several:
        lines += ["--multiline-fields-format=v2", f"--multiline-fields={','.join(several)}"]
    longest = 4 * max((one.longest for one in found), default=0)  # bytes at most, in UTF-8
    if longest > _BUFFER:
        lines.append(f"--read-buffer-size={longest}")
    for one in found:
        for table in one.tables:
            option = "relationships" if table == _LINKS else "nodes"
            lines.append(f"--{option}={one.name}/{table}-header.csv,{one.name}/{table}.csv")
    return "\n".join(lines) + "\n"


def _page(found: Sequence[Imported]) -> str:
    rows = "".join(
        f"| {one.name} | {one.base} | {one.position} | {one.stated:,} + {one.inferred:,} |"
        f" {one.tables.get('nodes', 0):,} | {one.tables.get(_LINKS, 0):,} |\n"
        for one in found
    )
    return f"""# Import into Neo4j 导入 Neo4j

停止 Neo4j，在本目录里运行 / with Neo4j stopped, in this directory:

```sh
neo4j-admin database import full neo4j @{ARGUMENTS}
```

目标数据库必须是空的；要替换已有的内容，加 `--overwrite-destination`。
The database must be empty; `--overwrite-destination` replaces what is there.

然后启动 Neo4j，对每个登记库运行一次（它会建立约束和索引，并接着发布以后的变更）：
Then start Neo4j and run this for each registry: it makes constraints and indexes, and goes on from here.

```sh
qualitrace sync neo4j --to bolt://HOST:7687 --registry REGISTRY --name NAME
```

这些文件含有登记库的全部内容，包括个人信息。These files hold all of it, personal data too.

| name | identifiers | change | facts (stated + inferred) | nodes | links |
|---|---|--:|--:|--:|--:|
{rows}"""
