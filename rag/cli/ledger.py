"""`ledger …`: the record of every retrieval and answer, and what proves it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.cli import ledger_erasing, ledger_keys
from rag.cli.options import AsJson, actor, settings_of

app = typer.Typer(help="The record of every retrieval and answer.", no_args_is_help=True)
app.add_typer(ledger_keys.app, name="key")
app.command()(ledger_erasing.erase)
app.command()(ledger_erasing.keep)
app.command()(ledger_erasing.hold)
app.command()(ledger_erasing.holds)

DOOR = "cli"


@app.command("list")
def show(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(help="retrieval, answer, …")] = None,
    library: Annotated[str | None, typer.Option("--library", "-l")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest events. That you did is recorded, too."""
    from rag.terminal.events import print_events
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        events = services.ledger.events(actor(), kind=kind, library=library, limit=limit)
        services.ledger.accessed(actor(), DOOR, {"kind": kind, "library": library})
        print_events(events, as_json)


@app.command()
def verify(
    context: typer.Context,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Signed checkpoints that were kept elsewhere: they show what was cut off.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Check an exported bundle instead; opens nothing else.")] = None,
    key: Annotated[str, typer.Option(help="The verifier key to trust, with --bundle.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check every event, the Merkle tree and the checkpoints; name the first thing that is wrong. Exit code 1 then."""
    from rag.terminal.ledger import print_verification, read_file, verified_bundle, verified_ledger
    from rag.wiring import opened

    outside = read_file(checkpoint)
    if bundle is not None:
        found = verified_bundle(bundle, outside, key)
    else:
        with opened(settings_of(context)) as services:
            found = verified_ledger(services.ledger, outside, as_json)
    print_verification(found, as_json)


@app.command()
def checkpoint(context: typer.Context) -> None:
    """Sign for all events there are, print the checkpoint, and publish it where PICTUREDESK_CHECKPOINT_TO says."""
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        typer.echo(services.ledger.checkpoint(actor()), nl=False)
        services.ledger.tend()
        if problem := services.ledger.state().problem:
            typer.secho(f"note: {problem}", fg="yellow", err=True)


@app.command()
def proof(context: typer.Context, seq: Annotated[int, typer.Argument(metavar="EVENT", min=0)]) -> None:
    """Print the proof that an event is in the ledger, as text (c2sp.org/tlog-proof)."""
    from rag.audit.proofs import as_text
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        typer.echo(as_text(services.ledger.proof(actor(), seq)), nl=False)


@app.command()
def rebuild(context: typer.Context) -> None:
    """Make the Merkle tree's tiles anew from the events, then check everything against the checkpoints."""
    from rag.terminal.ledger import print_verification, rebuilding, verified_ledger
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        rebuilding(services.ledger)
        found = verified_ledger(services.ledger, "", False)
    print_verification(found, False)
