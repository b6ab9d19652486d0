"""`picturedesk …`: the command line, a thin door onto the flows.

Only Typer is imported before a command runs, so that `--help` answers at once.
"""

from __future__ import annotations

import sys

import typer

from rag.cli import (
    asking,
    auditing,
    calibrating,
    captions,
    classifying,
    conversations,
    encoders,
    evaluation,
    ingesting,
    jobs,
    keeping,
    ledger,
    libraries,
    mcp,
    moderation,
    prompts,
    quarantine,
    running,
    similar,
)
from rag.cli.options import options

app = typer.Typer(
    name="picturedesk",
    help="Ask questions of an image library and get answers you can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    callback=options,
)
for command in (
    running.demo,
    ingesting.ingest,
    asking.search,
    asking.ask,
    similar.similar,
    classifying.classify,
    running.serve,
    mcp.mcp,
    running.worker,
    running.status,
    keeping.delete,
    keeping.duplicates,
    keeping.doctor,
    calibrating.calibrate,
):
    app.command()(command)
for name, group in (
    ("conversations", conversations.app),
    ("jobs", jobs.app),
    ("quarantine", quarantine.app),
    ("captions", captions.app),
    ("library", libraries.app),
    ("encoder", encoders.app),
    ("moderation", moderation.app),
    ("ledger", ledger.app),
    ("prompts", prompts.app),
    ("audit", auditing.app),
    ("eval", evaluation.app),
):
    app.add_typer(group, name=name)


def main() -> None:
    """Run the command line; what fails on purpose is one line on stderr and exit code 1."""
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("\nStopped.", err=True)
        sys.exit(130)
    except Exception as error:
        message = _expected(error)
        if message is None:
            raise
        typer.secho(f"error: {message}", fg="red", err=True)
        sys.exit(1)


def _expected(error: Exception) -> str | None:
    """The line for an error that has one; None for a bug, which shows its traceback."""
    from pydantic import ValidationError

    from rag.errors import PictureDeskError

    if isinstance(error, PictureDeskError):
        return str(error)
    if isinstance(error, ValidationError) and error.title == "Settings":
        first = error.errors()[0]
        name = "PICTUREDESK_" + "_".join(str(part) for part in first["loc"]).upper()
        return f"{name}: {first['msg'].removeprefix('Value error, ')}"
    return None
