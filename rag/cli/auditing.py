"""`audit …`: find events, see one whole, ask it again, keep a moment to ask it of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rag.cli import exporting, reviewing
from rag.cli.exporting import aware
from rag.cli.options import AsJson, actor, settings_of

DOOR = "cli"

app = typer.Typer(help="Find events of the ledger, see and review them, ask them again.", no_args_is_help=True)
app.command("queue")(reviewing.queue)
app.command("review")(reviewing.review)
app.command("agreement")(reviewing.agreement)
app.command("labels")(reviewing.labels)
app.command("threshold")(reviewing.threshold)
app.command("export")(exporting.export)
app.command("report")(exporting.report)
app.command("case")(exporting.case)


class Doubt(StrEnum):
    """As `rag.auditing.finding.VERDICTS`, which `--help` need not load."""

    REMOVED = "removed"
    UNSUPPORTED = "unsupported"
    WITHHELD = "withheld"
    STOPPED = "stopped"


Words = Annotated[list[str] | None, typer.Argument(help="Words of the question or the answer, all of them.")]
Moment = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"])]


@app.command()
def find(
    context: typer.Context,
    *,
    words: Words = None,
    since: Moment = None,
    until: Moment = None,
    person: Annotated[str, typer.Option(help="Who asked, as the ledger names them.")] = "",
    library: Annotated[str, typer.Option("--library", "-l", help="Only this library.")] = "",
    kind: Annotated[list[str] | None, typer.Option(help="retrieval, answer, …; repeatable.")] = None,
    visual: Annotated[str, typer.Option(help="Id of a picture or file that it found, or its first 8 digits.")] = "",
    model: Annotated[str, typer.Option(help="Who wrote the answer.")] = "",
    prompt: Annotated[str, typer.Option(help="The prompt's id, or the first digits of its hash.")] = "",
    encoder: Annotated[str, typer.Option(help="Id of the encoder.")] = "",
    door: Annotated[str, typer.Option(help="cli, http, mcp, …")] = "",
    verdict: Annotated[list[Doubt] | None, typer.Option(help="What checking found; repeatable, any counts.")] = None,
    below: Annotated[float | None, typer.Option(help="Best evidence less relevant than this.")] = None,
    abstained: Annotated[bool | None, typer.Option("--abstained/--answered")] = None,
    flagged: Annotated[bool | None, typer.Option("--flagged/--not-flagged")] = None,
    reviewed: Annotated[bool | None, typer.Option("--reviewed/--not-reviewed")] = None,
    risky: Annotated[bool, typer.Option("--risky", help="What the rules say a person should look at.")] = False,
    case: Annotated[str, typer.Option(help="Events of a case.")] = "",
    before: Annotated[int | None, typer.Option(help="Older than this event.", show_default="the newest")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500)] = 20,
    as_json: AsJson = False,
) -> None:
    """Find events, newest first. That somebody looked is recorded as well."""
    from rag.auditing.finding import find as run
    from rag.ports.auditing import Wanted
    from rag.terminal.auditing import print_page
    from rag.wiring import opened

    given = {name: value for name, value in locals().items() if name in Wanted.__dataclass_fields__}
    verdicts = tuple(one.value for one in verdict or ())
    times = {"since": aware(since), "until": aware(until)}
    wanted = Wanted(**given | times | {"words": tuple(words or ()), "kinds": tuple(kind or ()), "verdicts": verdicts})
    with opened(settings_of(context)) as services:
        print_page(run(services, actor(), wanted, limit=limit, door=DOOR), as_json)


@app.command()
def show(
    context: typer.Context,
    seq: Annotated[int, typer.Argument(metavar="EVENT", min=0)],
    dropped: Annotated[bool, typer.Option("--dropped", help="Also every candidate that was left out.")] = False,
    prompt: Annotated[bool, typer.Option("--prompt", help="Also what the model was sent.")] = False,
    as_json: AsJson = False,
) -> None:
    """One event whole: question, evidence, answer, checks, what belongs to it, whether it is as it was written."""
    from rag.auditing.opening import open_event
    from rag.terminal.auditing import print_whole
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        found = open_event(services, actor(), seq, door=DOOR)
        print_whole(found, as_json, dropped=dropped, prompt=prompt)


@app.command()
def replay(
    context: typer.Context,
    *,
    seq: Annotated[int, typer.Argument(metavar="EVENT", min=0)],
    encoder: Annotated[str, typer.Option(help="Another generation: its encoder, or its number.")] = "",
    pin: Annotated[str, typer.Option("--pin", "--snapshot", help="A moment that was kept.")] = "",
    picture: Annotated[list[Path] | None, typer.Option(help="A picture of the query; the ledger has its hash.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask again what an event asked; show what entered, left and moved, and why. Exit code 1 when it differs."""
    from rag.auditing.replaying import replay as run
    from rag.errors import BadSource
    from rag.terminal.auditing import print_replay
    from rag.wiring import opened

    try:
        pictures = [path.read_bytes() for path in picture or ()]
    except OSError as error:
        raise BadSource(f"{error.filename} cannot be read: {error.strerror}") from error
    with opened(settings_of(context)) as services:
        done = run(services, actor(), seq, encoder=encoder, pin=pin, pictures=pictures, door=DOOR)
        print_replay(done, as_json)
    if not done.same:
        raise typer.Exit(1)


@app.command()
def pin(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="Letters, digits, - and _.")],
    encoder: Annotated[str, typer.Option(help="Another generation: its encoder, or its number.")] = "",
    as_json: AsJson = False,
) -> None:
    """Keep what searches read at this moment, so that a replay on it finds the same."""
    from rag.auditing.pinning import kept, make
    from rag.terminal.auditing import print_pins
    from rag.terminal.counting import counting_up
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        with counting_up("visuals", silent=as_json) as progress:
            made = make(services, actor(), name, encoder=encoder, progress=progress, door=DOOR)
        print_pins([kept(services, made.name)], None, as_json)


@app.command()
def pins(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the moments that were kept: how old, how large, whether sound; and one that is being made."""
    from rag.auditing.pinning import every, on_its_way
    from rag.terminal.auditing import print_pins
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_pins(every(services, actor()), on_its_way(services), as_json)


@app.command()
def unpin(context: typer.Context, name: str) -> None:
    """Remove a moment that was kept."""
    from rag.auditing.pinning import remove
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        remove(services, actor(), name, door=DOOR)
    typer.echo(f"The pin {name} is removed.")
