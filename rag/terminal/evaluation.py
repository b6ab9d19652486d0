"""Runs of an evaluation: their progress, their tables, their files, and whether a gate holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

import rag
from rag.errors import BadQuery
from rag.evaluation.asking import Progress
from rag.evaluation.comparison import Comparison, Verdict, compare
from rag.evaluation.html import write_html
from rag.evaluation.judgements import read_qrels, read_questions
from rag.evaluation.library import Judged, LibraryRun
from rag.evaluation.library import evaluate_library as measure_library
from rag.evaluation.report import Figure, Report, Section, read_report, write_report
from rag.evaluation.suites import chosen_suites
from rag.evaluation.suites.library import read_unanswerable, unanswerable_questions
from rag.evaluation.suites.running import run_suite
from rag.model import Actor
from rag.settings import Settings
from rag.terminal.text import console, errors, plain, print_json, table
from rag.wiring import opened, throwaway


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where a run goes besides the terminal, and what it is held against."""

    out: Path | None = None
    html: Path | None = None
    gate: Path | None = None
    as_json: bool = False


def evaluate_library(
    settings: Settings,
    actor: Actor,
    library: str,
    *,
    judgements: Path | None,
    questions: Path | None,
    unanswerable: Path | None,
    most: int,
    seed: int,
    suites: int,
    outputs: Outputs,
) -> None:
    """Measure a library, and with `suites` pictures a suite, the suites too; print, write, and hold against the gate.

    Raises:
        BadQuery: judgements without questions, or the other way round.
        typer.Exit: the gate does not hold.
    """
    if (judgements is None) != (questions is None):
        raise BadQuery("--judgements needs --questions with the words of the judged questions, and the other way round")
    before = _gate(outputs)
    judged = Judged(read_qrels(judgements), read_questions(questions)) if judgements and questions else None
    refused = read_unanswerable(unanswerable) if unanswerable else unanswerable_questions()
    started = time.monotonic()
    with watched() as progress, opened(settings) as services, throwaway(settings) as scratch:
        run = LibraryRun(services, library, scratch.collections, actor, most, seed, judged, refused, progress)
        run.door, run.suites = "cli", [suite.name for suite in chosen_suites([])] if suites else []
        sections = [measure_library(run)]
        encoder = services.encoder.id
    for trouble in run.trouble[:10]:
        errors.print(plain(f"note: {trouble}"), style="dim")
    if suites:
        sections += _suites(settings, [], suites, seed)[0]
    options = {"library": library, "most": str(most), "seed": str(seed)}
    finish(_report(encoder, sections, started, options), outputs, before)


def evaluate_suites(settings: Settings, names: list[str], *, size: int, seed: int, outputs: Outputs) -> None:
    """Run suites in an installation of their own. Raises BadQuery for an unknown name, typer.Exit as above."""
    before = _gate(outputs)
    started = time.monotonic()
    sections, encoder = _suites(settings, names, size, seed)
    finish(_report(encoder, sections, started, {"size": str(size), "seed": str(seed)}), outputs, before)


def print_comparison(old: Path, new: Path, as_json: bool) -> None:
    """Every figure of both runs; those that moved by more than chance first."""
    found = compare(read_report(old), read_report(new))
    if as_json:
        print_json(
            {
                "changes": [
                    {"name": c.name, "old": c.old.value, "new": c.new.value, "verdict": c.verdict.value}
                    for c in found.changes
                ],
                "gone": found.gone,
                "added": found.added,
            }
        )
        return
    _print_changes(found)


@contextmanager
def watched() -> Iterator[Progress]:
    """A bar on stderr while somebody watches; nothing where stderr is a file."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bars:
        task = bars.add_task("start", total=None)

        def show(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total)

        yield show


def _suites(settings: Settings, names: list[str], size: int, seed: int) -> tuple[list[Section], str]:
    chosen = chosen_suites(names)
    with watched() as progress, throwaway(settings) as services:
        found = []
        for number, suite in enumerate(chosen, start=1):
            found.append(run_suite(services, suite, size=size, seed=seed, progress=progress))
            errors.print(f"{number} of {len(chosen)}: {suite.name}", style="dim", highlight=False)
        return found, services.encoder.id


def _report(encoder: str, sections: list[Section], started: float, options: dict[str, str]) -> Report:
    return Report(
        encoder=encoder,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        sections=tuple(sections),
        seconds=round(time.monotonic() - started, 1),
        product=rag.__version__,
        options=options,
    )


def _gate(outputs: Outputs) -> Report | None:
    """Read first, so that a wrong file is said before minutes of work."""
    return read_report(outputs.gate) if outputs.gate else None


def finish(report: Report, outputs: Outputs, before: Report | None) -> None:
    """Print a run, write its files, hold it against the one before. Raises typer.Exit when it fell behind."""
    if outputs.as_json:
        print_json(report.without_pictures().as_json())
    else:
        for section in report.sections:
            _print_section(section)
    if outputs.out:
        write_report(report, outputs.out)
    if outputs.html:
        write_html(report, outputs.html)
    if before is not None:
        _hold(compare(before, report))


def _print_section(section: Section) -> None:
    shown = table("figure", "value", "95 %", "of", "target", numbers=("value", "of"))
    for figure in section.figures:
        if figure.main or figure.target is not None:
            shown.add_row(figure.name, f"{figure.value:.3f}", _interval(figure), f"{figure.n:,}", _target(figure))
    console.print()
    console.print(plain(section.title), style="bold")
    console.print(f"{section.questions:,} questions, {section.visuals:,} pictures", style="dim", highlight=False)
    console.print(shown)


def _interval(figure: Figure) -> str:
    return f"{figure.low:.3f} to {figure.high:.3f}"


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    sign = "≥" if figure.better == "higher" else "≤"
    return f"{sign} {figure.target:g} {'ok' if figure.reached else '[red]missed[/red]'}"


def _hold(found: Comparison) -> None:
    """Name what fell. Raises typer.Exit(1) when anything did."""
    for change in found.worse:
        errors.print(plain(f"worse: {change}", 300), style="red")
    if found.gone:
        errors.print(plain(f"not measured this time: {', '.join(found.gone)}", 600), style="dim")
    if found.worse:
        raise typer.Exit(1)
    errors.print(
        f"the gate holds: none of {len(found.changes)} figures fell by more than its interval", highlight=False
    )


def _print_changes(found: Comparison) -> None:
    shown = table("figure", "before", "now", "change", "", numbers=("before", "now", "change"))
    styles = {Verdict.WORSE: "red", Verdict.BETTER: "green", Verdict.SAME: "dim"}
    order = [Verdict.WORSE, Verdict.BETTER, Verdict.SAME]
    for change in sorted(found.changes, key=lambda one: order.index(one.verdict)):
        figures = (f"{change.old.value:.3f}", f"{change.new.value:.3f}", f"{change.difference:+.3f}")
        shown.add_row(plain(change.name), *figures, change.verdict.value, style=styles[change.verdict])
    console.print(shown if found.changes else "The two runs have no figure in common.")
    for what, names in (("only before", found.gone), ("only now", found.added)):
        if names:
            console.print(plain(f"{what}: {', '.join(names)}", 1000), style="dim")
