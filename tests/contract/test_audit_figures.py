"""Filters and figures of auditors over 2,000 events on both databases, beside a naive count over the raw ledger."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from rag.audit.keys import LedgerKeys
from rag.audit.ledger import SqlLedger
from rag.auditing.reporting import report
from rag.library.audit_index import SqlAuditIndex
from rag.library.catalog import SqlCatalog
from rag.model import LOCAL_OWNER, Event, Json
from rag.ports import Draft, Services
from rag.ports.auditing import Wanted
from rag.settings import Settings

PAIRS = 700
"""Retrievals, each with its answer; with the reviews, 2,000 events."""

REVIEWS = 600
VISUALS = [f"{number:08d}-aaaa-5000-8000-000000000000" for number in range(20)]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass
class Room:
    """The parts that a report needs."""

    ledger: SqlLedger
    audit_index: SqlAuditIndex
    catalog: SqlCatalog
    settings: Settings


class Clock:
    """Five minutes an event, so that there are several days."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=5)
        return self.now


@pytest.fixture
def room(engine: Engine) -> Iterator[Room]:
    room = Room(SqlLedger(engine, LedgerKeys.new(), Clock()), SqlAuditIndex(engine), SqlCatalog(engine), Settings())
    for library in ("shop", "news"):
        room.catalog.create_library(library)
    _fill(room.ledger, random.Random(7))
    yield room
    room.catalog.close()


def _fill(ledger: SqlLedger, rng: random.Random) -> None:
    """One after the other: together they would be dated together, too."""
    for _ in range(PAIRS):
        retrieval = _retrieval(rng)
        supported, removed = rng.random() > 0.2, [9] if rng.random() < 0.1 else []
        body: Json = {
            "door": retrieval.body["door"],
            "retrieval": ledger.append(retrieval).seq,
            "text": "It is so [1].",
            "composer": "gpt",
            "abstained": rng.random() < 0.3,
            "verdicts": {"support": [{"supported": supported}], "citations_removed": removed},
        }
        ledger.append(Draft("answer", retrieval.actor, retrieval.library, body))
    for _ in range(REVIEWS):
        said: Json = {
            "event": rng.randrange(2 * PAIRS),
            "verdict": "sound",
            "flagged": rng.random() < 0.3,
            "labels": [],
        }
        ledger.append(Draft("review", rng.choice(("ada", "bob")), "shop", said))


def _retrieval(rng: random.Random) -> Draft:
    library, words = rng.choice(("shop", "news")), rng.choice(("a red car", "a blue car", "a red dress"))
    evidence = [
        {"number": number, "visual": visual, "content": "a" * 64, "relevance": round(rng.random(), 3), "scores": {}}
        for number, visual in enumerate(rng.sample(VISUALS, rng.randrange(4)), start=1)
    ]
    body: Json = {
        "door": rng.choice(("http", "mcp")),
        "query": {"text": words},
        "encoder": "demo",
        "evidence": evidence,
    }
    body |= {"dropped": [], "prompt": {"id": rng.choice(("answer@1", "answer@2")), "hash": "abc"}, "llm": {"id": "gpt"}}
    return Draft("retrieval", rng.choice(("ann", "bob", "cem")), library, body)


