"""`demo`, `serve`, `worker` and `status`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, actor, data_of, settings_of

if TYPE_CHECKING:
    from rag.settings import Settings


class WorkQueue(StrEnum):
    """As in `rag.dispatch.app`, which loads too much for `--help`."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


def demo(
    context: typer.Context,
    serve: Annotated[bool, typer.Option("--serve", help="Leave the API and the web page running.")] = False,
) -> None:
    """Draw the sample library, ingest it, ask it questions, and show the ledger."""
    from rag.demo import run_demo

    settings = settings_of(context)
    run_demo(settings)
    if serve:
        _serve(settings)


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = "",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", show_default="8000")] = -1,
) -> None:
    """Run the web page and the HTTP API."""
    changes: dict[str, object] = {}
    if host:
        changes["host"] = host
    if port >= 0:
        changes["port"] = port
    _serve(settings_of(context, **changes))


def worker(
    context: typer.Context,
    threads: Annotated[int, typer.Option(help="Tasks at a time.", show_default="the configured one")] = 0,
    only: Annotated[
        WorkQueue | None, typer.Option(help="Take only uploads, or only bulk imports.", show_default="both")
    ] = None,
) -> None:
    """Run a Celery worker that indexes what was accepted (services profile)."""
    import os

    settings = settings_of(context)
    if settings.broker.startswith("memory://"):
        from rag.errors import BadSettings

        raise BadSettings("with PICTUREDESK_BROKER=memory:// the worker runs inside the process; set redis://…")
    if (data := data_of(context)) is not None:
        os.environ["PICTUREDESK_DATA"] = str(data.absolute())
    words = ["--threads", str(threads)] if threads else []
    words += ["--queues", only.value] if only else []
    os.execv(sys.executable, [sys.executable, "-m", "workers", *words])


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what is stored and what it runs on."""
    from rag.terminal.status import print_status
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_status(services, actor(), as_json)


def _serve(settings: Settings) -> None:
    from rag.api.serve import serve as run

    run(settings)
