"""Commands about proposals: propose, proposals, proposal show, comment, approve, reject (floor 5)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from qualitrace.cli.context import (
    DEFAULT_REGISTRY,
    EXIT_NOT_CONFORMING,
    EXIT_OK,
    AuthorOption,
    JsonOption,
    KnownAtOption,
    LanguageOption,
    ProfileOption,
    RegistryOption,
    RoleOption,
    default_author,
    guarded,
    open_registry,
    out,
    print_json,
    show_finding,
)
from qualitrace.cli.history import difference_json, show_difference
from qualitrace.errors import ConflictError, QueryError
from qualitrace.registry import Registry, proposing
from qualitrace.registry.model import Change
from qualitrace.registry.proposals import Actor, Proposal, ProposalState, Said
from qualitrace.registry.proposals import proposals as all_proposals
from qualitrace.registry.proposing import Review
from qualitrace.registry.records import finding_json, report_json
from qualitrace.text import Text

NumberArgument = Annotated[int, typer.Argument(metavar="N", help="提议序号 / number of the proposal")]

_STATES = {
    ProposalState.OPEN: Text(zh="待处理", en="open"),
    ProposalState.APPROVED: Text(zh="已批准", en="approved"),
    ProposalState.REJECTED: Text(zh="已否决", en="rejected"),
}
_proposal = typer.Typer(name="proposal", help="一项提议 / one proposal", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (propose, proposals, comment, approve, reject):
        app.command()(command)
    app.add_typer(_proposal)


def propose(
    files: Annotated[
        list[Path] | None, typer.Argument(help="要装入的文件 / documents that would be loaded")
    ] = None,
    title: Annotated[
        str, typer.Option("--title", help="标题:要改什么、为何 / what would change, and why")
    ] = "",
    remove: Annotated[
        list[str] | None,
        typer.Option("--remove", help="要删除的对象,可重复 / a node to be removed; may be repeated"),
    ] = None,
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
    role: RoleOption = "",
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """提议一项改动,由别人批准后才生效 / propose a change: it counts once somebody else approves it."""

    def action() -> None:
        opened = open_registry(registry, profile)
        change = _change(opened, files or [], remove or [])
        person = Actor(default_author(author), role)
        _show_review(proposing.propose(opened, change, title, person), as_json, language)

    guarded(action)


def _change(registry: Registry, files: list[Path], remove: list[str]) -> Change:
    """Work out the change. Raises QueryError when there is none, or both kinds at once."""
    if bool(files) == bool(remove):
        raise QueryError(
            Text(
                zh="请给出要装入的文件,或用 --remove 给出要删除的对象。",
                en="Give documents to load, or nodes to remove with --remove.",
            )
        )
    return registry.prepare(files) if files else proposing.removal(registry, remove)


def proposals(
    state: Annotated[
        ProposalState | None, typer.Option("--state", help="只看某一状态 / only those in a state")
    ] = None,
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出提议 / list proposals, newest first."""

    def action() -> None:
        found = all_proposals(open_registry(registry, profile).journal, state, known_at=known_at)
        if as_json:
            print_json([proposal_json(one) for one in found])
            return
        table = Table()
        for heading in ("#", "状态 state", "标题 title", "谁 who", "何时 at", "+", "−", "处理 decided"):
            table.add_column(heading, overflow="fold")
        for one in found:
            table.add_row(
                str(one.number),
                _STATES[one.state].both(),
                escape(one.title),
                escape(one.author),
                one.at[:19],
                str(len(one.change.added)),
                str(len(one.change.removed)),
                escape(f"{one.decided.by} {one.decided.at[:10]}" if one.decided else ""),
            )
        out().print(table)

    guarded(action)


@_proposal.callback()
def _root() -> None:
    """一项提议 / one proposal."""


@_proposal.command()
def show(
    number: NumberArgument,
    known_at: KnownAtOption = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
    language: LanguageOption = "zh",
) -> None:
    """提议会改什么、会查出什么、说过什么 / what it would change, what would be found, what was said.

    --known-at 只看当时说过什么 / with --known-at: what had been said then.
    """

    def action() -> int:
        opened = open_registry(registry, profile)
        if known_at:
            _show_review(proposing.as_known(opened, number, known_at), as_json, language)
            return EXIT_OK
        found = proposing.review(opened, number)
        _show_review(found, as_json, language)
        waits = found.proposal.state is ProposalState.OPEN
        return EXIT_NOT_CONFORMING if waits and not found.acceptable else EXIT_OK

    guarded(action)


