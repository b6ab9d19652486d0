"""`picturedesk demo`: the main job from end to end, on pictures that it draws itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

from rich.panel import Panel
from rich.progress import Progress
from rich.rule import Rule
from rich.text import Text

from rag.ask import ask
from rag.model import LOCAL_OWNER, Query
from rag.retrieval.fitting.flow import keep_calibrated
from rag.scenes.sample_library import write_sample_library
from rag.settings import Settings
from rag.sources.limits import source_limits
from rag.sources.opening import open_source
from rag.terminal.answers import show_answer
from rag.terminal.encoder import check_encoder
from rag.terminal.events import events_table
from rag.terminal.ingesting import ingest
from rag.terminal.jobs import failures, print_end
from rag.terminal.live import shown
from rag.terminal.text import console
from rag.wiring import WiredServices, opened

LIBRARY = "sample"
QUESTIONS = (
    "five kites",
    "Which pictures show a pie chart?",
    "Which pictures show a nurse?",
    "Which pictures show a lighthouse?",
    "How do I reset my router password?",
)
"""The nurse has no caption and is found by the picture alone; the last has no answer in the library."""


def run_demo(settings: Settings) -> None:
    """Draw, ingest, ask, show the ledger, and say what to try next."""
    with opened(settings) as services:
        manifest = _draw(settings.data / "sample-library")
        _ingest(services, manifest)
        _ask(services)
        _show_ledger(services)
    _say_what_next()


def _draw(folder: Path) -> Path:
    console.print(Rule("1  Draw the sample library", align="left", style="dim"))
    with Progress(console=console) as bar:
        task = bar.add_task("drawing", total=None)
        manifest = write_sample_library(
            folder, on_progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
    console.print(Text.assemble("240 pictures in ", (str(folder), "bold"), "; 40 of them have no caption"))
    return manifest


def _ingest(services: WiredServices, manifest: Path) -> None:
    console.print(Rule("2  Ingest: Celery tasks embed with open_clip into Qdrant", align="left", style="dim"))
    check_encoder(services)
    source = open_source(str(manifest), limits=source_limits(services.settings))
    with shown(as_json=False) as view:
        take_in = partial(ingest, stop=Event(), source=source.kind, door="cli")
        job = take_in(services, LOCAL_OWNER, LIBRARY, source.entries(), view, expected=source.total)
    print_end(job, failures(services.catalog, LOCAL_OWNER, job.id), as_json=False)
    keep_calibrated(services)
    console.print(f"encoder {services.encoder.id}; {services.encoder.description}", style="dim")


def _ask(services: WiredServices) -> None:
    console.print(Rule("3  Ask", align="left", style="dim"))
    for number, question in enumerate(QUESTIONS):
        answer = ask(services, LOCAL_OWNER, Query(question, libraries=(LIBRARY,), top_k=4), door="cli")
        show_answer(answer, notices=number == 0)
        console.print()


def _show_ledger(services: WiredServices) -> None:
    console.print(Rule("4  The ledger: what was retrieved, and what was answered", align="left", style="dim"))
    console.print(events_table(services.ledger.events(LOCAL_OWNER, limit=2 * len(QUESTIONS))))
    fault = services.ledger.first_fault()
    console.print(f"the chain of hashes {'does NOT hold: ' + fault if fault else 'holds from the first event on'}")


def _say_what_next() -> None:
    lines = (
        ("picturedesk serve", "the web page and the HTTP API, at http://127.0.0.1:8000"),
        ('picturedesk ask "what is on the table?"', "ask the sample library yourself"),
        ("picturedesk ingest FOLDER", "take in pictures of your own"),
        ("picturedesk ledger list", "what was asked, what was found, what was answered"),
        ("PICTUREDESK_ENCODER=ViT-B-16-SigLIP2/webli", "an encoder that knows photographs; the demo one does not"),
    )
    text = Text("\n").join(Text.assemble((command, "bold"), f"\n   {what}") for command, what in lines)
    console.print(Panel(text, title=" Try next (in .venv/bin) ", title_align="left", border_style="blue"))
