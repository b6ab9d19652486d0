"""The editor's desk in the terminal: drafts, findings, reviews, and a batch as it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from threading import Event

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from rag.captions.batch import BatchTally, Step
from rag.captions.checking import Linted
from rag.captions.lint.findings import Finding, Severity
from rag.captions.showing import draft_json, drafting_json, findings_json, step_json
from rag.captions.wish import Drafting
from rag.model import CaptionDraft, DraftStep
from rag.terminal.text import console, errors, plain, print_json, table
from rag.terminal.words import count

SHORT = 8
STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
LINE_EVERY = 30.0
"""Seconds between two lines of progress where nobody watches."""


def print_drafting(drafting: Drafting, as_json: bool) -> None:
    if as_json:
        print_json(drafting_json(drafting))
        return
    for one in drafting.drafts:
        draft = one.draft
        console.print(Text.assemble((draft.id[:SHORT] or "-", "dim"), "  ", _text_of(draft)))
        for finding in one.findings:
            console.print(Text.assemble("          ", _finding(finding)))
        for example in draft.examples:
            said = Text.assemble("          after ", (example.visual, "dim"), "  ", plain(example.text, 100))
            console.print(said, style="dim")
    for notice in drafting.notices:
        console.print(Text.assemble("note: ", plain(notice)), style="dim")
    composer = Text.assemble("by ", plain(drafting.composer, 60), f", in {drafting.language or 'no language'}")
    console.print(Text.assemble(composer, f"; ledger event {drafting.event}"), style="dim")


def print_findings(linted: Linted, as_json: bool) -> None:
    if as_json:
        print_json({"findings": findings_json(linted.findings), "grade": linted.grade, "retrieval": linted.retrieval})
        return
    for finding in linted.findings:
        console.print(_finding(finding))
    if not linted.findings:
        console.print("Nothing is wrong with it.")
    if linted.grade is not None:
        console.print(f"reading level: school grade {linted.grade:.1f}", style="dim")


def print_drafts(drafts: Sequence[CaptionDraft], as_json: bool) -> None:
    if as_json:
        for draft in drafts:
            print_json(draft_json(draft))
        return
    shown = table("draft", "state", "form", "language", "text", "library", "visual")
    for draft in drafts:
        shown.add_row(
            draft.id[:SHORT],
            draft.state.value,
            draft.form.value,
            plain(draft.language, 12),
            _text_of(draft),
            plain(draft.library, 30),
            draft.visual,
        )
    console.print(shown if drafts else "There are no drafts.")


def print_draft(draft: CaptionDraft, steps: Sequence[DraftStep], as_json: bool) -> None:
    if as_json:
        print_json(draft_json(draft) | {"steps": [step_json(step) for step in steps]})
        return
    console.print(Text.assemble((draft.state.value, "bold"), f"  {draft.form.value}  ", _text_of(draft)))
    console.print(f"draft {draft.id} of visual {draft.visual}; ledger event {draft.event}", style="dim")
    by = Text.assemble("drafted by ", plain(draft.composer, 60), " for ", plain(draft.created_by, 60), ": ")
    console.print(Text.assemble(by, plain(draft.drafted, 1000)), style="dim")
    for name, value in draft.facts.items():
        console.print(Text.assemble("fact ", plain(name), ": ", plain(value)))
    for example in draft.examples:
        console.print(Text.assemble("after ", (example.visual, "dim"), "  ", plain(example.text)))
    for step in steps:
        _print_step(step)


def print_batch(steps: Iterator[Step | BatchTally], as_json: bool, stop: Event) -> None:
    """Each visual as it is drafted, until the end or until it is asked to stop."""
    if as_json or not errors.is_terminal:
        _follow(steps, as_json, stop)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("visuals"), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("drafting", total=None)
        for step in steps:
            if isinstance(step, BatchTally):
                bar.stop()
                _print_tally(step, as_json)
                return
            bar.update(task, completed=step.done, total=step.total)
            if stop.is_set():
                break
    errors.print("Stopped. The same command goes on where it was.")


def _follow(steps: Iterator[Step | BatchTally], as_json: bool, stop: Event) -> None:
    told = time.monotonic()
    for step in steps:
        if isinstance(step, BatchTally):
            _print_tally(step, as_json)
            return
        if as_json:
            print_json(_step_json(step))
        elif time.monotonic() - told > LINE_EVERY:
            told = time.monotonic()
            errors.print(f"{step.done:,} of {step.total:,} visuals", highlight=False)
        if stop.is_set():
            errors.print("Stopped. The same command goes on where it was.")
            return


def _step_json(step: Step) -> dict[str, object]:
    drafts = step.drafting.drafts if step.drafting else ()
    said = [draft_json(one.draft) | {"findings": findings_json(one.findings)} for one in drafts]
    return {
        "visual": step.visual,
        "drafts": said,
        "trouble": step.trouble or None,
        "done": step.done,
        "total": step.total,
    }


def _print_tally(tally: BatchTally, as_json: bool) -> None:
    if as_json:
        print_json({"done": True, **tally.as_json(), "event": tally.event})
        return
    if not tally.drafted and not tally.failed:
        console.print("Every visual has one already.")
        return
    failed = f", {count(tally.failed, 'visual')} could not be" if tally.failed else ""
    console.print(f"{count(tally.drafted, 'visual')} drafted{failed}; lint passes {tally.passed:,}.", highlight=False)
    console.print(f"Review them: picturedesk captions list --state draft; ledger event {tally.event}", style="dim")


def _print_step(step: DraftStep) -> None:
    when = f"{step.at:%Y-%m-%d %H:%M} " if step.at else ""
    why = Text.assemble(": ", plain(step.reason, 1000)) if step.reason else Text()
    console.print(Text.assemble(f"{when}{step.state.value} by ", plain(step.actor, 60), why, f" (event {step.event})"))
    for line in step.difference.splitlines()[2:]:
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        console.print(Text.assemble("    ", (plain(line).plain, style)))


def _text_of(draft: CaptionDraft) -> Text:
    return plain(draft.text, 2_000) if draft.text else Text("(empty: decorative)", style="dim")


def _finding(finding: Finding) -> Text:
    words = Text.assemble(" “", plain(finding.words, 80), "”") if finding.words else Text()
    return Text.assemble(
        (f"{finding.severity.value:<8}", STYLES[finding.severity]), finding.code, words, ": ", plain(finding.message)
    )
