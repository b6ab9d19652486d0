"""`moderation …`: the policy, checks by it, the queue of people, and thresholds that follow what they decide."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, Library, OneLibrary, actor, content_of, settings_of

if TYPE_CHECKING:
    from rag.wiring import WiredServices

app = typer.Typer(help="What a policy hides or flags, and what people decide about it.", no_args_is_help=True)

DOOR = "cli"


class Decision(StrEnum):
    ALLOW = "allow"
    BLUR = "blur"
    BLOCK = "block"


class Waiting(StrEnum):
    OPEN = "open"
    AUTOMATIC = "automatic"
    DECIDED = "decided"
    CLOSED = "closed"


@app.command()
def policy(
    context: typer.Context,
    wanted: Annotated[
        str, typer.Argument(metavar="[POLICY]", help="A name or a file.", show_default="the configured one")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show a policy, or what is wrong with it: its categories, thresholds and actions."""
    from rag.errors import BadSettings
    from rag.moderation.policy import load_policy, policy_names
    from rag.terminal.moderation import print_policy

    name = wanted or settings_of(context).policy
    if not name:
        raise BadSettings(f"there is no policy: set PICTUREDESK_POLICY to a file, or to {' or '.join(policy_names())}")
    print_policy(load_policy(name), as_json)


@app.command()
def check(
    *,
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]…", help="Pictures that are not kept; none: the library.")
    ] = None,
    text: Annotated[str, typer.Option(help="The text that goes with the files.")] = "",
    library: Library = "",
    every: Annotated[bool, typer.Option("--all", help="All libraries.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also what these rules have checked already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check by the policy: files with a text, or what a library has that was checked by other rules, or never.

    Stopped, the same command goes on where it was. What people decided stands.
    """
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        if files:
            _check_files(services, files, text, as_json)
            return
        names = services.catalog.libraries(actor()) if every else [library or services.settings.library]
        _check_libraries(services, names, again=again, as_json=as_json)


@app.command()
def queue(
    *,
    context: typer.Context,
    library: OneLibrary = "",
    category: Annotated[str, typer.Option(help="Only this category.")] = "",
    state: Annotated[list[Waiting] | None, typer.Option(help="Entries that stand so.", show_default="open")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=500)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what waits for people: the most severe first, then the most ambiguous."""
    from rag.model import EntryState
    from rag.moderation.review import queue as waiting
    from rag.terminal.moderation import print_queue
    from rag.wiring import opened

    states = [EntryState(one.value) for one in state or [Waiting.OPEN]]
    with opened(settings_of(context)) as services:
        found = waiting(
            services, actor(), library=library or None, category=category or None, states=states, limit=limit
        )
        print_queue(found, as_json)


@app.command()
def decide(
    context: typer.Context,
    entry: Annotated[str, typer.Argument(help="Of the queue, or the first digits; or a visual that no policy found.")],
    decision: Annotated[Decision, typer.Argument()],
    comment: Annotated[str, typer.Option("--comment", "-m", help="Why; kept with the decision.")] = "",
    as_json: AsJson = False,
) -> None:
    """Allow, blur or block. It holds at once, in searches, prompts, thumbnails and originals."""
    from rag.model import Action
    from rag.moderation.deciding import decide_named
    from rag.terminal.moderation import print_decided
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        action = Action(decision.value)
        print_decided(decide_named(services, actor(), entry, action, comment=comment, door=DOOR), as_json)


@app.command()
def calibrate(
    context: typer.Context,
    precision: Annotated[float, typer.Option(help="Of what is hidden without asking.")] = 0.9,
    recall: Annotated[float, typer.Option(help="Of what people would hide, how much is found.")] = 0.95,
    as_json: AsJson = False,
) -> None:
    """Fit thresholds to what people decided; those that do better on held-out decisions are in use from then on."""
    from rag.moderation.calibrating import calibrate as run
    from rag.moderation.thresholds import Wish
    from rag.terminal.moderation import print_calibrated
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_calibrated(run(services, actor(), Wish(precision, recall), door=DOOR), as_json)


@app.command()
def report(context: typer.Context, library: OneLibrary = "", as_json: AsJson = False) -> None:
    """Show by category what waits and for how long, what was decided, and how often the policy was overturned."""
    from rag.moderation.review import counts
    from rag.terminal.moderation import print_report
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_report(counts(services, actor(), library or None), as_json)


def _check_files(services: WiredServices, files: list[Path], text: str, as_json: bool) -> None:
    from rag.moderation.checking import check_file
    from rag.terminal.moderation import print_verdict

    for path in files:
        content = content_of(path, services.settings)
        print_verdict(path.name, check_file(services, actor(), path.name, content, text, door=DOOR), as_json)


def _check_libraries(services: WiredServices, names: list[str], *, again: bool, as_json: bool) -> None:
    from rag.moderation.checking import check_library
    from rag.terminal.moderation import print_rechecked

    for name in names:
        print_rechecked(name, check_library(services, actor(), name, again=again), as_json)
