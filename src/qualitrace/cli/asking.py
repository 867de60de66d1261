"""Commands that ask a registry: trace, history, export (floor 5)."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from qualitrace.cli import tables
from qualitrace.cli.as_json import trace_json
from qualitrace.cli.bulk import NameOption, export_for_import, refuse_for_others
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    AsOfOption,
    ExistingOption,
    JsonOption,
    KnownAtOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    day,
    err,
    guarded,
    open_at,
    out,
    print_json,
)
from qualitrace.cli.files import unwritable, write_text
from qualitrace.store import STATED
from qualitrace.terms import OWL_THING
from qualitrace.tracing import LIMIT, MAX_DEPTH


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (trace, history, export):
        app.command()(command)


class TraceFormat(enum.StrEnum):
    """How a trace is shown."""

    TABLE = "table"
    JSON = "json"
    SVG = "svg"
    MERMAID = "mermaid"


class ExportFormat(enum.StrEnum):
    """What the registry can be exported as."""

    TURTLE = "turtle"
    JSONLD = "jsonld"
    GRAPHML = "graphml"
    FINDINGS = "findings"
    NEO4J_ADMIN = "neo4j-admin"


def trace(
    node: Annotated[str, typer.Argument(help="标识、编码或名称 / identifier, code or name")],
    to: Annotated[
        str, typer.Option("--to", help="追溯到哪一类(默认一切) / to which class (default: everything)")
    ] = OWL_THING,
    as_of: AsOfOption = "",
    known_at: KnownAtOption = "",
    backwards: Annotated[
        bool, typer.Option("--backwards", help="反向:由人到目标 / from person to goal")
    ] = False,
    shortest: Annotated[bool, typer.Option("--shortest", help="只要最短路径 / only the shortest")] = False,
    limit: Annotated[int, typer.Option("--limit", help="至多几条路径 / at most so many paths")] = LIMIT,
    max_steps: Annotated[
        int, typer.Option("--max-steps", help="每条路径至多几步 / at most so many steps each")
    ] = MAX_DEPTH,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    form: Annotated[TraceFormat, typer.Option("--format", help="输出形式 / form of the answer")] = (
        TraceFormat.TABLE
    ),
    output: Annotated[Path | None, typer.Option("--output", help="写入文件 / write to a file")] = None,
    language: LanguageOption = "zh",
) -> None:
    """从一个对象追溯到人(或其他类) / trace a node to people (or another class) on a date."""

    def action() -> None:
        # Imported where needed: libraries for pictures and Excel would slow every other command down.
        from qualitrace import exporting

        opened = open_at(registry, profile, known_at)
        answer = opened.trace(
            node,
            to,
            as_of=day(as_of),
            backwards=backwards,
            shortest=shortest,
            limit=limit,
            max_depth=max_steps,
        )
        verdict = opened.verdict(answer.start, as_of=day(as_of))
        if as_json or form is TraceFormat.JSON:
            print_json(trace_json(answer, verdict))
        elif form is TraceFormat.SVG:
            write_text(exporting.trace_svg(answer, opened.profile, language), output)
        elif form is TraceFormat.MERMAID:
            write_text(exporting.trace_mermaid(answer, opened.profile, language), output)
        else:
            tables.show_trace(answer, opened.profile, language, out(), verdict)

    guarded(action)


def history(
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """谁在何时为何改了登记库 / who changed the registry, when and why."""

    def action() -> None:
        entries = list(open_at(registry, profile, known_at).changesets())
        if not as_json:
            tables.show_history(entries, out())
            return
        print_json(
            [
                {
                    "position": entry.position,
                    "id": entry.id,
                    "parent": entry.parent,
                    "author": entry.author,
                    "at": entry.at,
                    "message": entry.message,
                    "documents": [{"name": d.name, "sha256": d.sha256} for d in entry.documents],
                }
                for entry in entries
            ]
        )

    guarded(action)


def export(
    form: Annotated[ExportFormat, typer.Argument(help="格式 / format")],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="写入哪个文件(neo4j-admin 为目录) / the file, or directory, to write"
        ),
    ],
    registries: Annotated[
        list[str] | None,
        typer.Argument(help="仅 neo4j-admin:要一起导入的登记库 / registries to be imported together"),
    ] = None,
    as_of: ExistingOption = "",
    known_at: KnownAtOption = "",
    name: NameOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    language: LanguageOption = "zh",
) -> None:
    """导出登记库或检查结果 / export the registry, or its findings."""

    def action() -> None:
        if form is ExportFormat.NEO4J_ADMIN:
            export_for_import(registries or [registry], profile, output, name, at=as_of or known_at)
            return
        refuse_for_others(registries, name)
        from qualitrace import exporting
        from qualitrace.registry.private import without_private

        opened = open_at(registry, profile, known_at, as_of)
        facts = without_private(opened).engine
        try:
            if form is ExportFormat.FINDINGS:
                exporting.findings_xlsx(opened.validate(), output, language)
            else:
                with output.open("wb") as stream:
                    if form is ExportFormat.TURTLE:
                        sources = opened.sources(facts.facts(STATED))
                        exporting.turtle(facts, opened.profile, stream, sources=sources)
                    elif form is ExportFormat.JSONLD:
                        exporting.jsonld(facts, opened.profile, stream)
                    else:
                        exporting.graphml(facts, opened.profile, stream, language)
        except OSError as error:
            raise unwritable(output, error) from error
        err().print(f"已写入 written: {output}", highlight=False)

    guarded(action)
