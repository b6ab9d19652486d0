"""`quarantine …`: files that claim to be pictures and could not be indexed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, OneLibrary, Wait, Yes, actor, agreed, settings_of

if TYPE_CHECKING:
    from rag.model import Asset
    from rag.ports import Services

app = typer.Typer(help="Files that could not be indexed: their bytes and records are kept.", no_args_is_help=True)

Assets = Annotated[list[str] | None, typer.Argument(metavar="[ASSET]…", help="Ids, or their first 8 digits.")]
All = Annotated[bool, typer.Option("--all", help="Everything that is quarantined.")]


@app.command("list")
def show(context: typer.Context, library: OneLibrary = "", as_json: AsJson = False) -> None:
    """Show each with the reason and the number of attempts."""
    from rag.cli.assets import quarantined
    from rag.terminal.upkeep import print_quarantine
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_quarantine(quarantined(services, library), as_json)


@app.command()
def retry(
    context: typer.Context, assets: Assets = None, every: All = False, library: OneLibrary = "", wait: Wait = True
) -> None:
    """Try again, from the first attempt."""
    from rag.cli.stopping import stopping
    from rag.ingest import send
    from rag.jobs import retry_assets
    from rag.terminal.encoder import check_encoder
    from rag.terminal.upkeep import wait_for
    from rag.wiring import opened

    with stopping() as stop, opened(settings_of(context)) as services:
        chosen = _chosen(services, assets, every, library)
        refs = retry_assets(services, actor(), [asset.ref for asset in chosen], door="cli")
        typer.echo(f"{len(refs):,} {'is' if len(refs) == 1 else 'are'} tried again.")
        if wait and refs:
            check_encoder(services)
            send(services, refs)
            wait_for(services, refs, stop)
    if stop.is_set():
        raise typer.Exit(stop.exit_code)


@app.command()
def drop(
    context: typer.Context, assets: Assets = None, every: All = False, library: OneLibrary = "", yes: Yes = False
) -> None:
    """Delete them for good."""
    from rag.terminal.upkeep import delete
    from rag.terminal.words import count
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        chosen = _chosen(services, assets, every, library)
        if chosen:
            agreed(f"Delete {count(len(chosen), 'quarantined asset')} for good?", yes)
        delete(services, actor(), [asset.ref for asset in chosen])


def _chosen(services: Services, words: list[str] | None, every: bool, library: str) -> list[Asset]:
    from rag.cli.assets import named, quarantined
    from rag.errors import BadQuery
    from rag.model import AssetState

    if bool(words) == every:
        raise BadQuery("name the assets, or say --all")
    if every:
        return list(quarantined(services, library))
    found = named(services, words or [], library)
    for asset in found:
        if asset.state is not AssetState.QUARANTINED:
            raise BadQuery(f"{asset.ref} is {asset.state.value}, not quarantined")
    return found