class Naive:
    """What the raw ledger says, read event by event."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.events = {one.seq: one for one in ledger.events(LOCAL_OWNER, limit=10_000)}
        reviews = [one for one in self.events.values() if one.kind == "review"]
        self.reviewed = {one.body["event"] for one in reviews}
        self.flagged = {one.body["event"] for one in reviews if one.body["flagged"]}

    def retrieval(self, event: Event) -> Json:
        """The body of the retrieval that an event is or rests on; empty for others."""
        return self.events[event.body["retrieval"]].body if event.kind == "answer" else event.body

    def best(self, event: Event) -> float | None:
        return max((one["relevance"] for one in self.retrieval(event).get("evidence", [])), default=None)

    def matches(self, event: Event, wanted: Json) -> bool:
        checks: dict[str, Callable[[Any], bool]] = {
            "since": lambda value: event.at >= value,
            "person": lambda value: event.actor == value,
            "library": lambda value: event.library == value,
            "visual": lambda value: event.kind == "retrieval" and value in str(event.body["evidence"]),
            "words": lambda value: value[0] in self.retrieval(event).get("query", {}).get("text", ""),
            "model": lambda value: value in (event.body.get("composer"), event.body.get("llm", {}).get("id")),
            "prompt": lambda value: self.retrieval(event).get("prompt", {}).get("id") == value,
            "verdicts": lambda value: (
                not all(one["supported"] for one in event.body.get("verdicts", {}).get("support", []))
            ),
            "below": lambda value: event.kind != "review" and (self.best(event) or 0.0) < value,
            "abstained": lambda value: event.body.get("abstained", False) is value,
            "flagged": lambda value: (event.seq in self.flagged) is value,
        }
        return all(checks[name](value) for name, value in wanted.items())


FILTERS: Json = {
    "since": NOON + timedelta(days=3),
    "person": "ann",
    "library": "shop",
    "visual": VISUALS[3],
    "words": ("red",),
    "model": "gpt",
    "prompt": "answer@2",
    "verdicts": ("unsupported",),
    "below": 0.5,
    "abstained": True,
    "flagged": True,
}


def test_filters_alone_and_together_and_the_report_are_exact_on_2000_events(room: Room) -> None:
    services, naive = cast("Services", room), Naive(room.ledger)
    assert len(naive.events) == 2 * PAIRS + REVIEWS == 2_000
    for names in (
        [(name,) for name in FILTERS] + list(combinations(FILTERS, 2)) + [("words", "person", "below", "library")]
    ):
        wanted = {name: FILTERS[name] for name in names}
        found = _all(services, Wanted(**wanted))
        assert found == [
            seq for seq, one in naive.events.items() if one.kind != "audit" and naive.matches(one, wanted)
        ], names
        assert found or len(names) > 1, f"nothing has {names}: that proves nothing"
    _assert_report(services, naive)


def _all(services: Services, wanted: Wanted) -> list[int]:
    from rag.auditing.indexing import catch_up

    catch_up(services)
    return [one.seq for one in services.audit_index.find(LOCAL_OWNER, wanted, limit=10_000)]


def _assert_report(services: Services, naive: Naive) -> None:
    made = report(services, LOCAL_OWNER, door="test")
    asked = [one for one in naive.events.values() if one.kind in ("retrieval", "answer")]
    answers = [one for one in asked if one.kind == "answer"]
    retrievals = [one for one in asked if one.kind == "retrieval"]
    assert made.reviewed == len(naive.reviewed)
    assert made.people == len({one.actor for one in asked})
    assert made.doors == Counter(one.body["door"] for one in retrievals)
    assert made.models == {"gpt": len(answers)}
    for figures in made.libraries:
        own = [one for one in answers if one.library == figures.library]
        best = [naive.best(one) for one in retrievals if one.library == figures.library]
        assert (figures.answers, figures.abstained) == (len(own), sum(one.body["abstained"] for one in own))
        assert figures.unsupported == sum(naive.matches(one, {"verdicts": ()}) for one in own)
        assert figures.removed == sum(bool(one.body["verdicts"]["citations_removed"]) for one in own)
        assert figures.flagged == sum(one.seq in naive.flagged for one in asked if one.library == figures.library)
        assert figures.relevance == statistics.median(one for one in best if one is not None)
    days = Counter(one.at.date().isoformat() for one in retrievals)
    assert {day.day: day.retrievals for day in made.days} == days
    uses = Counter(one["visual"] for event in retrievals for one in event.body["evidence"])
    assert [one.times for one in made.used] == [times for _, times in uses.most_common(len(made.used))]
    assert all(uses[one.visual] == one.times for one in made.used)
