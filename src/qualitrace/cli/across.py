"""Commands about all registries of one Neo4j: across registries, coverage, adoption, duplicates, serve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualitrace.access.gate import PersonalRead
from qualitrace.access.model import Caller, Principal, Role
from qualitrace.cli import across_serving
from qualitrace.cli.access import open_book
from qualitrace.cli.across_tables import AcrossTables, as_json_of
from qualitrace.cli.context import (
    EXIT_NOT_CONFORMING,
    AsOfOption,
    JsonOption,
    LanguageOption,
    ProfileOption,
    day,
    guarded,
    out,
    print_json,
)
from qualitrace.cli.neo4j_options import (
    DatabaseOption,
    Neo4jOption,
    PasswordOption,
    UserOption,
    account,
)
from qualitrace.errors import RegistryError
from qualitrace.profile.cached import cached_profile
from qualitrace.text import Text

if TYPE_CHECKING:  # the driver takes a while to import: only who asks waits for it
    from qualitrace.across import Across

Note = Callable[[PersonalRead], None]

_across = typer.Typer(
    name="across", help="跨登记库查询 / questions about all registries in one Neo4j", no_args_is_help=True
)

OnlyOption = Annotated[
    str,
    typer.Option("--only", help="只问名称以此开头的登记库 / only registries whose names begin so"),
]
AccessOption = Annotated[
    str,
    typer.Option(
        "--access",
        help="令牌发自哪个登记库（用 token make --grant 发放），查询个人信息时才需要 / "
        "the registry that gave out the token, to see personal data",
    ),
]
TokenOption = Annotated[
    Path | None, typer.Option("--token-file", help="写有令牌的文件 / a file that holds the token")
]
PurposeOption = Annotated[
    str, typer.Option("--purpose", help="为何查看个人信息（会记录） / why personal data is asked for (noted)")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    across_serving.register(_across)
    app.add_typer(_across)


@contextmanager
def _caller(access: str, file: Path | None, purpose: str) -> Iterator[tuple[Caller, Note]]:
    """Find out who asks, and where their reads are noted; without a token somebody without a role.

    Raises UnknownCallerError, RegistryError.
    """
    if file is None:
        yield Caller(Principal("", frozenset({Role.READER}))), _unexpected
        return
    if not access or not purpose:
        raise RegistryError(
            Text(
                zh="查看个人信息须写明令牌发自哪个登记库，以及目的。",
                en="To see personal data, say which registry gave out the token, and the purpose.",
            ),
            where="--access --purpose",
        )
    with open_book(access) as book:
        yield Caller(book.principal(_secret(file)), purpose), book.note


def _secret(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise RegistryError(
            Text(zh="读不出令牌文件。", en="The file with the token cannot be read."), where=str(file)
        ) from error


def _unexpected(read: PersonalRead) -> None:
    raise AssertionError("somebody without a role was shown personal data")


@contextmanager
def _opened(
    uri: str, user: str, file: Path | None, database: str, profile: Path | None, only: str
) -> Iterator[Across]:
    """Connect, to see what is public."""
    from qualitrace.across import Across
    from qualitrace.registry.publishing import fingerprint
    from qualitrace.store.neo4j import Server

    loaded = cached_profile(profile)
    with Server(account(uri, user, file, database)) as server:
        server.check()
        yield Across(server, loaded, fingerprint(loaded), only=only)


@_across.command("registries")
def registries(
    neo4j: Neo4jOption = "",
    user: UserOption = "neo4j",
    password_file: PasswordOption = None,
    database: DatabaseOption = "neo4j",
    only: OnlyOption = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """有哪些登记库，各到哪一号变更 / which registries there are, and how far each is."""

    def action() -> None:
        with _opened(neo4j, user, password_file, database, profile, only) as asked:
            found = asked.registries()
        if as_json:
            print_json(as_json_of(found))
        else:
            AcrossTables(asked.profile, language, out()).registries(found)

    guarded(action)


@_across.command("coverage")
def coverage(
    of: Annotated[str, typer.Argument(help="哪一类对象 / which class")],
    neo4j: Neo4jOption = "",
    user: UserOption = "neo4j",
    password_file: PasswordOption = None,
    database: DatabaseOption = "neo4j",
    only: OnlyOption = "",
    as_of: AsOfOption = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """一类对象各库与合计的数量和完整数 / nodes of a class by registry and in all, and the complete ones."""

    def action() -> None:
        with _opened(neo4j, user, password_file, database, profile, only) as asked:
            found = asked.coverage(of, as_of=day(as_of))
        if as_json:
            print_json(as_json_of(found))
        else:
            AcrossTables(asked.profile, language, out()).coverage(found)

    guarded(action)


@_across.command("adoption")
def adoption(
    value: Annotated[
        str, typer.Argument(help="通用编码，或概念的编码、名称、标识 / a shared code or concept")
    ],
    key: Annotated[str, typer.Option("--key", help="只按这个属性 / by this property only")] = "",
    to: Annotated[str, typer.Option("--to", help="追溯到哪一类 / trace what has it to this class")] = "",
    neo4j: Neo4jOption = "",
    user: UserOption = "neo4j",
    password_file: PasswordOption = None,
    database: DatabaseOption = "neo4j",
    only: OnlyOption = "",
    as_of: AsOfOption = "",
    access: AccessOption = "",
    token_file: TokenOption = None,
    purpose: PurposeOption = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """哪些库采用了，落到谁；哪些没有 / which registries have it and who answers for it; which have not."""

    def action() -> None:
        from qualitrace.across import note, sees

        with (
            _caller(access, token_file, purpose) as (caller, write),
            _opened(neo4j, user, password_file, database, profile, only) as asked,
        ):
            found = asked.seen_as(sees(caller)).adoption(value, key=key, to=to, as_of=day(as_of))
            note(found, caller, "across adoption", asked.profile, write)
        if as_json:
            print_json(as_json_of(found))
        else:
            AcrossTables(asked.profile, language, out()).adoption(found)

    guarded(action)


@_across.command("duplicates")
def duplicates(
    neo4j: Neo4jOption = "",
    user: UserOption = "neo4j",
    password_file: PasswordOption = None,
    database: DatabaseOption = "neo4j",
    only: OnlyOption = "",
    as_of: AsOfOption = "",
    access: AccessOption = "",
    token_file: TokenOption = None,
    purpose: PurposeOption = "",
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """重复的通用编码；有则退出码 1 / shared keys that are there twice; exit 1 when there are any."""

    def action() -> int | None:
        from qualitrace.across import note, sees

        with (
            _caller(access, token_file, purpose) as (caller, write),
            _opened(neo4j, user, password_file, database, profile, only) as asked,
        ):
            found = asked.seen_as(sees(caller)).duplicates(as_of=day(as_of))
            note(found, caller, "across duplicates", asked.profile, write)
        if as_json:
            print_json(as_json_of(found))
        else:
            AcrossTables(asked.profile, language, out()).duplicates(found)
        return EXIT_NOT_CONFORMING if found.found else None

    guarded(action)
