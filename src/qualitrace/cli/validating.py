"""The command that checks: validate, in every form, and with other rules (floor 5)."""

from __future__ import annotations

import datetime as dt
import enum
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from qualitrace.cli import tables
from qualitrace.cli.as_json import comparison_json, groups_json
from qualitrace.cli.checking import Validator, check_files, plain_profile
from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_NOT_CONFORMING,
    EXIT_OK,
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
)
from qualitrace.cli.files import write_text
from qualitrace.errors import QueryError
from qualitrace.profile import Profile, load_profile
from qualitrace.registry.records import report_json
from qualitrace.text import Text
from qualitrace.validation import report_graph
from qualitrace.validation.compare import Comparison, compare
from qualitrace.validation.grouping import GroupBy
from qualitrace.validation.model import Finding, Report, Severity

_FILE_WIDTH = 200  # columns of a table that is written to a file


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(validate)


class ReportFormat(enum.StrEnum):
    """How a report is shown."""

    TABLE = "table"
    JSON = "json"
    TURTLE = "turtle"
    XLSX = "xlsx"
    HTML = "html"


def validate(
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    form: Annotated[ReportFormat, typer.Option("--format", help="输出形式 / form of the report")] = (
        ReportFormat.TABLE
    ),
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写入文件 / write to a file")] = None,
    group_by: Annotated[
        GroupBy | None,
        typer.Option("--group-by", help="按单位(默认)、规则或级别归组 / what findings are grouped by"),
    ] = None,
    shapes: Annotated[
        Path | None,
        typer.Option(
            "--shapes",
            help="改用这个文件夹(与 --data 同用时也可以是文件)里的规则 / use the rules of this directory "
            "(with --data: or file) instead",
        ),
    ] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            "--data", help="不用登记库,只检查这些 RDF 文件 / check these RDF files, without a registry"
        ),
    ] = None,
    engine: Annotated[
        Validator,
        typer.Option("--engine", help="由谁检查;pyshacl 较慢 / who checks; pyshacl is slower"),
    ] = Validator.QUALITRACE,
    against: Annotated[
        bool,
        typer.Option(
            "--compare",
            help="与现行规则比较:会新增、消除哪些问题 / what would newly fail and newly pass",
        ),
    ] = False,
    as_of: ExistingOption = "",
    known_at: KnownAtOption = "",
    language: LanguageOption = "zh",
    fail_on: Annotated[
        Severity, typer.Option("--fail-on", help="从哪一级起以 1 退出 / exit 1 from which severity")
    ] = Severity.WARNING,
    neo4j: Annotated[
        str,
        typer.Option(
            "--neo4j",
            help="检查这个 Neo4j 里所有登记库合起来须满足的规则 / check what all registries of this Neo4j "
            "(its address) must keep together",
        ),
    ] = "",
    user: Annotated[str, typer.Option("--user", envvar="QUALITRACE_NEO4J_USER", help="用户 / account")] = (
        "neo4j"
    ),
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="写有密码的文件 / a file that holds the password")
    ] = None,
    database: Annotated[str, typer.Option("--database", help="哪个数据库 / which database")] = "neo4j",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="只检查这个登记库,可多次 / only this registry; repeatable"),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="最多用多少秒 / how many seconds it may take", min=0.1)
    ] = None,
) -> None:
    """按全部规则检查登记库 / check the registry against every rule.

    --shapes 试用另一套规则,登记库不变 / --shapes tries other rules and changes nothing.
    --data 与 --shapes 同用时不需要登记库 / --data with --shapes needs no registry.
    """

    def action() -> int:
        chosen = ReportFormat.JSON if as_json else form
        _check_options(chosen, output, shapes, against, data)
        if neo4j:
            from qualitrace.cli import cluster_checking

            together = cluster_checking.check_neo4j(
                neo4j,
                user=user,
                password_file=password_file,
                database=database,
                directory=profile,
                only=tuple(only or ()),
                seconds=seconds,
            )
            if chosen is ReportFormat.JSON:
                write_text(cluster_checking.cluster_json(together), output)
            else:
                told = load_profile(profile) if chosen is ReportFormat.HTML else None
                _write(together.plain, told, neo4j, chosen, group_by or GroupBy.UNIT, language, output)
            if chosen is ReportFormat.TABLE:
                cluster_checking.show_counts(together, language, out())
            failed = _exit_code(together.plain.findings, fail_on)
            return EXIT_NOT_CONFORMING if together.partial else failed
        by_reference = engine is Validator.PYSHACL
        if data:
            assert shapes is not None  # checked with the options
            report = check_files(data, shapes, by_reference=by_reference)
            told = plain_profile(profile, data) if chosen is ReportFormat.HTML else None
            _write(report, told, "", chosen, group_by or GroupBy.RULE, language, output)
            return _exit_code(report.findings, fail_on)
        opened = open_at(registry, profile, known_at, as_of)
        on = day(as_of)
        if shapes is None and not by_reference:
            report = opened.validate(on)
        else:
            trial = opened.profile if shapes is None else load_profile(profile, shapes=shapes)
            report = opened.try_rules(trial, on, by_reference=by_reference)
        if against:
            compared = compare(opened.validate(on), report)
            _write_comparison(compared, chosen, language, output)
            return _exit_code(compared.fails, fail_on)
        stands_at = f"{as_of or dt.datetime.now(dt.UTC).date().isoformat()} · #{opened.position}"
        _write(report, opened.profile, stands_at, chosen, group_by or GroupBy.UNIT, language, output)
        return _exit_code(report.findings, fail_on)

    guarded(action)


