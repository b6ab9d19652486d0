"""Encoders in a terminal: which there are, one on its way, and how it compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from rag.migration.flow import follow, report_json
from rag.migration.replay import worse
from rag.model import Generation, GenerationState
from rag.ports import Services
from rag.terminal.text import console, errors, print_json, table

DOING = {
    GenerationState.WANTED: "waiting for a worker",
    GenerationState.FILLING: "embedding",
}


def print_generations(every: Sequence[Generation], notice: str, as_json: bool) -> None:
    if as_json:
        for one in every:
            print_json(report_json(one))
        return
    shown = table("generation", "state", "since", "encoder", "visuals", numbers=("generation", "visuals"))
    for one in every:
        style = "green" if one.state is GenerationState.LIVE else "dim" if one.state is GenerationState.DROPPED else ""
        filled = f"{one.done:,} of {one.total:,}" if one.state is GenerationState.FILLING else ""
        name = one.encoder_id or one.encoder or "an adapter"
        since = one.changed_at.strftime("%m-%d %H:%M")
        shown.add_row(str(one.number), Text(one.state.value, style), since, name, filled)
        if one.trouble:
            shown.add_row("", "", "", Text(one.trouble, "yellow"), "")
    console.print(shown if every else "There is no encoder yet: the first picture brings PICTUREDESK_ENCODER.")
    if notice:
        errors.print(f"note: {notice}", style="dim", highlight=False)


def watched(services: Services, wanted: Generation, stop: Event, *, as_json: bool) -> Generation:
    """Show a coming generation until it is ready or given up, or somebody stops it."""
    found = wanted
    with _bar(as_json) as show:
        for found in follow(services, wanted.number):
            show(found)
            if stop.is_set():
                break
    return found


class _Lines:
    """One JSON object whenever something changed."""

    def __init__(self) -> None:
        self._last: tuple[object, ...] = ()

    def __call__(self, one: Generation) -> None:
        now = one.state, one.done, one.total, one.trouble
        if now != self._last:
            self._last = now
            print_json(
                {"event": "progress", **{key: value for key, value in report_json(one).items() if key != "report"}}
            )


@contextmanager
def _bar(as_json: bool) -> Iterator[Any]:
    if as_json:
        yield _Lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("", total=None)

        def show(one: Generation) -> None:
            doing = one.trouble or _doing(one)
            progress.update(task, description=doing, completed=one.done, total=one.total or None)

        yield show


def _doing(one: Generation) -> str:
    if one.leased and one.state is GenerationState.WANTED:
        return "training" if one.adapted else "loading the encoder"
    if one.state is GenerationState.FILLING and one.total and one.done >= one.total:
        return "comparing"
    return DOING.get(one.state, one.state.value)


def print_report(one: Generation, as_json: bool) -> None:
    """How a generation that is ready compares with the live one."""
    if as_json:
        print_json({"event": one.state.value, **report_json(one)})
        return
    report = one.report
    console.print(
        f"Generation {one.number} is {one.state.value}: {one.encoder_id}, {one.total:,} visuals", highlight=False
    )
    for line in report.get("left_out", ())[:5]:
        console.print(Text.assemble(("left out ", "yellow"), line))
    shown = table("", "live", "new", "difference", "95% interval", numbers=("live", "new", "difference"))
    for name, what in _figures(report):
        found = report[name]
        interval = f"{found['low']:+.3f} to {found['high']:+.3f}"
        shown.add_row(what, f"{found['old']:.3f}", f"{found['new']:.3f}", f"{found['difference']:+.3f}", interval)
    if latency := report.get("latency_p50_ms"):
        old, new = latency["old"], latency["new"]
        shown.add_row("a search, p50", f"{old:.1f} ms", f"{new:.1f} ms", f"{new - old:+.1f} ms", "")
    console.print(shown if shown.row_count else "There was nothing to compare them by: no captions, no logged queries.")
    if report.get("queries"):
        console.print(
            f"{report['queries']:,} logged queries asked on both: overlap@{report['k']} {report['overlap_at_k']:.2f}, "
            f"rank-biased overlap {report['rank_biased_overlap']:.2f}",
            highlight=False,
        )
    if fall := worse(report):
        console.print(Text(f"It finds less: {fall}", "yellow"))


def _figures(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "held_out_ndcg_at_k" in report:
        yield "held_out_ndcg_at_k", f"nDCG@10 on {report['held_out']:,} held-out captions"
    for name, figure in (("ndcg_at_k", "nDCG"), ("recall_at_k", "recall")):
        if name in report:
            yield name, f"{figure}@{report['k']} on {report['labelled']:,} {report['labels']}"
