"""``qualitrace bench``: measurements side by side with others, in one run (floor 5).

Each command imports its measurement only when it runs: some need the packages of the extra ``bench``.
"""

from __future__ import annotations

from typing import Annotated

import typer

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
