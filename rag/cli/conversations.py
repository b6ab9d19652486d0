"""`picturedesk conversations …`: what was asked before."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson, actor, settings_of

app = typer.Typer(help="What you asked before.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="As `list` shows it.")]


@app.command("list")
def list_(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Your conversations, newest change first."""
    from rag.terminal.conversations import print_conversations
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_conversations(services.conversations.every(actor(), limit=limit), as_json)


@app.command()
def show(context: typer.Context, conversation: Id, as_json: AsJson = False) -> None:
    """One of them, question by question."""
    from rag.terminal.conversations import print_turns
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_turns(services.conversations.turns(actor(), conversation), as_json)


@app.command()
def delete(context: typer.Context, conversation: Id) -> None:
    """Remove one, and record that. What the ledger has of its questions stays there."""
    from rag.conversing import delete as run
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        run(services, actor(), conversation, door="cli")
    typer.echo(f"deleted conversation {conversation}")
