"""Evidence, and answers beside it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from rag.audit.recording import evidence_json
from rag.locators import in_words
from rag.model import Answer, Evidence, Piece, Restarted, Retrieval, Retrieved, Step
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


def print_answer(steps: Generator[Step, None, None], encoder: Encoder, as_json: bool) -> Answer:
    """An answer as it is written, then checked, with its evidence; as JSON, once it is complete.

    Whoever stops it closes the flow, so that the ledger says how far it was.
    """
    with closing(steps):
        answer = _shown_live(steps) if console.is_terminal and not as_json else _last(steps)
    if as_json:
        print_json(_answer_json(answer))
        return answer
    show_answer(answer)
    _print_footer(answer.retrieval, encoder)
    if answer.conversation:
        console.print(f"conversation {answer.conversation}; go on with: picturedesk ask -c", style="dim")
    return answer


def show_answer(answer: Answer, *, notices: bool = True) -> None:
    """The question, the answer in a box, and the evidence below it. What nothing bears out is yellow."""
    console.print(_panel(answer.question or answer.retrieval.query.text, _checked(answer), answer.abstained))
    if answer.standalone:
        console.print(Text.assemble("searched as: ", plain(answer.standalone)), style="dim")
    if answer.retrieval.evidence:
        console.print(evidence_table(answer.retrieval.evidence))
    unsupported = sum(not support.supported for support in answer.support)
    if unsupported:
        which = "the yellow sentence" if unsupported == 1 else f"the {unsupported} yellow sentences"
        console.print(f"note: the evidence does not bear out {which}", style="yellow")
    for notice in answer.notices if notices else ():
        console.print(Text.assemble("note: ", plain(notice)), style="dim")


def _last(steps: Iterator[Step]) -> Answer:
    *_, answer = steps
    assert isinstance(answer, Answer)
    return answer


def _shown_live(steps: Iterator[Step]) -> Answer:
    """The text as it comes, in a box that goes away for the checked one."""
    question, text = "", ""
    with Live(console=console, transient=True, refresh_per_second=12) as live:
        for step in steps:
            match step:
                case Retrieved():
                    question = step.retrieval.query.text
                case Piece():
                    text += step.text
                case Restarted():
                    text = ""
                case Answer():
                    return step
            live.update(_panel(question, _lines(text), abstained=False))
    raise AssertionError("an answer ends with an Answer")


def _panel(question: str, body: Text, abstained: bool) -> Panel:
    title = Text.assemble(" ", plain(question), " ")
    return Panel(body, title=title, title_align="left", border_style="yellow" if abstained else "green")


def _lines(text: str) -> Text:
    return Text("\n").join(plain(line, 1000) for line in text.splitlines())


def _checked(answer: Answer) -> Text:
    """The answer's text, with sentences that nothing bears out in yellow."""
    body = _lines(answer.text)
    for support in answer.support:
        if not support.supported:
            body.highlight_words([str(plain(support.sentence, 1000))], "yellow")
    return body


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question,
        "standalone": answer.standalone or None,
        "answer": answer.text,
        "citations": answer.citations,
        "support": [asdict(support) for support in answer.support],
        "composer": answer.composer,
        "abstained": answer.abstained,
        "withheld": answer.withheld,
        "language": answer.language or None,
        "notices": answer.notices,
        "events": answer.events,
        "conversation": answer.conversation or None,
        **_retrieval_json(answer.retrieval),
    }


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
