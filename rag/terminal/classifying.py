"""Labels of pictures, one line each, and what a library came to."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from rag.classifying.classifier import Classifier
from rag.classifying.results import Classification, Classified, Page, Tally
from rag.locators import in_words
from rag.terminal.answers import relevance_bar
from rag.terminal.text import console, errors, plain, print_json, table
from rag.terminal.words import count

PROGRESS_EVERY = 2_000
"""Visuals between two lines of progress on stderr."""


def print_classification(found: Classification, as_json: bool) -> None:
    if as_json:
        for result in found.results:
            print_json(result.as_json() | {"event": found.event})
        return
    shown = table("confidence", "label", "next", "file")
    for result in found.results:
        shown.add_row(*_cells(result))
    console.print(shown)
    _print_footer(found.classifier, found.event)


def print_pages(pages: Iterator[Page | Tally], as_json: bool) -> None:
    """JSON lines as they come; for people, lines as they come and the counts at the end."""
    told = 0
    for page in pages:
        if isinstance(page, Tally):
            _print_tally(page, as_json)
            return
        for result in page.results:
            print_json(result.as_json()) if as_json else _print_line(result)
        if page.done - told >= PROGRESS_EVERY:
            told = page.done
            errors.print(f"{page.done:,} of {page.total:,} visuals", style="dim", highlight=False)


def _print_line(result: Classified) -> None:
    console.print(Text("  ").join(_cells(result)), no_wrap=True, overflow="ellipsis")


def _cells(result: Classified) -> tuple[Text, Text, Text, Text]:
    verdict = result.verdict
    label = plain(verdict.label) if verdict.label else Text("none of these", style="yellow")
    others = [pair for pair in verdict.likeliest if pair[0] != verdict.label][:1]
    following = Text(", ").join(Text.assemble(plain(name), f" {p:.2f}") for name, p in others)
    place = in_words(result.visual.locator) if result.visual else ""
    name = Text.assemble(f"{place} of " if place else "", plain(result.name, 60))
    tags = Text.assemble("  tagged ", Text(", ").join(plain(tag) for tag, _ in result.tags)) if result.tags else Text()
    following.stylize("dim")
    return relevance_bar(verdict.confidence), label, following, Text.assemble(name, tags)


def _print_tally(tally: Tally, as_json: bool) -> None:
    counts = tally.as_json()
    if as_json:
        calibration = tally.classifier.calibration
        print_json({"done": True, **counts, "basis": calibration.basis, "event": tally.event})
        return
    shown = table("assets", "label", numbers=("assets",))
    for label, number in counts["labels"].items():
        shown.add_row(f"{number:,}", plain(label))
    shown.add_row(f"{counts['none']:,}", Text("none of these", style="yellow"))
    console.print(shown)
    tagged = f"; {count(tally.tagged, 'asset')} got a tag they had not" if tally.tagged else ""
    console.print(f"{count(tally.assets, 'asset')}, {count(tally.visuals, 'visual')}{tagged}", highlight=False)
    _print_footer(tally.classifier, tally.event)


def _print_footer(classifier: Classifier, event: int) -> None:
    basis = classifier.calibration.basis
    console.print(f"confidence rests on {basis}; {classifier.templates.id}; ledger event {event}", style="dim")
    if classifier.serving.encoder.demo:
        console.print(f"note: {classifier.serving.encoder.description}", style="dim")
