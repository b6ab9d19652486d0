"""`ledger key …`: what signs the ledger's checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rag.cli.options import AsJson, Yes, actor, agreed, settings_of

app = typer.Typer(help="The keys that sign the ledger's checkpoints.", no_args_is_help=True)


@app.command()
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Print the verifier keys, the one in use last. Whoever checks the ledger should have it from you, not from it."""
    from rag.audit.opening import keys_of
    from rag.terminal.text import print_json
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        ours = str(keys_of(services.engine, services.settings).signing.public)
        every = [str(key) for key in services.ledger.signers()]
    if as_json:
        print_json({"key": ours, "keys": every})
        return
    for key in [*(key for key in every if key != ours), ours]:
        typer.echo(key)


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="Where to write it; nothing is overwritten.")],
    name: Annotated[str, typer.Option(help="The ledger's name, such as desk.example/ledger.")] = "",
) -> None:
    """Make the keys of a new ledger: for PICTUREDESK_LEDGER_KEY, before the first event."""
    from rag.audit.keys import LedgerKeys, write_keys
    from rag.errors import BadSettings

    if file.exists():
        raise BadSettings(f"{file} is there already: nothing was written")
    try:
        keys = LedgerKeys.new(name)
        write_keys(file, keys)
    except (OSError, ValueError) as error:
        raise BadSettings(f"no keys could be written to {file}: {error}") from error
    typer.echo(str(keys.signing.public))


@app.command()
def rotate(
    context: typer.Context,
    master: Annotated[bool, typer.Option("--master", help="The master key instead: wrap all keys anew.")] = False,
    yes: Yes = False,
) -> None:
    """Sign with a new key from now on. The old one signs for it; processes that run take it when they start anew."""
    from rag.audit.opening import key_path, keys_of, open_ledger
    from rag.audit.rewrapping import rotate_master
    from rag.audit.rotating import rotate as run
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        path = key_path(services.settings)
        if master:
            agreed(
                f"Replace the master key in {path}? Backups of the database need a copy of the file as it is now.", yes
            )
            typer.echo(rotate_master(services.engine, path, actor(), door="cli"))
            return
        agreed(f"Replace the signing key in {path}?", yes)
        keys = keys_of(services.engine, services.settings)
        typer.echo(run(open_ledger(services.engine, services.settings), keys, path, actor(), door="cli"))
