"""`picturedesk …`: the command line, a thin door onto the flows.

Only Typer is imported up here, so that `--help` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rag.model import Actor, Query
    from rag.settings import Settings

app = typer.Typer(
    name="picturedesk",
    help="Ask questions of an image library and get answers you can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ledger_app = typer.Typer(help="The record of every retrieval and answer.", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")

Library = Annotated[str, typer.Option("--library", "-l", help="Library to use.", show_default="the configured one")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
TopK = Annotated[int, typer.Option("--top-k", "-k", help="Pictures to return.", show_default="the configured one")]
Words = Annotated[list[str], typer.Argument(help="In plain words; quotes are not needed.")]

data_folder: list[Path] = []


@app.callback()
def options(
    data: Annotated[Path | None, typer.Option(help="Folder of the embedded profile.", show_default="data")] = None,
) -> None:
    """Ask questions of an image library and get answers you can check."""
    data_folder[:] = [data] if data else []


@app.command()
def demo(
    serve: Annotated[bool, typer.Option("--serve", help="Leave the API and the web page running.")] = False,
) -> None:
    """Draw the sample library, ingest it, ask it questions, and show the ledger."""
    from rag.demo import run_demo

    settings = _settings()
    run_demo(settings)
    if serve:
        _serve(settings)


@app.command()
def ingest(
    source: Annotated[Path, typer.Argument(help="A folder of pictures, or a JSONL manifest.")],
    library: Library = "",
    as_json: AsJson = False,
    wait: Annotated[bool, typer.Option(help="Wait until everything is indexed.")] = True,
) -> None:
    """Take in a folder or a manifest. Stopping and running it again goes on where it was."""
    from rag.ingest import accept, entries_of
    from rag.terminal import follow_job, print_job
    from rag.wiring import opened

    with opened(_settings()) as services:
        actor, name = _actor(), library or services.settings.library
        with follow_job(as_json) as progress:
            job = accept(services, actor, name, entries_of(services, source), on_batch=progress.accepted)
            if wait:
                job = progress.follow(services, actor, job)
        items = services.catalog.job_items(actor, job.id)
    print_job(job, items, as_json)


@app.command()
def search(words: Words, library: Library = "", top_k: TopK = 0, as_json: AsJson = False) -> None:
    """Find pictures."""
    from rag.ask import search as run
    from rag.terminal import print_retrieval
    from rag.wiring import opened

    with opened(_settings()) as services:
        retrieval = run(services, _actor(), _query(services.settings, words, library, top_k), door="cli")
        print_retrieval(retrieval, services.encoder, as_json)


@app.command()
def ask(words: Words, library: Library = "", top_k: TopK = 0, as_json: AsJson = False) -> None:
    """Answer a question from the pictures and their captions, with numbered evidence."""
    from rag.ask import ask as run
    from rag.terminal import print_answer
    from rag.wiring import opened

    with opened(_settings()) as services:
        answer = run(services, _actor(), _query(services.settings, words, library, top_k), door="cli")
        print_answer(answer, services.encoder, as_json)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = "",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", show_default="8000")] = -1,
) -> None:
    """Run the web page and the HTTP API."""
    changes: dict[str, object] = {}
    if host:
        changes["host"] = host
    if port >= 0:
        changes["port"] = port
    _serve(_settings(**changes))


@app.command()
def worker(
    threads: Annotated[int, typer.Option(help="Tasks at a time.", show_default="the configured one")] = 0,
) -> None:
    """Run a Celery worker that indexes what was accepted (services profile)."""
    import os

    settings = _settings()
    if settings.broker.startswith("memory://"):
        from rag.errors import BadSettings

        raise BadSettings("with PICTUREDESK_BROKER=memory:// the worker runs inside the process; set redis://…")
    if data_folder:
        os.environ["PICTUREDESK_DATA"] = str(data_folder[0].absolute())
    count = ["--threads", str(threads)] if threads else []
    os.execv(sys.executable, [sys.executable, "-m", "workers", *count])


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show what is stored and what it runs on."""
    from rag.terminal import print_status
    from rag.wiring import opened

    with opened(_settings()) as services:
        print_status(services.settings, services.catalog, services.collections, _actor(), as_json)


@ledger_app.command("list")
def ledger_list(
    kind: Annotated[str | None, typer.Option(help="retrieval, answer, …")] = None,
    library: Annotated[str | None, typer.Option("--library", "-l")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest events."""
    from rag.terminal import print_events
    from rag.wiring import opened

    with opened(_settings()) as services:
        events = services.ledger.events(_actor(), kind=kind, library=library, limit=limit)
    print_events(events, as_json)


@ledger_app.command("verify")
def ledger_verify() -> None:
    """Check that no event was changed, removed or reordered."""
    from rag.errors import PictureDeskError
    from rag.wiring import opened

    with opened(_settings()) as services:
        fault = services.ledger.first_fault()
    if fault:
        raise PictureDeskError(f"the ledger does not verify: {fault}")
    typer.echo("The ledger verifies: every event is as it was written, in its place.")


def main() -> None:
    """Run the command line; what fails on purpose is one line on stderr and exit code 1."""
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("\nStopped. What was accepted is kept; run the same command to go on.", err=True)
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


def _settings(**changes: object) -> Settings:
    from rag.settings import Settings

    if data_folder:
        changes["data"] = data_folder[0]
    return Settings(**changes)  # type: ignore[arg-type]


def _actor() -> Actor:
    from rag.model import LOCAL_OWNER

    return LOCAL_OWNER


def _query(settings: Settings, words: list[str], library: str, top_k: int) -> Query:
    from rag.model import Query

    return Query(" ".join(words), libraries=(library,) if library else (), top_k=top_k or settings.top_k)


def _serve(settings: Settings) -> None:
    from rag.api.serve import serve as run

    run(settings)


if __name__ == "__main__":
    main()
