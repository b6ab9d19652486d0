"""The ledger's events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from rag.model import Event
from rag.terminal.text import console, plain, print_json


def print_events(events: Sequence[Event], as_json: bool) -> None:
    if as_json:
        for event in events:
            print_json(asdict(event))
        return
    console.print(events_table(events) if events else "The ledger is empty.")


def events_table(events: Sequence[Event]) -> Table:
    """One row an event: number, time (UTC), who, what, and the start of its hash."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for heading in ("event", "time", "actor", "kind"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("hash", no_wrap=True)
    for event in events:
        at = event.at.strftime("%m-%d %H:%M:%S")
        table.add_row(str(event.seq), at, plain(event.actor), event.kind, plain(_what(event), 70), event.hash[:12])
    return table


def _what(event: Event) -> str:
    body = event.body
    if event.erased_at is not None:
        return f"erased {event.erased_at:%Y-%m-%d %H:%M}, in part or whole"
    match event.kind:
        case "retrieval":
            return f"“{body['query']['text']}” → {len(body['evidence'])} evidence, {len(body['dropped'])} dropped"
        case "answer":
            verdict = "abstained" if body["abstained"] else f"cites {len(body['citations'])}"
            return f"to event {body['retrieval']}, {verdict}, by {body['composer']}"
    return ""
