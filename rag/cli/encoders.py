"""`encoder …`: which encoder searches use, and how to change it while everything goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, Yes, actor, agreed, settings_of

if TYPE_CHECKING:
    from rag.cli.stopping import Stopped
    from rag.model import Generation
    from rag.wiring import WiredServices

DOOR = "cli"

app = typer.Typer(help="Which encoder searches use; change it without downtime.", no_args_is_help=True)

Replay = Annotated[int, typer.Option("--replay", min=0, max=10_000, help="Latest logged queries to ask on both.")]
Gate = Annotated[bool, typer.Option("--gate", help="Do not switch when fewer known pictures are found.")]
Stay = Annotated[bool, typer.Option("--no-switch", help="Stop before the switch: picturedesk encoder switch makes it.")]


@app.command("list")
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the encoders that there are and were, and which one is live."""
    from rag.terminal.encoders import print_generations
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_generations(services.generations.every(), services.encoder_notice, as_json)


@app.command()
def migrate(
    *,
    context: typer.Context,
    encoder: Annotated[str, typer.Argument(metavar="NEW", help="As in PICTUREDESK_ENCODER.")],
    replay: Replay = 200,
    qrels: Annotated[Path | None, typer.Option(help="Judgements in TREC's format, instead of captions.")] = None,
    topics: Annotated[Path | None, typer.Option(help="Their questions: lines TOPIC<TAB>QUESTION.")] = None,
    gate: Gate = False,
    stay: Stay = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Embed everything with another encoder beside the live one, compare them, then switch.

    Searches and ingest go on meanwhile. Stopped, the same command goes on where it was.
    """
    from rag.cli.stopping import stopping
    from rag.errors import BadQuery
    from rag.migration import flow
    from rag.migration.judgements import read_judgements
    from rag.wiring import opened

    if (qrels is None) != (topics is None):
        raise BadQuery("--qrels and --topics go together")
    judged = read_judgements(qrels, topics) if qrels and topics else []
    with stopping() as stop, opened(settings_of(context)) as services:
        _let_go(services, yes)
        wanted = flow.migrate(services, actor(), encoder, replay=replay, judged=judged, door=DOOR)
        _see_through(services, wanted, stop, gate=gate, stay=stay, yes=yes, as_json=as_json)


@app.command()
def adapt(
    *,
    context: typer.Context,
    replay: Replay = 200,
    stay: Stay = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Train a small adapter on the library's own captions; offered only when it finds more than without.

    Nothing is embedded anew. Exit code 1 when it is not worth having.
    """
    from rag.cli.stopping import stopping
    from rag.migration import flow
    from rag.wiring import opened

    with stopping() as stop, opened(settings_of(context)) as services:
        _let_go(services, yes)
        wanted = flow.adapt(services, actor(), replay=replay, door=DOOR)
        _see_through(services, wanted, stop, gate=False, stay=stay, yes=yes, as_json=as_json)


@app.command()
def switch(context: typer.Context, gate: Gate = False, as_json: AsJson = False) -> None:
    """Search with the encoder that is ready."""
    from rag.migration import flow
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        ready = flow.ready_one(services).number
        _switched(flow.switch(services, actor(), ready, gate=gate, door=DOOR), as_json)


@app.command()
def rollback(context: typer.Context, as_json: AsJson = False) -> None:
    """Search with the previous encoder again, at once. Once more goes forward again."""
    from rag.migration import flow
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        previous = flow.previous_one(services).number
        _switched(flow.switch(services, actor(), previous, door=DOOR), as_json)


@app.command()
def drop(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="[GENERATION]", help="As `encoder list` shows it.")] = 0,
    yes: Yes = False,
) -> None:
    """Remove the vectors of an encoder that is not live: the previous one, or one on its way."""
    from rag.migration import flow
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        agreed("Remove its vectors? Going back to it takes embedding everything again.", yes)
        dropped = flow.drop(services, actor(), number, door=DOOR)
    typer.echo(f"Generation {dropped.number} ({dropped.encoder or 'an adapter'}) is dropped.")


def _let_go(services: WiredServices, yes: bool) -> None:
    """Two generations are kept at a time: a new one takes the place of the previous one."""
    from rag.model import GenerationState

    for one in services.generations.every():
        if one.state is GenerationState.PREVIOUS:
            agreed(f"This removes the vectors of the previous encoder, {one.encoder_id}. Go on?", yes)


def _see_through(
    services: WiredServices, wanted: Generation, stop: Stopped, *, gate: bool, stay: bool, yes: bool, as_json: bool
) -> None:
    from rag.errors import PictureDeskError
    from rag.migration import flow
    from rag.model import GenerationState
    from rag.terminal.encoders import print_report, watched

    found = watched(services, wanted, stop, as_json=as_json)
    if stop.is_set():
        typer.echo("Stopped; a running server or worker goes on with it, else the same command does.", err=True)
        raise typer.Exit(stop.exit_code)
    if found.state is GenerationState.DROPPED:
        raise PictureDeskError(found.trouble or f"generation {found.number} was dropped")
    print_report(found, as_json)
    if stay or found.state is not GenerationState.READY:
        return
    agreed(f"Switch to {found.encoder_id}?", yes)
    _switched(flow.switch(services, actor(), found.number, gate=gate, door=DOOR), as_json)


def _switched(live: Generation, as_json: bool) -> None:
    from rag.migration.flow import report_json
    from rag.terminal.text import print_json

    if as_json:
        print_json({"event": "switched", **report_json(live)})
        return
    typer.echo(f"Searches use generation {live.number} now: {live.encoder_id}")
    typer.echo("The previous one is kept: picturedesk encoder rollback goes back, picturedesk encoder drop lets it go.")
