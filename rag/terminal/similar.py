"""Pictures like one, and what both share."""

from __future__ import annotations

from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from rag.audit.recording import evidence_json
from rag.describing.results import Facet, Similar
from rag.ports import Encoder
from rag.terminal.answers import relevance_bar
from rag.terminal.text import console, plain, print_json

LONGEST_DESCRIPTION = 1_000


def print_similar(result: Similar, encoder: Encoder, as_json: bool) -> None:
    if as_json:
        print_json(_json(result))
        return
    if result.described:
        console.print(_table(result))
    else:
        console.print("No other picture was found.")
    for facet in result.facets:
        console.print(_facet(facet), style="dim")
    if copies := result.copies_left_out:
        console.print(f"left out: {copies} {'copy' if copies == 1 else 'copies'} of it (--duplicates)", style="dim")
    for notice in (*result.retrieval.notices, *result.notices):
        console.print(Text.assemble("note: ", plain(notice)), style="dim")
    numbers = ", ".join(map(str, result.events))
    console.print(f"{result.retrieval.coverage}; ledger event {numbers}", style="dim")
    if encoder.demo:
        console.print(f"note: {encoder.description}", style="dim")


def _table(result: Similar) -> Table:
    """One row a picture: number, relevance, caption or file, and the description below it."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    table.add_column("", no_wrap=True)
    table.add_column("relevance", no_wrap=True)
    table.add_column("picture, what it shares and where it differs", overflow="fold", ratio=1)
    for one in result.described:
        item = one.evidence
        title = plain(item.caption.text, 120) if item.caption else plain(item.name, 80)
        body = Text("\n").join([title, plain(one.sentence, LONGEST_DESCRIPTION), Text(item.visual.id, style="dim")])
        table.add_row(item.label, relevance_bar(item.relevance), body)
    return table


def _facet(facet: Facet) -> Text:
    counts = ", ".join(f"{value} {count}" for value, count in list(facet.counts.items())[:10])
    width = f" from {facet.low:g} to {facet.high:g}" if facet.low is not None and facet.high is not None else ""
    return Text.assemble(plain(facet.name or "tags"), f"{width}: ", plain(counts, 400))


def _json(result: Similar) -> dict[str, object]:
    return {
        "pictures": [
            {**one.as_json(), "evidence": evidence_json(one.evidence) | {"name": one.evidence.name}}
            for one in result.described
        ],
        "facets": [asdict(facet) for facet in result.facets],
        "language": result.language,
        "copies_left_out": result.copies_left_out,
        "coverage": asdict(result.retrieval.coverage),
        "encoder": result.retrieval.encoder_id,
        "events": list(result.events),
        "notices": [*result.retrieval.notices, *result.notices],
    }