def _check_options(
    form: ReportFormat, output: Path | None, shapes: Path | None, against: bool, data: list[Path] | None
) -> None:
    """Refuse what makes no sense before anything is read. Raises QueryError."""
    if data and shapes is None:
        raise QueryError(
            Text(zh="没有说按哪些规则检查这些文件。", en="It is not said which rules the files must keep."),
            where="--data",
            hint=Text(zh="请用 --shapes 指出规则文件或文件夹。", en="Name the rules with --shapes FILE."),
        )
    if data and against:
        raise QueryError(
            Text(
                zh="只检查文件时没有现行规则可比较。",
                en="Files alone have no rules in force to compare with.",
            ),
            where="--compare",
            hint=Text(zh="请去掉 --compare 或 --data。", en="Leave out --compare or --data."),
        )
    if against and shapes is None:
        raise QueryError(
            Text(zh="没有说与哪套规则比较。", en="It is not said which rules to compare with."),
            where="--compare",
            hint=Text(zh="请用 --shapes 指出新规则所在的文件夹。", en="Name their directory with --shapes."),
        )
    if against and form not in (ReportFormat.TABLE, ReportFormat.JSON):
        raise QueryError(
            Text(zh="比较结果没有这种形式。", en="A comparison has no such form."),
            where=f"--format {form.value}",
            hint=Text(zh="请用 table 或 json。", en="Use table or json."),
        )
    if form is ReportFormat.XLSX and output is None:
        raise QueryError(
            Text(zh="工作簿要写入文件。", en="A workbook must be written to a file."),
            where="--format xlsx",
            hint=Text(zh="请加 --output 文件名.xlsx。", en="Add --output FILE.xlsx."),
        )


def _exit_code(findings: Iterable[Finding], fail_on: Severity) -> int:
    """Return the exit code; what somebody accepts does not count until the exception expires."""
    levels = list(Severity)
    serious = levels[: levels.index(fail_on) + 1]
    failed = any(one.severity in serious and one.excepted is None for one in findings)
    return EXIT_NOT_CONFORMING if failed else EXIT_OK


def _write(
    report: Report,
    profile: Profile | None,
    stands_at: str,
    form: ReportFormat,
    by: GroupBy,
    language: str,
    output: Path | None,
) -> None:
    match form:
        case ReportFormat.TABLE:
            console = _console(output)
            tables.show_report(report, language, console, by)
            _finish(console, output)
        case ReportFormat.JSON:
            write_text(_json({**report_json(report), "groups": groups_json(report, by)}), output)
        case ReportFormat.TURTLE:
            write_text(report_graph(report).serialize(format="turtle"), output)
        case ReportFormat.XLSX:
            from qualitrace import exporting  # here, as its libraries would slow every other command down

            assert output is not None  # checked with the options
            exporting.findings_xlsx(report, output, language, group_by=by)
        case ReportFormat.HTML:
            from qualitrace import exporting

            assert profile is not None  # the page is worded with it
            page = exporting.findings_html(report, profile, language, group_by=by, stands_at=stands_at)
            write_text(page, output)
    if output is not None:
        err().print(f"已写入 written: {output}", highlight=False, markup=False)


def _write_comparison(compared: Comparison, form: ReportFormat, language: str, output: Path | None) -> None:
    if form is ReportFormat.JSON:
        write_text(_json(comparison_json(compared)), output)
        return
    console = _console(output)
    tables.show_comparison(compared, language, console)
    _finish(console, output)


def _console(output: Path | None) -> Console:
    return out() if output is None else Console(file=io.StringIO(), width=_FILE_WIDTH)


def _finish(console: Console, output: Path | None) -> None:
    if output is not None and isinstance(console.file, io.StringIO):
        write_text(console.file.getvalue(), output)


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
