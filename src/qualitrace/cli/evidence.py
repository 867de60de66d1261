"""Commands about evidence: evidence trace, coverage, verify; key new (floor 5)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_NOT_CONFORMING,
    EXIT_OK,
    AsOfOption,
    JsonOption,
    KnownAtOption,
    ProfileOption,
    RegistryOption,
    day,
    err,
    guarded,
    open_at,
    out,
    print_json,
)
from qualitrace.cli.files import unwritable
from qualitrace.registry.naming import class_iri
from qualitrace.registry.past import Past
from qualitrace.registry.registry import Registry

_evidence = typer.Typer(name="evidence", help="证据包 / evidence packs", no_args_is_help=True)
_key = typer.Typer(name="key", help="签名密钥 / keys to sign with", no_args_is_help=True)

OutputOption = Annotated[
    Path, typer.Option("--output", "-o", help="写入哪个文件 / which file to write (FILE.zip)")
]
KeyOption = Annotated[
    Path,
    typer.Option(
        "--key", envvar="QUALITRACE_KEY", help="签名用的私钥(qualitrace key new 生成) / private key"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_evidence)
    app.add_typer(_key)


@_evidence.callback()
def _root() -> None:
    """证据包:答案及其全部依据 / an answer with all that it rests on, signed."""


@_evidence.command()
def trace(
    node: Annotated[str, typer.Argument(help="标识、编码或名称 / identifier, code or name")],
    to: Annotated[str, typer.Option("--to", help="追溯到哪一类 / to which class")],
    output: OutputOption,
    key: KeyOption,
    as_of: AsOfOption = "",
    known_at: KnownAtOption = "",
    backwards: Annotated[
        bool, typer.Option("--backwards", help="反向:由人到目标 / from person to goal")
    ] = False,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
) -> None:
    """为一次追溯出具证据 / evidence for a trace."""

    def action() -> None:
        from qualitrace.exporting.questions import Kind, Question

        state = open_at(registry, profile, known_at)
        target = class_iri(to, state.profile)
        start = state.resolve(node)
        _write(state, Question(Kind.TRACE, target, day(as_of).isoformat(), start, backwards), key, output)

    guarded(action)


@_evidence.command()
def coverage(
    of: Annotated[str, typer.Argument(help="哪一类对象 / which class")],
    output: OutputOption,
    key: KeyOption,
    as_of: AsOfOption = "",
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
) -> None:
    """为一类对象的链条出具证据 / evidence for the verdicts of a class."""

    def action() -> None:
        from qualitrace.exporting.questions import Kind, Question

        state = open_at(registry, profile, known_at)
        target = class_iri(of, state.profile)
        _write(state, Question(Kind.COVERAGE, target, day(as_of).isoformat()), key, output)

    guarded(action)


def _write(state: Registry | Past, question: Any, key: Path, output: Path) -> None:
    # Here, as the library for signatures would slow every other command down.
    from qualitrace.exporting.evidence import evidence
    from qualitrace.exporting.signing import fingerprint, read_key

    secret = read_key(key)
    data = evidence(state, question, secret)
    try:
        output.write_bytes(data)
    except OSError as error:
        raise unwritable(output, error) from error
    signer = fingerprint(secret.public_key())
    err().print(f"已写入 written: {output} · 签名 signed: {signer[:16]}", highlight=False, markup=False)


@_evidence.command()
def verify(
    file: Annotated[Path, typer.Argument(help="证据包 / evidence pack (FILE.zip)")],
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="出具者的公钥 / public key of whoever signed")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """离线核对证据包,并重新得出答案 / verify a pack offline, and reproduce its answer."""

    def action() -> int:
        from qualitrace.exporting.evidence_check import verify_evidence
        from qualitrace.exporting.plain import plain
        from qualitrace.exporting.signing import public_key_file

        found = verify_evidence(file, public_key_file(public_key) if public_key else None)
        if as_json:
            print_json({**plain(found), "passed": found.passed})
        else:
            console = out()
            for check in found.checks:
                mark = "[green]✓[/]" if check.passed else "[bold red]✗[/]"
                console.print(f"{mark} {check.what.both()} ({check.detail})", highlight=False)
            console.print(f"#{found.position} {found.head[:12]} · {found.signer[:16]}", highlight=False)
            if public_key is None:
                told = "没有给出公钥:不能证明是谁签的 / without --public-key nobody knows who signed"
                console.print(told, style="yellow", highlight=False)
        return EXIT_OK if found.passed else EXIT_NOT_CONFORMING

    guarded(action)


@_key.callback()
def _key_root() -> None:
    """签名密钥 / keys to sign with."""


@_key.command()
def new(
    file: Annotated[Path, typer.Argument(help="私钥写入哪个文件 / file of the private key")],
) -> None:
    """生成一对密钥:私钥妥善保管,公钥(.pub)发给核对的人 / make a key pair: keep one, hand out the .pub."""

    def action() -> None:
        from qualitrace.exporting.signing import new_key

        public = new_key(file)
        out().print(f"私钥 private: {file}\n公钥 public: {public}", highlight=False, markup=False)

    guarded(action)
