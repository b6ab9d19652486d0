"""How results look in a terminal. Untrusted text is shown as plain characters: no markup, no control codes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from rag.answering.prompting import as_data
from rag.audit.recording import evidence_json
from rag.ingest import follow
from rag.model import Actor, Answer, AssetState, Event, Evidence, Job, JobItem, Retrieval
from rag.ports import Catalog, Collections, Encoder, Services
from rag.settings import Settings, without_credentials

console = Console()
errors = Console(stderr=True)

MOST_FAULTS = 20


def plain(text: str, longest: int = 200) -> Text:
    """Text that came out of a library, safe to print."""
    return Text(as_data(text, longest))


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str))  # noqa: T201


# Ingest


class JobProgress:
    """A bar while files are accepted and indexed; JSON lines when asked for."""

    def __init__(self, bar: Progress, as_json: bool) -> None:
        self._bar = bar
        self._as_json = as_json
        self._accepting: TaskID | None = None

    def _task(self) -> TaskID:
        """Nothing is shown before there is something to show: a source that cannot be read is one line."""
        if self._accepting is None:
            self._bar.start()
            self._accepting = self._bar.add_task("accepting", total=None)
        return self._accepting

    def accepted(self, count: int) -> None:
        """`count` more files are safe."""
        self._bar.advance(self._task(), count)
        if self._as_json:
            print_json({"event": "accepted", "files": count})

    def follow(self, services: Services, actor: Actor, job: Job) -> Job:
        """Show the job until every file of it has its end."""
        self._bar.update(self._task(), total=job.total, completed=job.total)
        indexing = self._bar.add_task("indexing", total=job.total)
        last = -1
        for now in follow(services, actor, job.id):
            done = now.total - now.counts.get(AssetState.ACCEPTED, 0)
            self._bar.update(indexing, completed=done)
            if self._as_json and done != last:
                print_json({"event": "progress", "done": done, "total": now.total})
            job, last = now, done
        return job


@contextmanager
def follow_job(as_json: bool) -> Iterator[JobProgress]:
    columns = (TextColumn("{task.description:>10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=errors, disable=as_json)
    try:
        yield JobProgress(bar, as_json)
    finally:
        bar.stop()


def print_job(job: Job, items: Sequence[JobItem], as_json: bool) -> None:
    """How the job ended, and each file that was not indexed with its reason."""
    faults = [item for item in items if item.reason]
    if as_json:
        counts = {state.value: count for state, count in job.counts.items()}
        listed = [{"name": item.name, "state": item.state.value, "reason": item.reason} for item in faults]
        print_json(
            {
                "event": "done",
                "job": job.id,
                "library": job.library,
                **counts,
                "known": job.known,
                "not_indexed": listed,
            }
        )
        return
    counts_text = ", ".join(f"{count:,} {state.value}" for state, count in job.counts.items() if count)
    known = f" ({job.known:,} were known before)" if job.known else ""
    console.print(f"{job.library}: {counts_text or 'nothing to do'}{known}")
    for item in faults[:MOST_FAULTS]:
        console.print(
            Text.assemble("  ", (f"{item.state.value:<11} ", "yellow"), plain(item.name), ": ", plain(item.reason))
        )
    if len(faults) > MOST_FAULTS:
        console.print(f"  … and {len(faults) - MOST_FAULTS:,} more; --json lists all")


# Search and answers


def print_retrieval(retrieval: Retrieval, encoder: Encoder, as_json: bool) -> None:
    if as_json:
        print_json(_retrieval_json(retrieval))
        return
    console.print(evidence_table(retrieval.evidence))
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
        table.add_row(item.label, relevance_bar(item.relevance), caption, plain(item.name, 60), found)
    return table


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


# Status and ledger


def print_status(settings: Settings, catalog: Catalog, collections: Collections, actor: Actor, as_json: bool) -> None:
    libraries = catalog.libraries(actor)
    coverage = {name: catalog.coverage(actor, [name]) for name in libraries}
    parts = {
        "database": without_credentials(settings.database_url),
        "vectors": without_credentials(settings.vectors_url),
        "broker": without_credentials(settings.broker),
        "blobs": without_credentials(settings.blobs_url),
        "encoder": settings.encoder,
        "llm": settings.llm or "none: answers are put together from captions",
        "collections": ", ".join(collections.names()) or "none yet",
    }
    if as_json:
        print_json({"libraries": {name: asdict(value) for name, value in coverage.items()}, **parts})
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("library", "visuals", "waiting", "skipped", "quarantined"):
        table.add_column(heading, justify="left" if heading == "library" else "right")
    for name, value in coverage.items():
        table.add_row(name, *(f"{n:,}" for n in (value.searched, value.pending, value.skipped, value.quarantined)))
    console.print(table if libraries else "Nothing has been ingested yet: picturedesk ingest FOLDER")
    for part, where in parts.items():
        console.print(Text.assemble((f"{part:>12} ", "dim"), where))


def print_events(events: Sequence[Event], as_json: bool) -> None:
    if as_json:
        for event in events:
            print_json(asdict(event))
        return
    console.print(events_table(events) if events else "The ledger is empty.")


def events_table(events: Sequence[Event]) -> Table:
    """One row an event: number, time (UTC), who, what, and the start of its hash."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for heading in ("event", "time", "actor", "kind"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("hash", no_wrap=True)
    for event in events:
        at = event.at.strftime("%m-%d %H:%M:%S")
        table.add_row(str(event.seq), at, plain(event.actor), event.kind, plain(_what(event), 70), event.hash[:12])
    return table


def _what(event: Event) -> str:
    body = event.body
    match event.kind:
        case "retrieval":
            return f"“{body['query']['text']}” → {len(body['evidence'])} evidence, {len(body['dropped'])} dropped"
        case "answer":
            verdict = "abstained" if body["abstained"] else f"cites {len(body['citations'])}"
            return f"to event {body['retrieval']}, {verdict}, by {body['composer']}"
    return ""
