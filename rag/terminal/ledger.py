"""Checking the ledger, shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from rag.audit.verifier import Wrong, check_bundle
from rag.errors import BadQuery, BadSource, PictureDeskError
from rag.ports import Hold, Ledger, Verification
from rag.terminal.counting import counting
from rag.terminal.text import console, plain, print_json, table


def read_file(path: Path | None) -> str:
    """Raises BadSource."""
    try:
        return "" if path is None else path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadSource(f"{path} cannot be read: {error}") from error


def verified_ledger(ledger: Ledger, outside: str, as_json: bool) -> Verification:
    """Check a live ledger; shows how far it is."""
    with counting("events checked", ledger.state().events, silent=as_json) as at:
        return ledger.verify(outside=outside, on_events=at)


def verified_bundle(bundle: Path, outside: str, key: str) -> Verification:
    """Check an exported bundle, without any service. Raises BadSource."""
    try:
        report = check_bundle(bundle, outside, key)
    except Wrong as error:
        return Verification(str(error))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BadSource(f"{bundle} is no bundle that can be read: {error}") from error
    return Verification(None, report.events, report.erased, report.checkpoints, report.lines)


def rebuilding(ledger: Ledger) -> None:
    with counting("events in tiles", ledger.state().events, silent=False) as at:
        ledger.rebuild(at)


def print_verification(found: Verification, as_json: bool) -> None:
    """Raises PictureDeskError when it does not hold; with JSON that is said there, too."""
    if as_json:
        print_json(asdict(found) | {"holds": found.fault is None})
    if found.fault is not None:
        raise PictureDeskError(f"the ledger does not verify: {found.fault}")
    if as_json:
        return
    for notice in found.notices:
        console.print(plain(notice), style="dim")
    erased = f" {found.erased:,} parts were erased." if found.erased else ""
    typer.echo(
        f"The ledger verifies: {found.events:,} events, every one as it was written, in its place; "
        f"{found.checkpoints:,} checkpoints agree.{erased}"
    )


def hold_of(name: str, library: str | None, events: str) -> Hold:
    """Raises BadQuery: neither a library nor events, or both."""
    first, dash, last = events.partition("-")
    last = last if dash else first
    if (library is None) == (not events) or (events and not (first.isdecimal() and last.isdecimal())):
        raise BadQuery("say what is held: --library NAME, or --events FIRST-LAST")
    if library is not None:
        return Hold(name, library)
    return Hold(name, first=int(first), last=int(last))


def print_holds(holds: Sequence[Hold], as_json: bool) -> None:
    shown = table("hold", "keeps")
    for one in holds:
        if as_json:
            print_json(asdict(one))
        what = f"events {one.first} to {one.last}" if one.library is None else f"library {one.library}"
        shown.add_row(plain(one.name), plain(what))
    if not as_json:
        console.print(shown if holds else "There are no legal holds.")
