"""Evidence, and answers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from rag.audit.recording import evidence_json
from rag.locators import in_words
from rag.model import Answer, Evidence, Retrieval
from rag.ports import Encoder
from rag.terminal.explaining import print_explanation
from rag.terminal.text import console, plain, print_json


def print_retrieval(retrieval: Retrieval, encoder: Encoder, as_json: bool, *, explain: bool = False) -> None:
    if as_json:
        print_json(_retrieval_json(retrieval) | {"next_page": retrieval.next_page or None})
        return
    console.print(evidence_table(retrieval.evidence))
    if explain:
        print_explanation(retrieval)
    for notice in retrieval.notices:
        console.print(Text.assemble("note: ", plain(notice)), style="dim")
    if retrieval.next_page:
        console.print(f"next page: picturedesk search --page {retrieval.next_page}", style="dim", soft_wrap=True)
    _print_footer(retrieval, encoder)


def print_answer(answer: Answer, encoder: Encoder, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "answer": answer.text,
                "citations": answer.citations,
                "composer": answer.composer,
                "abstained": answer.abstained,
                "notices": answer.notices,
                "events": answer.events,
                **_retrieval_json(answer.retrieval),
            }
        )
        return
    show_answer(answer)
    _print_footer(answer.retrieval, encoder)


def show_answer(answer: Answer, *, notices: bool = True) -> None:
    """The question, the answer in a box, and the evidence below it."""
    body = Text("\n").join(plain(line, 1000) for line in answer.text.splitlines())
    style = "yellow" if answer.abstained else "green"
    title = Text.assemble(" ", plain(answer.retrieval.query.text), " ")
    console.print(Panel(body, title=title, title_align="left", border_style=style))
    if answer.retrieval.evidence:
        console.print(evidence_table(answer.retrieval.evidence))
    for notice in answer.notices if notices else ():
        console.print(Text.assemble("note: ", plain(notice)), style="dim")


def evidence_table(evidence: Sequence[Evidence]) -> Table:
    """One row a visual: number, relevance, caption, file, and its rank in each channel that found it."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    table.add_column("", no_wrap=True)
    table.add_column("relevance", no_wrap=True)
    table.add_column("caption", overflow="fold", ratio=3)
    table.add_column("file", no_wrap=True, overflow="ellipsis", ratio=2)
    table.add_column("found by", no_wrap=True, overflow="ellipsis", ratio=2)
    for item in evidence:
        found = " ".join(f"{channel.value} {rank}" for channel, rank in item.ranks.items())
        caption = plain(item.caption.text, 120) if item.caption else Text("(no caption)", style="dim")
        table.add_row(item.label, relevance_bar(item.relevance), caption, _file(item), found)
    return table


def _file(item: Evidence) -> Text:
    place = in_words(item.visual.locator)
    return Text.assemble(f"{place} of " if place else "", plain(item.name, 60))


def relevance_bar(relevance: float) -> Text:
    """`━━━━━━╌╌╌╌ 0.62`"""
    filled = round(10 * relevance)
    style = "green" if relevance >= 0.2 else "yellow"
    return Text.assemble(("━" * filled, style), ("╌" * (10 - filled), "dim"), f" {relevance:.2f}")


def _retrieval_json(retrieval: Retrieval) -> dict[str, Any]:
    return {
        "evidence": [evidence_json(item) | {"name": item.name, "tags": item.tags} for item in retrieval.evidence],
        "coverage": asdict(retrieval.coverage),
        "encoder": retrieval.encoder_id,
        "event": retrieval.event,
    }


def _print_footer(retrieval: Retrieval, encoder: Encoder) -> None:
    console.print(f"{retrieval.coverage}; ledger event {retrieval.event}", style="dim")
    if encoder.demo:
        console.print(f"note: {encoder.description}", style="dim")
