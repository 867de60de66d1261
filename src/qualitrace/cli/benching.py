"""``qualitrace bench``: measurements side by side with others, in one run (floor 5).

Each command imports its measurement only when it runs: some need the packages of the extra ``bench``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from qualitrace.cli.context import (
    EXIT_NOT_CONFORMING,
    EXIT_OK,
    JsonOption,
    ProfileOption,
    err,
    guarded,
    out,
    print_json,
)

SizesOption = Annotated[
    list[int] | None, typer.Option("--size", help="多少条事实,可重复 / how many facts; may be repeated")
]
DEFAULT_SIZES = (50_000, 250_000, 1_000_000)

_bench = typer.Typer(
    name="bench", help="测量:与其他引擎同场比较 / measurements beside others", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_bench)


@_bench.callback()
def _root() -> None:
    """测量:与其他引擎同场比较 / measurements side by side with others, in one run."""


@_bench.command("validate")
def bench_validate(
    size: SizesOption = None,
    engine: Annotated[
        list[str] | None,
        typer.Option("--engine", help="与哪些引擎比较,可重复 / which engines; may be repeated"),
    ] = None,
    limit: Annotated[
        float, typer.Option("--limit", help="每次运行最多几秒 / seconds after which a run is stopped")
    ] = 600.0,
    commits: Annotated[
        bool, typer.Option("--commits/--no-commits", help="也测量单项提交 / one-fact commits too")
    ] = True,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """校验速度与内存:与其他 SHACL 引擎同场 / validation speed and memory beside other SHACL engines."""
    from qualitrace.bench import commits as committing
    from qualitrace.bench import validate as validating

    def action() -> int:
        sizes, console = list(size or DEFAULT_SIZES), err() if as_json else out()
        rows = validating.run(sizes, validating.chosen(engine), console, profile, limit)
        answer: dict[str, Any] = {"validation": rows}
        if commits:
            answer["commits"] = committing.run(sizes, console, profile)
        if as_json:
            print_json(answer)
        differ = any(row["agrees"] is False for row in rows)
        return EXIT_NOT_CONFORMING if differ else EXIT_OK

    guarded(action)


@_bench.command("commit")
def bench_commit(
    size: SizesOption = None,
    crossover: Annotated[
        bool,
        typer.Option("--crossover", help="改为测量何时值得全部校验 / when checking everything is quicker"),
    ] = False,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """小提交的耗时,按阶段 / what a small commit costs on registries of several sizes, by phase."""
    from qualitrace.bench import commits
    from qualitrace.bench import crossover as crossing

    def action() -> None:
        sizes, console = list(size or DEFAULT_SIZES), err() if as_json else out()
        rows = (crossing if crossover else commits).run(sizes, console, profile)
        if as_json:
            print_json(rows)

    guarded(action)


@_bench.command("query")
def bench_query(
    size: Annotated[int, typer.Option("--size", help="多少条事实 / how many facts")] = DEFAULT_SIZES[-1],
    rdflib_size: Annotated[
        int | None,
        typer.Option(
            "--rdflib-size", help="rdflib 用多少条(默认相同) / facts for rdflib, by default the same"
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", help="每次测量几秒 / seconds for each measurement")
    ] = 5.0,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """问题的速度:与 Strawberry 加 DataLoader 同场 / questions over HTTP, beside plain resolvers."""
    from qualitrace.bench import query as asking

    def action() -> int:
        console = err() if as_json else out()
        measured = asking.run(size, rdflib_size, seconds, console, profile)
        if as_json:
            print_json(asking.as_json(measured))
        return EXIT_OK if asking.met(measured) else EXIT_NOT_CONFORMING

    guarded(action)


@_bench.command("journal")
def bench_journal(
    size: Annotated[int, typer.Option("--size", help="多少条事实 / how many facts")] = DEFAULT_SIZES[-1],
    changesets: Annotated[
        int, typer.Option("--changesets", help="多少次变更 / how many changesets of history", min=10)
    ] = 10_000,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """记录:每秒提交、打开、历史增长 / commits a second, opening, growth with history."""
    from qualitrace.bench import journal as keeping

    def action() -> int:
        answer = keeping.run(size, changesets, err() if as_json else out(), profile)
        if as_json:
            print_json(answer)
        return EXIT_OK if keeping.met(answer) else EXIT_NOT_CONFORMING

    guarded(action)


@_bench.command("reason")
def bench_reason(
    size: SizesOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """推理:全部推出与一项变更,与其他推理机同场 / everything that follows, and one changed fact."""
    from qualitrace.bench import reason as reasoning

    def action() -> int:
        rows = reasoning.run(list(size or DEFAULT_SIZES), err() if as_json else out(), profile)
        if as_json:
            print_json(rows)
        return EXIT_OK if reasoning.agreed(rows) and reasoning.met(rows) else EXIT_NOT_CONFORMING

    guarded(action)


@_bench.command("history")
def bench_history(
    size: SizesOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """登记时间:问过去与问现在之比 / what a question about the past costs beside one about the present."""
    from qualitrace.bench import history as recalling

    def action() -> int:
        rows = recalling.run(list(size or DEFAULT_SIZES), err() if as_json else out(), profile)
        if as_json:
            print_json(rows)
        return EXIT_OK if recalling.met(rows) else EXIT_NOT_CONFORMING

    guarded(action)


@_bench.command("views")
def bench_views(
    size: SizesOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """各人所见:内存、提交与提问之比 / what views of a registry cost beside the registry alone."""
    from qualitrace.bench import views as looking

    def action() -> None:
        rows = looking.run(list(size or DEFAULT_SIZES), err() if as_json else out(), profile)
        if as_json:
            print_json(rows)

    guarded(action)


@_bench.command("soak")
def bench_soak(
    minutes: Annotated[float, typer.Option("--minutes", help="多少分钟 / for how many minutes")] = 30.0,
    clients: Annotated[int, typer.Option("--clients", help="多少个客户端 / how many clients", min=1)] = 32,
    size: Annotated[int, typer.Option("--size", help="多少条事实 / how many facts")] = DEFAULT_SIZES[0],
    workers: Annotated[int, typer.Option("--workers", help="服务用几个进程 / processes of the server")] = 1,
    pause: Annotated[
        float, typer.Option("--pause", help="客户端两次请求平均相隔几秒 / mean seconds a client waits")
    ] = 0.05,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """长时间运行:边提交边回答,内存不得增长 / asked for long while others commit: memory must not grow."""
    from qualitrace.bench import soak as soaking

    def action() -> int:
        console = err() if as_json else out()
        result = soaking.run(size, minutes, clients, console, profile, workers=workers, pause=pause)
        if as_json:
            print_json(result)
        return EXIT_OK if soaking.met(result) else EXIT_NOT_CONFORMING

    guarded(action)


@_bench.command("province")
def bench_province(
    colleges: Annotated[int, typer.Option("--colleges", help="多少所学校 / how many colleges", min=1)] = 100,
    facts_each: Annotated[
        int, typer.Option("--facts-each", help="每校多少条事实 / how many facts each")
    ] = 100_000,
    neo4j: Annotated[
        str,
        typer.Option(
            "--neo4j", envvar="QUALITRACE_NEO4J", help="Neo4j 安装目录或其 lib / a Neo4j's folder, or its lib"
        ),
    ] = "",
    heap: Annotated[str, typer.Option("--heap", help="Neo4j 的堆 / its heap")] = "4g",
    cache: Annotated[str, typer.Option("--page-cache", help="页缓存 / its page cache")] = "6g",
    work: Annotated[
        str, typer.Option("--work", help="在哪个目录里做,之后保留 / the folder to work in, which stays")
    ] = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """一省的学校在一个 Neo4j 里:装入、内存、快慢 / many colleges in one Neo4j: loading, memory, latencies."""
    from qualitrace.bench import province

    def action() -> None:
        wanted = province.Wanted(colleges, facts_each, heap, cache, neo4j, work)
        answer = province.run(wanted, err() if as_json else out(), profile)
        if as_json:
            print_json(answer)

    guarded(action)


@_bench.command("neo4j")
def bench_neo4j(
    size: SizesOption = None,
    seconds: Annotated[
        float, typer.Option("--seconds", help="每次测量几秒 / seconds for each measurement")
    ] = 6.0,
    home: Annotated[
        Path | None,
        typer.Option("--neo4j-home", help="Neo4j 的目录,或放着它的 jar 的目录 / a Neo4j home, or its jars"),
    ] = None,
    packages: Annotated[
        Path | None,
        typer.Option("--packages", help="@neo4j/graphql 装在哪里(默认临时) / where npm packages are kept"),
    ] = None,
    limit: Annotated[
        float, typer.Option("--limit", help="别的工具最多几秒(默认随本程序用时) / seconds for a rival")
    ] = 0.0,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="结果随得随写入此文件(JSON) / a file that results go to as they come"
        ),
    ] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """发布到 Neo4j 与从中回答,与同类工具同场 / publishing to Neo4j and asking it, beside its own tools."""
    from qualitrace.bench import neo4j as graphs

    def action() -> int:
        sizes, console = list(size or DEFAULT_SIZES), err() if as_json else out()
        where = {"home": home, "packages": packages, "output": output}
        measured = graphs.run(sizes, seconds, console, profile, limit=limit, **where)
        if as_json:
            print_json(graphs.as_json(measured))
        for one in graphs.broken(measured):
            console.print(f"✗ {one}", highlight=False)
        return EXIT_NOT_CONFORMING if graphs.broken(measured) else EXIT_OK

    guarded(action)
