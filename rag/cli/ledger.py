"""`ledger …`: the record of every retrieval and answer."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson, actor, settings_of

app = typer.Typer(help="The record of every retrieval and answer.", no_args_is_help=True)


@app.command("list")
def show(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(help="retrieval, answer, …")] = None,
    library: Annotated[str | None, typer.Option("--library", "-l")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest events."""
    from rag.terminal.events import print_events
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        events = services.ledger.events(actor(), kind=kind, library=library, limit=limit)
    print_events(events, as_json)


@app.command()
def verify(context: typer.Context) -> None:
    """Check that no event was changed, removed or reordered."""
    from rag.errors import PictureDeskError
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        fault = services.ledger.first_fault()
    if fault:
        raise PictureDeskError(f"the ledger does not verify: {fault}")
    typer.echo("The ledger verifies: every event is as it was written, in its place.")
