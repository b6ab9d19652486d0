"""Reading the ledger into the index that auditors find events by: what is new, in order, each time somebody looks.

Safe to be killed at any moment and to run in several processes: a batch and how far it came are one commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rag.audit.erasing import RETENTION
from rag.auditing.entries import best_dropped, entry_of, listed
from rag.auditing.risk import Rules, load_rules
from rag.errors import NotFound
from rag.model import LOCAL_OWNER, Event
from rag.ports import AuditIndex, Services
from rag.ports.auditing import REVIEWABLE, Batch, Entry, Review

AT_ONCE = 500
REVIEW, CASE = "review", "case"

Progress = Callable[[int, int], None]


def catch_up(services: Services, progress: Progress = lambda done, total: None) -> int:
    """Read what the ledger has that the index has not. Calling twice is harmless.

    Where the rules of risk are others than before, everything is read anew.

    Returns:
        The last event that was read; -1 where there is none.

    Raises:
        BadSettings: the rules cannot be read.
        Unavailable, LedgerUnavailable: retryable.
    """
    rules = load_rules(services.settings.audit_rules)
    index = services.audit_index
    last, told_by = index.progress()
    newest = _newest(services)
    if last >= 0 and (told_by != rules.hash or last > newest):
        index.clear()
        last = -1
    while last < newest:
        found = _following(services, last, newest)
        if not found:
            break
        index.add(_batch(services, rules, found), after=last, upto=found[-1].seq, rules=rules.hash)
        last = index.progress()[0]
        progress(last + 1, newest + 1)
    return last


def _newest(services: Services) -> int:
    found = services.ledger.events(LOCAL_OWNER, limit=1)
    return found[0].seq if found else -1


def _following(services: Services, last: int, newest: int) -> list[Event]:
    """The next events in order: numbers have no gaps, so no more is read than is new."""
    count = min(AT_ONCE, newest - last)
    found = services.ledger.events(LOCAL_OWNER, before=last + 1 + count, limit=count)
    return [event for event in reversed(found) if event.seq > last]


@dataclass(slots=True)
class _Told:
    """Counts how often a model, prompt or encoder was there before, this batch included."""

    index: AuditIndex
    first: int
    here: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: dict[tuple[str, str], int] = field(default_factory=dict)

    def before(self, name: str, value: str) -> int | None:
        if not value:
            return None
        key = name, value
        if key not in self.kept:
            self.kept[key] = self.index.seen_before(name, value, self.first)
        return self.kept[key] + self.here[key]

    def count(self, entry: Entry) -> None:
        for name in ("model", "prompt_hash", "encoder"):
            self.here[name, getattr(entry, name)] += 1


def _batch(services: Services, rules: Rules, events: Sequence[Event]) -> Batch:
    here = {event.seq: event for event in events}
    told = _Told(services.audit_index, events[0].seq)
    entries: list[Entry] = []
    for event in events:
        retrieval = _retrieval_of(services, event, here)
        entry = entry_of(event, retrieval)
        if event.kind in REVIEWABLE:
            risk, risks = rules.risk(_facts(entry, retrieval or event, told), event.hash)
            entry = replace(entry, risk=risk, risks=risks)
            told.count(entry)
        entries.append(entry)
        if event.kind == RETENTION:
            _forget(services, event)
    return Batch(
        entries,
        [review_of(event) for event in events if event.kind == REVIEW],
        [change for event in events if event.kind == CASE for change in _case_changes(event)],
    )


def _facts(entry: Entry, retrieval: Event, told: _Told) -> dict[str, Any]:
    names = ("kind", "relevance", "evidence", "dropped", "unsupported", "removed", "withheld", "abstained", "stopped")
    return {name: getattr(entry, name) for name in names} | {
        "best_dropped": best_dropped(retrieval),
        "model_seen": told.before("model", entry.model),
        "prompt_seen": told.before("prompt_hash", entry.prompt_hash),
        "encoder_seen": told.before("encoder", entry.encoder),
    }


def _retrieval_of(services: Services, event: Event, here: dict[int, Event]) -> Event | None:
    wanted = event.body.get("retrieval") if event.kind == "answer" else None
    if not isinstance(wanted, int):
        return None
    try:
        return here.get(wanted) or services.ledger.event(LOCAL_OWNER, wanted)
    except NotFound:
        return None


def review_of(event: Event) -> Review:
    """A review as its event says it."""
    body = event.body
    labels = [one for one in listed(event, "labels") if one.get("visual")]
    return Review(
        seq=event.seq,
        event=int(body.get("event", -1)),
        reviewer=event.actor,
        at=event.at,
        verdict=_words(body.get("verdict")),
        flagged=body.get("flagged") is True,
        comment=_words(body.get("text")),
        grades={one["visual"]: int(one["grade"]) for one in labels},
        remarks={one["visual"]: str(one["comment"]) for one in labels if one.get("comment")},
    )


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


def _case_changes(event: Event) -> list[tuple[str, int, bool]]:
    name = _words(event.body.get("name"))
    return [
        (name, int(seq), kind == "added")
        for kind in ("added", "removed")
        for seq in event.body.get(kind) or ()
        if isinstance(seq, int)
    ]


def _forget(services: Services, event: Event) -> None:
    """Months of a library that the ledger forgot. (Persons and assets: `rag.erasing` empties the index itself.)"""
    for name in event.body.get("months") or ():
        first = datetime.strptime(str(name), "%Y-%m").replace(tzinfo=UTC)
        until = (first + timedelta(days=32)).replace(day=1)
        services.audit_index.forget_period(event.library, first, until)
