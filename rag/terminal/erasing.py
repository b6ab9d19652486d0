"""What an erasure takes, before and after."""

from __future__ import annotations

from dataclasses import asdict

import typer

from rag.erasing import Erasure
from rag.terminal.text import print_json
from rag.terminal.words import count

NAMED = {
    "assets": "asset",
    "conversations": "conversation",
    "turns": "conversation turn",
    "events": "event",
    "jobs": "job",
    "files": "job file",
    "drafts": "caption draft",
    "decisions": "moderation decision",
    "reviews": "review",
    "pins": "pin",
}


def print_held(held: Erasure, whom: str) -> None:
    """On standard error, where the question stands."""
    typer.echo(f"There is of {whom}: {_counted(held)}.", err=True)


def print_erasure(erased: Erasure, as_json: bool) -> None:
    if as_json:
        print_json(asdict(erased))
        return
    gone = f"{count(erased.subjects, 'key')} in the ledger; {_counted(erased)}"
    typer.echo(f"Erased: {gone}. Event {erased.event} records it.")


def _counted(found: Erasure) -> str:
    """What there is; what there is nothing of is left out."""
    there = [count(number, what) for name, what in NAMED.items() if (number := getattr(found, name))]
    return ", ".join(there) or "nothing"
