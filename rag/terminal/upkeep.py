"""What is quarantined, alike, out of order, or to be deleted."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from threading import Event

from rich.text import Text

from rag import ingest
from rag.doctor import Finding
from rag.duplicates import Group
from rag.errors import Retryable
from rag.locators import in_words
from rag.model import Actor, Asset, AssetRef, AssetState, Visual
from rag.ports import Services
from rag.terminal.text import console, errors, plain, print_json, table
from rag.terminal.words import STATES, count

SHORT = 12
"""Hex digits of an asset's id that are shown; commands take them."""


def print_quarantine(assets: Iterable[Asset], as_json: bool) -> None:
    if as_json:
        for asset in assets:
            print_json(_asset_json(asset) | {"reason": asset.reason, "attempts": asset.attempts})
        return
    shown = table("asset", "library", "file", "attempts", "reason", numbers=("attempts",))
    for asset in assets:
        row = (plain(asset.library), plain(asset.name), str(asset.attempts), plain(asset.reason, 1000))
        shown.add_row(asset.id[:SHORT], *row)
    console.print(shown if shown.row_count else "Nothing is quarantined.")


def print_duplicates(groups: Iterable[Group], library: str, as_json: bool) -> None:
    """Each group, its largest picture first."""
    found = 0
    for group in groups:
        found += 1
        if as_json:
            print_json({"pictures": [_visual_json(visual, asset) for visual, asset in group.visuals]})
            continue
        console.print(f"{found}. {count(len(group.visuals), 'picture')}", highlight=False)
        for visual, asset in group.visuals:
            place = in_words(visual.locator)
            name = Text.assemble(f"{place} of " if place else "", plain(asset.name))
            size = f"{visual.width} × {visual.height}"
            console.print(Text.assemble("  ", (asset.id[:SHORT], "dim"), f"  {size:>13}  ", name))
    if not found and not as_json:
        console.print(f"No two pictures in {library} are all but the same.", highlight=False)


def print_findings(findings: Iterable[Finding], as_json: bool) -> bool:
    """Each as it comes; whether all is in order in the end."""
    in_order = True
    for finding in findings:
        in_order = in_order and finding.in_order
        if as_json:
            print_json(asdict(finding) | {"in_order": finding.in_order})
            continue
        word, style = _verdict(finding)
        figure = f" ({finding.count:,})" if finding.count else ""
        console.print(Text.assemble((f"{word:<8}", style), f"{finding.check:<11} {finding.what}{figure}"))
        for example in finding.examples:
            console.print(Text.assemble(" " * 20, plain(example)), style="dim")
    if not as_json:
        console.print(
            "Everything is in order." if in_order else "Something is out of order; --fix repairs what can be."
        )
    return in_order


def delete(services: Services, actor: Actor, refs: Sequence[AssetRef]) -> None:
    """Delete assets and say how many; where a part does not answer, they are hidden now and removed later."""
    try:
        gone = ingest.delete(services, actor, refs, door="cli")
    except Retryable as error:
        states = services.catalog.states(refs)
        if any(state is not AssetState.DELETED for state in states.values()):
            raise
        console.print("They are hidden from every search.")
        errors.print(Text.assemble("The rest is removed later: ", plain(str(error))))
    else:
        console.print(f"Deleted {count(len(gone), 'asset')}.", highlight=False)


def wait_for(services: Services, refs: Sequence[AssetRef], stop: Event) -> None:
    """Wait until each of `refs` has reached its end, and say where."""
    while not stop.is_set():
        states = list(services.catalog.states(refs).values())
        if AssetState.ACCEPTED not in states:
            ends = (f"{states.count(state):,} {word}" for state, word in STATES.items() if state in states)
            console.print(", ".join(ends), highlight=False)
            return
        time.sleep(0.25)


def _verdict(finding: Finding) -> tuple[str, str]:
    if not finding.count:
        return "ok", "green"
    return ("fixed", "yellow") if finding.fixed else ("problem", "red")


def _asset_json(asset: Asset) -> dict[str, object]:
    return {"asset": asset.id, "library": asset.library, "name": asset.name}


def _visual_json(visual: Visual, asset: Asset) -> dict[str, object]:
    return _asset_json(asset) | {
        "visual": visual.id,
        "locator": visual.locator,
        "width": visual.width,
        "height": visual.height,
    }
