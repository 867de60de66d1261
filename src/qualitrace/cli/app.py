"""The commands (floor 5)."""

from __future__ import annotations

from typing import Annotated

import typer

import qualitrace
from qualitrace.cli import (
    access,
    across,
    asking,
    benching,
    changing,
    concluding,
    covering,
    evidence,
    explaining,
    governing,
    history,
    keeping,
    networking,
    proposing,
    reasoning,
    serving,
    suspecting,
    syncing,
    validating,
    what_if,
)
from qualitrace.cli.context import out

app = typer.Typer(
    name="qualitrace",
    help="质溯:从目标追溯到人的质量保证登记库 / a quality registry that traces every goal to a person",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(value: bool) -> None:
    if value:
        out().print(f"qualitrace {qualitrace.__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 / version")
    ] = False,
) -> None:
    """Options of the program itself."""


for module in (
    changing,
    validating,
    governing,
    asking,
    history,
    proposing,
    suspecting,
    evidence,
    explaining,
    concluding,
    networking,
    what_if,
    reasoning,
    covering,
    keeping,
    syncing,
    across,
    serving,
    access,
    benching,
):
    module.register(app)


def main() -> None:
    """Run the program."""
    app()
