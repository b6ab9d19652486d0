"""`library …`: what there is, and what each keeps."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson, actor, settings_of

app = typer.Typer(help="Libraries, and what each keeps of its files.", no_args_is_help=True)


@app.command("list")
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show each with what it holds."""
    from rag.terminal.status import print_libraries
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_libraries(services.catalog, actor(), as_json)


@app.command("set")
def change(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A library; it is made when it is new.")],
    keep_personal: Annotated[
        bool, typer.Option(help="Keep GPS, creators and serial numbers found in files from now on.")
    ],
) -> None:
    """Decide what is kept of the files of a library."""
    from rag.audit.deeds import library_draft
    from rag.ingest import require_editor
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        require_editor(actor(), name)
        services.ledger.append(library_draft(actor(), "cli", name, keep_personal=keep_personal))
        services.catalog.keep_personal(name, keep_personal)
    kept = "keeps" if keep_personal else "drops"
    typer.echo(f"{name} {kept} personal metadata of files that are ingested from now on.")
