"""`ledger erase`, `keep`, `hold` and `holds`: what is forgotten, when, and what must not be."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson, Yes, actor, agreed, settings_of

BODY = {"door": "cli"}


def erase(
    context: typer.Context,
    person: Annotated[str, typer.Option("--actor", help="The person, as events name them.")] = "",
    asset: Annotated[str, typer.Option("--asset", help="The asset's whole id: 64 digits.")] = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person or an asset, here and in what the ledger recorded. All proofs still hold.

    Says what that takes before it asks. While a server runs it has the vectors: assets are erased over HTTP then.
    """
    from rag.erasing import erase_asset, erase_person, held_of_asset, held_of_person
    from rag.errors import BadQuery
    from rag.model import AssetId
    from rag.terminal.erasing import print_erasure, print_held
    from rag.wiring import opened

    if bool(person) == bool(asset):
        raise BadQuery("say who or what: --actor NAME or --asset ID")
    with opened(settings_of(context)) as services:
        if not yes:
            held = held_of_person if person else held_of_asset
            print_held(held(services, actor(), AssetId(person or asset)), person or asset)
            agreed(f"Erase {person or asset} for good, and what was recorded of it?", yes)
        if person:
            erased = erase_person(services, actor(), person, door="cli")
        else:
            erased = erase_asset(services, actor(), AssetId(asset), door="cli")
    print_erasure(erased, as_json)


def keep(
    context: typer.Context,
    library: Annotated[str, typer.Argument(help="Empty: of no single library.")],
    days: Annotated[int | None, typer.Option(min=1, help="Days; without it, show what is set.")] = None,
    forever: Annotated[bool, typer.Option("--forever", help="Without a limit.")] = False,
) -> None:
    """How long what is recorded of a library is kept, month by month. For ever, unless you say so."""
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        if days is not None or forever:
            services.ledger.keep(actor(), library, None if forever else days, BODY)
        kept = services.ledger.kept_days().get(library)
    typer.echo("for ever" if kept is None else f"{kept} days, and at most a month longer")


def hold(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Of the hold, or the case.")],
    library: Annotated[str | None, typer.Option("--library", "-l", help="Keep all of this library.")] = None,
    events: Annotated[str, typer.Option(help="Keep the events of a case, such as 120-185.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="End it.")] = False,
) -> None:
    """Place a legal hold: until it is lifted, nothing of what it names is erased or forgotten."""
    from rag.terminal.ledger import hold_of
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        if lift:
            event = services.ledger.lift(actor(), name, BODY)
        else:
            event = services.ledger.hold(actor(), hold_of(name, library, events), BODY)
    typer.echo(f"The hold {name} is {'lifted' if lift else 'placed'}: event {event.seq}.")


def holds(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the legal holds."""
    from rag.terminal.ledger import print_holds
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_holds(services.ledger.holds(), as_json)
