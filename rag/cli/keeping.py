"""`delete`, `duplicates` and `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson, Library, OneLibrary, Yes, actor, agreed, settings_of


def delete(
    context: typer.Context,
    assets: Annotated[list[str], typer.Argument(metavar="ASSET…", help="Ids, or their first 8 digits.")],
    library: OneLibrary = "",
    yes: Yes = False,
) -> None:
    """Delete assets for good: vectors, thumbnails, bytes, record. No search returns them from then on."""
    from rag.cli.assets import named
    from rag.terminal.text import errors, plain
    from rag.terminal.upkeep import delete as run
    from rag.terminal.words import count
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        chosen = named(services, assets, library)
        if not yes:
            for asset in chosen:
                errors.print(plain(f"{asset.library}: {asset.name}"))
        agreed(f"Delete {count(len(chosen), 'asset')} for good?", yes)
        run(services, actor(), [asset.ref for asset in chosen])


def duplicates(context: typer.Context, library: Library = "", as_json: AsJson = False) -> None:
    """Show pictures that are all but the same, in groups. Nothing is dropped for being one."""
    from rag.duplicates import groups
    from rag.terminal.upkeep import print_duplicates
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        name = library or services.settings.library
        print_duplicates(groups(services, actor(), name), name, as_json)


def doctor(
    context: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Put in order what can be.")] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Also read and hash every file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check that everything accepted is where it belongs. Exit code 1 when something is not."""
    from rag.doctor import examine
    from rag.terminal.upkeep import print_findings
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        in_order = print_findings(examine(services, fix=fix, deep=deep), as_json)
    if not in_order:
        raise typer.Exit(1)
