"""What auditors see in a terminal: events found, one whole, a replay, pins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from rag.auditing.causes import Move
from rag.auditing.exporting import Exported
from rag.auditing.finding import Page
from rag.auditing.opening import Candidate, Whole
from rag.auditing.pinning import Kept, Making, Pin
from rag.auditing.replaying import Replay
from rag.disk import MIB
from rag.errors import BadSource
from rag.model import Event, Json
from rag.ports.auditing import Entry
from rag.terminal.text import console, plain, print_json, table

SHORT = 8


def print_page(page: Page, as_json: bool) -> None:
    if as_json:
        for entry in page.entries:
            print_json(asdict(entry))
        return
    console.print(entries_table(page.entries) if page.entries else "Nothing matches.")
    if page.before is not None:
        console.print(f"Older ones: --before {page.before}", style="dim")


def entries_table(entries: Iterable[Entry]) -> Table:
    """One row an event."""
    shown = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for heading in ("event", "time", "who", "kind"):
        shown.add_column(heading, no_wrap=True)
    shown.add_column("what", no_wrap=True, overflow="ellipsis", ratio=3)
    shown.add_column("rel.", no_wrap=True)
    shown.add_column("checks", no_wrap=True, overflow="ellipsis", ratio=1)
    for entry in entries:
        at = entry.at.strftime("%m-%d %H:%M")
        relevance = "" if entry.relevance is None else f"{entry.relevance:.2f}"
        who = plain(entry.actor, 16)
        shown.add_row(str(entry.seq), at, who, entry.kind, plain(entry.summary), relevance, plain(doubts(entry)))
    return shown


def doubts(entry: Entry) -> str:
    """What a reader should know of an event, in a few words."""
    counted = (
        (entry.removed, "citations removed"),
        (entry.unsupported, "unsupported"),
        (entry.withheld, "withheld"),
    )
    said = [f"{count} {what}" for count, what in counted if count]
    said += [word for word, holds in (("abstained", entry.abstained), ("stopped", entry.stopped)) if holds]
    return ", ".join(said)


def print_whole(whole: Whole, as_json: bool, *, dropped: bool, prompt: bool) -> None:
    if as_json:
        print_json(asdict(whole))
        return
    entry, event = whole.entry, whole.event
    console.print(Text.assemble(("event ", "dim"), str(event.seq), ("  ", ""), plain(entry.summary, 300)), style="bold")
    when = event.at.strftime("%Y-%m-%d %H:%M:%S UTC")
    _line("what", f"{event.kind} of {event.actor or '(erased)'} at the door {entry.door or '–'}, {when}")
    _line("as written", ("yes: " if whole.proof.holds else "NO: ") + whole.proof.said)
    _line("by", ", ".join(f"{name} {value}" for name, value in _made_by(entry) if value))
    _line("look at it", ", ".join(entry.risks))
    _line("checks", doubts(entry))
    _line("cases", ", ".join(whole.cases))
    if whole.answer is not None:
        _print_answer(whole.answer)
    _print_candidates("evidence", whole.evidence)
    if dropped:
        _print_candidates("dropped", whole.dropped)
    elif whole.dropped:
        _line("dropped", f"{len(whole.dropped)} candidates: --dropped shows them")
    if prompt and whole.retrieval is not None:
        _print_prompt(whole.retrieval.body)
    _print_linked("belongs together", whole.linked)
    _print_linked("conversation", whole.conversation)
    _print_reviews(whole)


def _made_by(entry: Entry) -> tuple[tuple[str, str], ...]:
    version = f"{entry.prompt} {entry.prompt_hash[:SHORT]}" if entry.prompt else ""
    return ("encoder", entry.encoder), ("model", entry.model), ("prompt", version)


def _line(name: str, said: str) -> None:
    if said:
        console.print(Text.assemble((f"{name:<11}", "dim"), plain(said, 1000)))


def _print_answer(answer: Event) -> None:
    console.print()
    console.print(plain(str(answer.body.get("text") or ""), 4000))
    for one in support_of(answer):
        mark = "supported  " if one["supported"] else "UNSUPPORTED"
        console.print(Text.assemble((f"  {mark} {one['score']:.2f}  ", "dim"), plain(one["sentence"], 150)))
    timings = answer.body.get("timings") or {}
    _line("took", ", ".join(f"{name.removesuffix('_ms')} {value:.0f} ms" for name, value in timings.items()))


def support_of(answer: Event) -> list[Json]:
    """How each sentence stood, as far as that is still readable."""
    support = (answer.body.get("verdicts") or {}).get("support")
    return [one for one in support if "sentence" in one] if isinstance(support, list) else []


def _print_candidates(title: str, candidates: Sequence[Candidate]) -> None:
    if not candidates:
        return
    shown = table("", title, "relevance", "scores", "why", numbers=("relevance",))
    for one in candidates:
        number = f"[{one.number}]" if one.number else str(one.position or "")
        name = one.caption or one.name or "(no caption)"
        gone = "" if one.there else "  (gone, or not for you)"
        scores = " ".join(f"{name} {score:.3f}" for name, score in one.scores.items())
        what = Text.assemble(plain(name, 60), (f"  {one.visual[:SHORT]}{gone}", "dim"))
        shown.add_row(Text(number), what, f"{one.relevance:.2f}", scores, plain(one.reason, 60))
    console.print()
    console.print(shown)


def _print_prompt(body: Json) -> None:
    messages = (body.get("prompt") or {}).get("messages")
    for message in messages if isinstance(messages, list) else ():
        console.print(Text(f"\n— {message['role']}", "dim"))
        for line in str(message["text"]).splitlines():
            console.print(plain(line, 1000))


def _print_linked(title: str, entries: Sequence[Entry]) -> None:
    for number, entry in enumerate(entries):
        _line("" if number else title[:10], f"event {entry.seq}, {entry.kind}: {entry.summary}"[:160])


def _print_reviews(whole: Whole) -> None:
    for one in whole.reviews:
        said = f"{one.reviewer}: {one.verdict}{' (flagged)' if one.flagged else ''} {one.comment}"
        _line("review", said)
    if whole.hidden_reviews:
        _line("reviews", f"{whole.hidden_reviews}, shown once you have reviewed it yourself")


def print_replay(done: Replay, as_json: bool) -> None:
    if as_json:
        print_json(asdict(done))
        return
    told = "the same pictures in the same order" if done.same else f"overlap {done.overlap:.2f}"
    console.print(Text.assemble((f"event {done.event} on {done.against}: ", "bold"), told))
    for line in (*done.causes, *done.notices):
        console.print(plain(line, 300), style="dim")
    shown = table("", "was", "now", "picture", "relevance", "why", numbers=("was", "now", "relevance"))
    for move in done.moves:
        was, now = ("–" if place is None else str(place) for place in (move.was, move.now))
        shown.add_row(move.change, was, now, plain(_named(move), 50), _relevances(move), plain(move.why, 120))
    console.print(shown)


def _named(move: Move) -> str:
    return f"{move.caption or move.name or '(not there)'}  {move.visual[:SHORT]}"


def _relevances(move: Move) -> str:
    return " → ".join("–" if one is None else f"{one:.2f}" for one in (move.relevance_then, move.relevance_now))


def print_pins(pins: Sequence[Kept], making: Making | None, as_json: bool) -> None:
    if as_json:
        for one in pins:
            print_json({**(asdict(one.pin) if one.pin else {"name": one.name}), "size": one.size, "fault": one.fault})
        return
    shown = table("pin", "kept", "event", "encoder", "visuals", "on disk", "", numbers=("event", "visuals", "on disk"))
    for kept in pins:
        shown.add_row(kept.name, *_of_a_pin(kept.pin), f"{kept.size / MIB:,.1f} MiB", plain(_standing(kept), 200))
    if pins or making is None:
        console.print(shown if pins else "No moment is kept: picturedesk audit pin NAME keeps this one.")
    if making is not None:
        console.print(plain(f"{making.name} is being made: {making.done:,} of {making.total:,} visuals are in it", 200))


def _of_a_pin(pin: Pin | None) -> tuple[str, str, str, str]:
    if pin is None:
        return "–", "–", "–", "–"
    return f"{_age(datetime.fromisoformat(pin.at))} ago", str(pin.event), pin.encoder, f"{pin.searched:,}"


def _age(since: datetime) -> str:
    """In the largest unit that it has one of."""
    seconds = int((datetime.now(since.tzinfo) - since).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{max(0, seconds)} s"


def _standing(kept: Kept) -> str:
    """What to know of a pin before it is asked."""
    if kept.fault or kept.pin is None:
        return f"DAMAGED: {kept.fault}"
    pin = kept.pin
    waiting = f"{pin.pending:,} not indexed" if pin.pending else ""
    differs = f"{pin.asked - pin.same} of {pin.asked} questions found otherwise" if pin.same != pin.asked else ""
    return ", ".join(one for one in (waiting, differs) if one)


def print_export(done: Exported, as_json: bool) -> None:
    if as_json:
        print_json(asdict(done))
        return
    pictures = f", {done.images} thumbnails ({done.missing} missing)" if done.images or done.missing else ""
    said = f"{done.events} events{pictures} are in {done.path}; its making is event {done.recorded}."
    console.print(plain(said, 500))
    console.print(plain(f"picturedesk ledger verify --bundle {done.path}   checks it anywhere", 500), style="dim")


def print_case(name: str, events: Sequence[int], as_json: bool) -> None:
    if as_json:
        print_json({"case": name, "events": list(events)})
        return
    console.print(plain(f"{name}: {', '.join(map(str, events)) or 'no events'}", 2000))


def written(path: Path, content: bytes) -> None:
    """Raises BadSource when the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise BadSource(f"{path} cannot be written: {error.strerror}") from error
    console.print(plain(f"Written: {path}", 500))
