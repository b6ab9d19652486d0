"""What the commands have in common: their options, the settings, and who acts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rag.model import Actor
    from rag.settings import Settings

Library = Annotated[str, typer.Option("--library", "-l", help="Library to use.", show_default="the configured one")]
OneLibrary = Annotated[str, typer.Option("--library", "-l", help="Only this library.", show_default="all")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Wait = Annotated[bool, typer.Option(help="Wait until everything is indexed.")]


def options(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="Folder of the embedded profile.", show_default="data")] = None,
) -> None:
    """Ask questions of an image library and get answers you can check."""
    context.obj = data


def data_of(context: typer.Context) -> Path | None:
    """The folder given with `--data`."""
    data: Path | None = context.obj
    return data


def settings_of(context: typer.Context, **changes: object) -> Settings:
    """From the environment, then `--data`, then `changes`."""
    from rag.settings import Settings

    if (data := data_of(context)) is not None:
        changes["data"] = data
    return Settings(**changes)  # type: ignore[arg-type]


def actor() -> Actor:
    """Whoever can read the data folder owns it."""
    from rag.model import LOCAL_OWNER

    return LOCAL_OWNER


def agreed(question: str, yes: bool) -> None:
    """Ask, unless `yes`. Raises typer.Abort for any other answer than yes, or none."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


def content_of(path: Path, settings: Settings, instead: str = "") -> bytes:
    """The bytes of a file that is looked at and not kept.

    Args:
        instead: what else could be given, for who named no file.

    Raises:
        BadSource: it cannot be read, or is over the limit.
    """
    from rag.errors import BadSource

    try:
        if path.stat().st_size > settings.max_bytes:
            raise BadSource(f"{path} is over the limit of {settings.max_bytes:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise BadSource(f"{path} cannot be read: {error.strerror}{instead}") from error
