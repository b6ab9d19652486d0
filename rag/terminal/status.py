"""What is stored, and what it runs on."""

from __future__ import annotations

from dataclasses import asdict

from rich.text import Text

from rag.errors import StoreLocked
from rag.migration.openings import live_of
from rag.model import Actor
from rag.ports import Catalog, LedgerState
from rag.settings import without_credentials
from rag.terminal.calibrating import in_a_phrase
from rag.terminal.text import console, print_json, table
from rag.wiring import WiredServices


def print_status(services: WiredServices, actor: Actor, as_json: bool) -> None:
    settings, catalog = services.settings, services.catalog
    live = live_of(services.generations.every())
    libraries = catalog.libraries(actor)
    coverage = {name: catalog.coverage(actor, [name]) for name in libraries}
    relevance = {name: in_a_phrase(catalog.calibration(name)) for name in libraries}
    parts = {
        "database": without_credentials(settings.database_url),
        "vectors": without_credentials(settings.vectors_url),
        "broker": without_credentials(settings.broker),
        "blobs": without_credentials(settings.blobs_url),
        "encoder": live.encoder if live else settings.encoder,
        "generation": f"{live.number}, {live.encoder_id}" if live else "none yet",
        "llm": settings.llm or "none: answers are put together from captions",
        "collections": _collections(services),
        "ledger": _ledger(services.ledger.state()),
    }
    if as_json:
        held = {name: asdict(value) | {"relevance": relevance[name]} for name, value in coverage.items()}
        print_json({"libraries": held, **parts})
        return
    counts = ("visuals", "waiting", "skipped", "quarantined")
    shown = table("library", *counts, "relevance", numbers=counts)
    for name, value in coverage.items():
        figures = (f"{n:,}" for n in (value.searched, value.pending, value.skipped, value.quarantined))
        shown.add_row(name, *figures, relevance[name])
    console.print(shown if libraries else "Nothing has been ingested yet: picturedesk ingest FOLDER")
    for part, where in parts.items():
        console.print(Text.assemble((f"{part:>12} ", "dim"), where))
    if notice := services.encoder_notice:
        console.print(Text.assemble("note: ", notice), style="dim")


def _ledger(state: LedgerState) -> str:
    signed = f"{state.signed:,} of them signed for" if state.signed else "none of them signed for yet"
    waiting = f"; {state.unpublished:,} checkpoints not published" if state.unpublished else ""
    return f"{state.events:,} events, {signed}{waiting}" + (f": {state.problem}" if state.problem else "")


def _collections(services: WiredServices) -> str:
    try:
        return ", ".join(services.collections.names()) or "none yet"
    except StoreLocked:
        return "open in a running server"


def print_libraries(catalog: Catalog, actor: Actor, as_json: bool) -> None:
    counts = ("visuals", "waiting", "skipped", "quarantined")
    shown = table("library", *counts, "personal metadata", numbers=counts)
    names = catalog.libraries(actor)
    for name in names:
        held, keeps = catalog.coverage(actor, [name]), catalog.keeps_personal(name)
        if as_json:
            print_json({"library": name, **asdict(held), "keep_personal": keeps})
        figures = (f"{n:,}" for n in (held.searched, held.pending, held.skipped, held.quarantined))
        shown.add_row(name, *figures, "kept" if keeps else "dropped")
    if not as_json:
        console.print(shown if names else "There are no libraries yet: picturedesk ingest FOLDER")
