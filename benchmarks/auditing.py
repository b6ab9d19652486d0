"""What auditors wait for: finding among 100,000 events, and reading the ledger into the index that they are found by.

The targets are our own: an answer that comes within 50 ms feels immediate.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from benchmarks.figure import Figure, seconds
from benchmarks.ledger import databases, visual_id
from rag.library.audit_index import SqlAuditIndex
from rag.model import Actor
from rag.ports.auditing import Batch, Entry, Mention, Wanted

EVENTS = 100_000
AT_ONCE = 2_000
TIMES = 40
PEOPLE, PICTURES, WORDS = 500, 20_000, 3_000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
AUDITOR = Actor("ada", frozenset({"auditor"}), libraries=frozenset({"shop"}))


def figures() -> list[Figure]:
    return [figure for name, engine in databases() for figure in _found(name, engine)]


def _found(name: str, engine: Engine) -> list[Figure]:
    index, rng = SqlAuditIndex(engine), random.Random(5)
    took = seconds(lambda: _fill(index, rng))
    if name == "PostgreSQL":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    filled = Figure(f"index of events for auditors filled, {name}", EVENTS / took, "1/s")
    return [filled, *(_p95(f"find {what}, {name}", index, made) for what, made in _asked(rng).items())]


def _fill(index: SqlAuditIndex, rng: random.Random) -> None:
    for start in range(0, EVENTS, AT_ONCE):
        entries = [_entry(number, rng) for number in range(start, start + AT_ONCE)]
        index.add(Batch(entries), after=start - 1, upto=start + AT_ONCE - 1, rules="benchmark")


def _entry(number: int, rng: random.Random) -> Entry:
    """By turns a retrieval with eight visuals and its answer, of which one in 500 has a sentence without support."""
    answer = number % 2 == 1
    shown = rng.sample(range(PICTURES), 0 if answer else 8)
    text = " ".join(_word(rng) for _ in range(40))
    return Entry(
        seq=number,
        at=BEGAN + timedelta(minutes=number),
        kind="answer" if answer else "retrieval",
        actor=f"person {rng.randrange(PEOPLE)}",
        library="shop",
        door="http",
        text=text,
        summary=text[:80],
        model="model",
        prompt="answer@2",
        prompt_hash="a" * 64,
        encoder="encoder",
        belongs_to=number - 1 if answer else None,
        relevance=rng.uniform(0.2, 1.0),
        evidence=8,
        dropped=92,
        unsupported=int(answer and rng.random() < 0.002),
        abstained=answer and rng.random() < 0.002,
        visuals=tuple(Mention(visual_id(one), f"{one:064x}", "evidence", 0.5) for one in shown),
    )


def _word(rng: random.Random) -> str:
    return f"word{rng.randrange(WORDS)}"


def _asked(rng: random.Random) -> dict[str, Callable[[], Wanted]]:
    def days() -> Wanted:
        since = BEGAN + timedelta(days=rng.randrange(60))
        return Wanted(since=since, until=since + timedelta(days=2))

    return {
        "the newest": Wanted,
        "by time": days,
        "by person": lambda: Wanted(person=f"person {rng.randrange(PEOPLE)}"),
        "by visual": lambda: Wanted(visual=visual_id(rng.randrange(PICTURES))),
        "by verdict": lambda: Wanted(verdicts=("unsupported",)),
        "by a verdict that none has": lambda: Wanted(verdicts=("removed",)),
        "abstained": lambda: Wanted(abstained=True),
        "flagged, which none is": lambda: Wanted(flagged=True),
        "by a word": lambda: Wanted(words=(_word(rng),)),
        "by two words": lambda: Wanted(words=(_word(rng), _word(rng))),
        "by a word that is not there": lambda: Wanted(words=("zebra",)),
    }


def _p95(what: str, index: SqlAuditIndex, made: Callable[[], Wanted]) -> Figure:
    def ask() -> float:
        wanted = made()
        return seconds(lambda: index.find(AUDITOR, wanted, limit=51))

    took = statistics.quantiles([ask() for _ in range(TIMES)], n=20)[-1]
    return Figure(f"{what} of {EVENTS:,} events (p95)", 1e3 * took, "ms", 50, "lower")