def comment(
    number: NumberArgument,
    text: Annotated[str, typer.Argument(help="要说的话 / what to say")],
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
    role: RoleOption = "",
) -> None:
    """评论一项提议 / say something about a proposal."""

    def action() -> None:
        opened = open_registry(registry, profile)
        found = proposing.comment(opened, number, Actor(default_author(author), role), text)
        out().print(f"评论 comments: {len(found.comments)}", highlight=False)

    guarded(action)


def approve(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", "-m", help="说明 / why")] = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
    role: RoleOption = "",
) -> None:
    """批准提议:按现状再查一遍后生效 / approve a proposal: it is checked anew, then committed."""

    def action() -> None:
        opened = open_registry(registry, profile)
        done = proposing.approve(opened, number, Actor(default_author(author), role), reason)
        position = done.changeset.position if done.changeset else opened.position
        out().print(
            f"已批准 approved: {number} → #{position}; 校验发现 findings {len(done.report.findings)}",
            highlight=False,
        )

    guarded(action)


def reject(
    number: NumberArgument,
    reason: Annotated[str, typer.Option("--reason", "-m", help="理由 / why")] = "",
    registry: RegistryOption = DEFAULT_REGISTRY,
    profile: ProfileOption = None,
    author: AuthorOption = "",
    role: RoleOption = "",
) -> None:
    """否决提议,须说明理由 / reject a proposal, with a reason."""

    def action() -> None:
        opened = open_registry(registry, profile)
        proposing.reject(opened, number, Actor(default_author(author), role), reason)
        out().print(f"已否决 rejected: {number}", highlight=False)

    guarded(action)


def proposal_json(one: Proposal) -> dict[str, Any]:
    """Write a proposal as JSON, without its statements."""
    return {
        "number": one.number,
        "title": one.title,
        "state": one.state.value,
        "author": one.author,
        "role": one.role,
        "at": one.at,
        "base": one.base,
        "documents": [{"name": d.name, "sha256": d.sha256} for d in one.change.documents],
        "added": len(one.change.added),
        "removed": len(one.change.removed),
        "comments": [_said_json(said) for said in one.comments],
        "decided": one.decided and _said_json(one.decided),
        "changeset": one.changeset or None,
    }


def _said_json(said: Said) -> dict[str, Any]:
    return {"by": said.by, "role": said.role, "at": said.at, "text": said.text}


def review_json(found: Review) -> dict[str, Any]:
    """Write a proposal with its difference and its report as JSON."""
    return {
        **proposal_json(found.proposal),
        "acceptable": found.acceptable,
        "conflict": found.conflict and {"what": dict(found.conflict.what), "where": found.conflict.where},
        "difference": found.difference and difference_json(found.difference),
        "rejected": [finding_json(finding) for finding in found.rejected],
        "report": found.report and report_json(found.report),
    }


def _show_review(found: Review, as_json: bool, language: str) -> None:
    if as_json:
        print_json(review_json(found))
        return
    console, one = out(), found.proposal
    state = _STATES[one.state].both()
    console.print(f"[bold]{one.number}. {escape(one.title)}[/] · {state}", highlight=False)
    console.print(f"   {escape(one.author)} {escape(one.role)} {one.at[:19]}", highlight=False)
    for said in (*one.comments, *([one.decided] if one.decided else [])):
        console.print(f"   {said.at[:19]} {escape(said.by)}: {escape(said.text)}", highlight=False)
    if found.conflict:
        _show_conflict(found.conflict, console)
    if found.difference:
        show_difference(found.difference, language, console)
    if found.rejected:
        told = f"现在不能批准 cannot be approved now: {len(found.rejected)}"
        console.print(told, style="bold red", highlight=False)
        for finding in found.rejected:
            show_finding(finding, console)


def _show_conflict(conflict: ConflictError, console: Console) -> None:
    console.print(f"已不适用 no longer applies: {escape(conflict.what.both())}", style="bold red")
    console.print(f"   {escape(conflict.where)}", highlight=False)
