"""`audit export`, `audit report` and `audit case`: what leaves the ledger, and what is collected for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rag.cli.options import AsJson, OneLibrary, actor, settings_of

DOOR = "cli"

Moment = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="UTC.")]


def aware(moment: datetime | None) -> datetime | None:
    """Times without a zone are UTC, as the ledger's are."""
    from datetime import UTC

    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def export(
    context: typer.Context,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The bundle, a zip file; with --csv the table.")],
    since: Moment = None,
    until: Moment = None,
    case: Annotated[str, typer.Option(help="Only the events of a case.")] = "",
    library: OneLibrary = "",
    images: Annotated[bool, typer.Option("--images/--hashes", help="Thumbnails too, or only hashes.")] = False,
    as_table: Annotated[bool, typer.Option("--csv", help="Only a table for people, without proofs.")] = False,
    checkpoint: Annotated[Path | None, typer.Option(help="Checkpoints that the reader kept.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a signed bundle of a time or a case; picturedesk ledger verify --bundle checks it anywhere."""
    from rag.auditing.exporting import as_csv
    from rag.auditing.exporting import export as run
    from rag.ports.auditing import Wanted
    from rag.terminal.auditing import print_export, written
    from rag.terminal.ledger import read_file
    from rag.wiring import opened

    wanted = Wanted(since=aware(since), until=aware(until), case=case, library=library)
    outside = read_file(checkpoint)
    with opened(settings_of(context)) as services:
        if as_table:
            written(out, as_csv(services, actor(), wanted, door=DOOR))
            return
        print_export(run(services, actor(), wanted, out, images=images, outside=outside, door=DOOR), as_json)


def report(
    context: typer.Context,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="One HTML file that needs nothing else.")],
    since: Moment = None,
    until: Moment = None,
    library: OneLibrary = "",
    attribute: Annotated[str, typer.Option(help="Tags ATTRIBUTE:GROUP tell whom questions bring first.")] = "",
) -> None:
    """Figures of what was asked: by library and day, abstentions, most used and never found pictures, skew."""
    from rag.auditing.report_page import as_html
    from rag.auditing.reporting import report as run
    from rag.terminal.auditing import written
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        found = run(
            services,
            actor(),
            since=aware(since),
            until=aware(until),
            library=library,
            attribute=attribute,
            door=DOOR,
        )
        written(out, as_html(services, found).encode())


def case(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="Its name; without events, they are shown.")],
    events: Annotated[list[int] | None, typer.Argument(help="Events to put in.")] = None,
    remove: Annotated[list[int] | None, typer.Option(help="An event to take out; repeatable.")] = None,
    comment: Annotated[str, typer.Option("--comment", "-m")] = "",
    as_json: AsJson = False,
) -> None:
    """Collect events under a name, to look at and export together."""
    from rag.auditing.cases import change, every
    from rag.errors import NotFound
    from rag.terminal.auditing import print_case
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        if events or remove:
            found = change(services, actor(), name, add=events or (), remove=remove or (), comment=comment, door=DOOR)
        else:
            cases = every(services, actor())
            if name not in cases:
                raise NotFound(f"there is no case {name!r}; picturedesk audit case {name} EVENT… makes it")
            found = cases[name]
        print_case(name, found, as_json)
