"""``export neo4j-admin``: registries as files that neo4j-admin imports (floor 5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from qualitrace.cli.context import err, open_registry, progress
from qualitrace.cli.files import unwritable
from qualitrace.errors import QueryError
from qualitrace.text import Text, readable

NameOption = Annotated[
    str,
    typer.Option(
        "--name",
        help="仅 neo4j-admin:在 Neo4j 里的名称 / neo4j-admin only: what it is called in Neo4j",
    ),
]


def export_for_import(
    registries: Sequence[str], profile: Path | None, directory: Path, name: str, *, at: str
) -> None:
    """Write registries into one directory, one after another; ``at`` is what --as-of or --known-at said.

    Raises QueryError for options that do not go together, and when something cannot be written.
    """
    from qualitrace.exporting.importing import ARGUMENTS, README
    from qualitrace.exporting.neo4j_admin import neo4j_admin

    if at:
        raise QueryError(
            Text(
                zh="导入 Neo4j 的文件只有现在的内容，因为 sync neo4j 要接着它发布。",
                en="Files for Neo4j hold the present only, since sync neo4j goes on from them.",
            ),
            where=at,
            hint=Text(zh="请去掉 --as-of 和 --known-at。", en="Leave out --as-of and --known-at."),
        )
    if name and len(registries) > 1:
        raise QueryError(
            Text(zh="几个登记库不能用一个名称。", en="Several registries cannot have one name."),
            where="--name",
            hint=Text(
                zh="请一个一个地导出到同一目录。", en="Export them one by one into the same directory."
            ),
        )
    for location in registries:
        opened = open_registry(location, profile)
        try:
            with progress(f"导出 exporting {readable(Path(location).name)}") as step:
                done = neo4j_admin(opened, directory, name=name, progress=step)
        except OSError as error:
            raise unwritable(directory, error) from error
        finally:
            opened.close()
        err().print(
            f"已写入 written: {directory / done.name} ({done.stated:,} + {done.inferred:,} 推得 inferred)",
            highlight=False,
        )
    err().print(f"导入办法 how to import: {directory / README} ({ARGUMENTS})", highlight=False)


def refuse_for_others(registries: Sequence[str] | None, name: str) -> None:
    """Raise QueryError for what only ``neo4j-admin`` takes."""
    if registries or name:
        raise QueryError(
            Text(
                zh="这种格式一次只导出 --registry 所指的一个登记库，也没有名称。",
                en="This format exports the one registry of --registry, and takes no name.",
            ),
            where=" ".join(registries or ["--name"]),
        )
