"""`ingest`: a source into a library, with a bar; a folder for as long as it is watched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.options import AsJson, Library, Wait, actor, settings_of

if TYPE_CHECKING:
    from rag.cli.stopping import Stopped
    from rag.model import Job
    from rag.wiring import WiredServices


DOOR = "cli"


def ingest(
    *,
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(help="A folder, a file, a manifest, WebDataset tars, s3://…, or an http(s):// URL.")
    ],
    library: Library = "",
    watch: Annotated[bool, typer.Option("--watch", help="Keep taking in what comes into the folder.")] = False,
    as_json: AsJson = False,
    wait: Wait = True,
) -> None:
    """Take files in. Stopping and running it again goes on where it was.

    Exit code 1 when files came and none of them is in the library; 130 after Ctrl-C.
    """
    from rag.cli.stopping import stopping
    from rag.wiring import opened

    with stopping() as stop:
        with opened(settings_of(context)) as services:
            name = library or services.settings.library
            if watch:
                _watch(services, source, name, stop, as_json=as_json)
                return
            job = _take_in(services, source, name, stop, as_json=as_json, wait=wait)
        _end(job, wait, stop)


def _take_in(services: WiredServices, source: str, library: str, stop: Stopped, *, as_json: bool, wait: bool) -> Job:
    from rag.retrieval.fitting.flow import keep_calibrated
    from rag.sources.limits import source_limits
    from rag.sources.opening import open_source
    from rag.terminal.encoder import check_encoder
    from rag.terminal.ingesting import ingest as run
    from rag.terminal.jobs import failures, print_end
    from rag.terminal.live import shown

    found = open_source(source, limits=source_limits(services.settings))
    check_encoder(services)
    with shown(as_json) as view:
        entries, expected = found.entries(), found.total
        take_in = partial(run, wait=wait, stop=stop, source=found.kind, door=DOOR)
        job = take_in(services, actor(), library, entries, view, expected=expected)
    if wait and job.done:
        keep_calibrated(services)  # a worker inside this process ends with it, before it would have looked
    event = "stopped" if stop.is_set() else "done" if job.done else "accepted"
    print_end(job, failures(services.catalog, actor(), job.id), as_json, event=event)
    return job


def _end(job: Job, wait: bool, stop: Stopped) -> None:
    from rag.errors import PictureDeskError
    from rag.model import AssetState
    from rag.terminal.text import errors
    from rag.terminal.words import count

    if stop.is_set():
        files = f"{count(job.total, 'file')} {'is' if job.total == 1 else 'are'} kept"
        errors.print(f"Stopped; {files}. Run the same command to go on.", highlight=False)
        raise typer.Exit(stop.exit_code)
    if wait and job.total and not job.counts.get(AssetState.INDEXED):
        raise PictureDeskError(f"none of {count(job.total, 'file')} is in the library {job.library}")


def _watch(services: WiredServices, source: str, library: str, stop: Stopped, *, as_json: bool) -> None:
    """One job for each batch of files that came, until somebody stops it: here that is the ordinary end."""
    from pathlib import Path

    from rag.sources.watching import watch
    from rag.terminal.encoder import check_encoder
    from rag.terminal.ingesting import ingest as run
    from rag.terminal.jobs import failures, print_end
    from rag.terminal.live import shown
    from rag.terminal.text import errors

    check_encoder(services)
    errors.print(f"Watching {source} for the library {library}; Ctrl-C ends it.", highlight=False)
    for batch in watch(Path(source), max_bytes=services.settings.max_bytes, stop=stop):
        with shown(as_json) as view:
            take_in = partial(run, stop=stop, source="watched folder", door=DOOR)
            job = take_in(services, actor(), library, batch, view, expected=len(batch))
        print_end(job, failures(services.catalog, actor(), job.id), as_json, event="done" if job.done else "stopped")
