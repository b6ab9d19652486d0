"""`jobs …`: what was asked to be taken in, and how far it is."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson, OneLibrary, Wait, actor, settings_of

DOOR = "cli"

app = typer.Typer(help="What was handed in, and how far it is.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(metavar="JOB", help="As `jobs list` shows it.")]


@app.command("list")
def newest(
    context: typer.Context,
    library: OneLibrary = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the newest jobs."""
    from rag.terminal.jobs import print_jobs
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        print_jobs(services.catalog.jobs(actor(), library=library or None, limit=limit), as_json)


@app.command()
def show(context: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Show one job, and each of its files that was not indexed with the reason."""
    from rag.terminal.jobs import failures, print_end, state_of
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        job = services.catalog.job(actor(), job_id)
        print_end(job, failures(services.catalog, actor(), job_id), as_json, event=state_of(job))


@app.command()
def cancel(context: typer.Context, job_id: JobId) -> None:
    """Take no more files in, and skip what is not indexed yet. What is indexed stays."""
    from rag.jobs import cancel as run
    from rag.wiring import opened

    with opened(settings_of(context)) as services:
        skipped = run(services, actor(), job_id, door=DOOR)
    rest = "1 file that was not indexed yet is" if skipped == 1 else f"{skipped:,} files that were not indexed yet are"
    typer.echo(f"Cancelled; {rest} skipped. To bring them back: picturedesk jobs retry {job_id}")


@app.command()
def retry(context: typer.Context, job_id: JobId, as_json: AsJson = False, wait: Wait = True) -> None:
    """Index again what was skipped or quarantined."""
    from rag.cli.stopping import stopping
    from rag.ingest import send
    from rag.jobs import retry as run
    from rag.terminal.encoder import check_encoder
    from rag.terminal.ingesting import follow
    from rag.terminal.jobs import failures, print_end, state_of
    from rag.terminal.live import shown
    from rag.wiring import opened

    with stopping() as stop, opened(settings_of(context)) as services:
        refs = run(services, actor(), job_id, door=DOOR)
        if wait and refs:
            check_encoder(services)
            send(services, refs)
            with shown(as_json) as view:
                follow(services, actor(), job_id, view, stop)
        job = services.catalog.job(actor(), job_id)
        print_end(job, failures(services.catalog, actor(), job_id), as_json, event=state_of(job))
    if stop.is_set():
        raise typer.Exit(stop.exit_code)
