"""What the index of auditors promises, over SQLite and PostgreSQL: made from real ledger events."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from rag.audit.keys import LedgerKeys
from rag.audit.ledger import SqlLedger
from rag.auditing.finding import find
from rag.auditing.indexing import catch_up
from rag.errors import BadQuery, NotAllowed
from rag.library.audit_index import SqlAuditIndex
from rag.model import LOCAL_OWNER, Actor, Json
from rag.ports import Draft, Services
from rag.ports.auditing import Batch, Entry, Wanted
from rag.settings import Settings

AUDITOR = Actor("ada", frozenset({"auditor"}), libraries=frozenset({"shop"}))
EVERYWHERE = Actor("eve", frozenset({"auditor"}), libraries=frozenset({"*"}))
RED, BLUE = "11111111-aaaa-5000-8000-000000000001", "22222222-bbbb-5000-8000-000000000002"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass
class Room:
    """The two parts that finding needs."""

    ledger: SqlLedger
    audit_index: SqlAuditIndex
    settings: Settings


class Clock:
    """A minute an event."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def room(engine: Engine) -> Services:
    return cast("Services", Room(SqlLedger(engine, LedgerKeys.new(), Clock()), SqlAuditIndex(engine), Settings()))


def asked(room: Services, text: str, *visuals: str, library: str = "shop", actor: str = "ann", **more: Any) -> int:
    evidence = [
        {"number": n, "visual": one, "content": one[:8] * 8, "relevance": 0.9 - n / 10, "scores": {}}
        for n, one in enumerate(visuals, start=1)
    ]
    body: Json = {
        "door": "http",
        "query": {"text": text, "libraries": [library]},
        "encoder": "demo@1",
        "evidence": evidence,
        "dropped": [],
        **more,
    }
    return room.ledger.append(Draft("retrieval", actor, library, body)).seq


def answered(room: Services, retrieval: int, text: str, library: str = "shop", **more: Any) -> int:
    body: Json = {"door": "http", "retrieval": retrieval, "text": text, "composer": "gpt", "abstained": False, **more}
    return room.ledger.append(Draft("answer", "ann", library, body)).seq


def found(room: Services, actor: Actor = AUDITOR, **wanted: Any) -> list[int]:
    return [entry.seq for entry in find(room, actor, Wanted(**wanted), door="test").entries]


def test_events_are_found_by_what_is_in_them(room: Services) -> None:
    beach = asked(room, "A Red Dress on a beach", RED, prompt={"id": "answer@2", "hash": "abc123"}, llm={"id": "gpt"})
    said = answered(room, beach, "Ein rotes KLEID [1].", verdicts={"citations_removed": [7]})
    night = asked(room, "100%_night", BLUE, actor="bob")
    assert found(room, words=("red", "DRESS"), kinds=("retrieval",)) == [beach]
    assert found(room, words=("kleid",)) == [said]
    assert found(room, words=("beach",)) == [said, beach]  # an answer is found by its question too
    assert found(room, words=("100%_",)) == [night]
    assert found(room, words=("1__%",)) == []
    assert found(room, visual=RED, kinds=("retrieval",)) == [beach]
    assert found(room, visual=BLUE[:8]) == [night]
    assert found(room, visual=(BLUE[:8] * 8)) == [night]
    assert found(room, person="bob") == [night]
    assert found(room, model="gpt") == [said, beach]
    assert found(room, prompt="answer@2") == found(room, prompt="ABC1") == [said, beach]
    assert found(room, verdicts=("removed",)) == found(room, verdicts=("stopped", "removed")) == [said]
    assert found(room, door="cli") == []


def test_low_relevance_means_the_best_evidence_or_none_at_all(room: Services) -> None:
    good, none = asked(room, "good", RED), asked(room, "none")
    poor = answered(room, none, "Nothing.", abstained=True)
    assert found(room, below=0.5) == [poor, none]
    assert found(room, below=0.85) == [poor, none, good]
    assert found(room, abstained=True) == [poor]


def test_time_and_pages(room: Services) -> None:
    seqs = [asked(room, f"question {n}") for n in range(5)]
    at = {event.seq: event.at for event in room.ledger.events(LOCAL_OWNER, limit=10)}
    assert found(room, since=at[1], until=at[3]) == [2, 1]
    page = find(room, AUDITOR, Wanted(), limit=2, door="test")
    assert ([entry.seq for entry in page.entries], page.before) == ([seqs[4], seqs[3]], seqs[3])
    rest = find(room, AUDITOR, Wanted(before=page.before), limit=3, door="test")
    assert ([entry.seq for entry in rest.entries], rest.before) == ([2, 1, 0], None)


def test_auditors_find_what_they_may_read_and_nobody_else_finds_anything(room: Services) -> None:
    shop, secret, both = asked(room, "x"), asked(room, "x", library="secret"), asked(room, "x", library="")
    assert found(room, AUDITOR, words=("x",)) == [shop]
    assert found(room, EVERYWHERE, words=("x",), kinds=("retrieval",)) == [both, secret, shop]
    with pytest.raises(NotAllowed, match="takes the role auditor"):
        found(room, Actor("rae", frozenset({"reader"}), libraries=frozenset({"*"})))


def test_looking_is_recorded_before_it_shows_anything_and_is_found_when_asked_for(room: Services) -> None:
    one = asked(room, "a secret")
    assert found(room, words=("secret",)) == [one]
    event = room.ledger.events(LOCAL_OWNER, limit=1)[0]
    assert (event.kind, event.actor, event.body["action"]) == ("audit", "ada", "find")
    assert (event.body["wanted"], event.body["found"]) == ({"words": ["secret"]}, [one])
    assert found(room) == [one]
    assert found(room, EVERYWHERE, kinds=("audit",)) == [event.seq + 1, event.seq]


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"verdicts": ("nice",)}, "'nice' is none of"),
        ({"visual": "abc"}, "first 8 digits"),
        ({"below": 3.0}, "between 0 and 1"),
        ({"since": NOON, "until": NOON}, "must lie before"),
    ],
)
def test_what_means_nothing_is_refused(room: Services, wanted: Any, complaint: str) -> None:
    with pytest.raises(BadQuery, match=complaint):
        found(room, **wanted)


def test_catching_up_twice_changes_nothing_and_new_rules_are_told_anew(room: Services) -> None:
    asked(room, "one", RED)
    assert catch_up(room) == catch_up(room) == 0
    assert room.audit_index.entries([0])[0].visuals[0].visual == RED
    last, rules = room.audit_index.progress()
    room.audit_index.add(Batch(()), after=last, upto=last, rules="others")
    assert (catch_up(room), room.audit_index.progress()) == (0, (0, rules))


def test_several_processes_that_catch_up_at_once_read_everything_once(room: Services) -> None:
    for number in range(40):
        asked(room, f"question {number}", RED)
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(lambda _: catch_up(room), range(4))) == {39}
    assert len(room.audit_index.entries(range(50))) == 40


def test_a_batch_that_another_was_quicker_with_changes_nothing(room: Services) -> None:
    late = Batch([Entry(9, NOON, "retrieval", "late", "shop")])
    asked(room, "one")
    catch_up(room)
    assert room.audit_index.add(late, after=-1, upto=9, rules="") is False
    assert room.audit_index.entries([9]) == {}


def test_an_erased_person_is_found_no_more(room: Services) -> None:
    asked(room, "my illness", RED)
    other = asked(room, "my illness", actor="bob")
    catch_up(room)
    room.audit_index.forget(actor="ann")
    assert found(room, person="ann") == []
    assert found(room, words=("illness",)) == [other]
    assert found(room, visual=RED) == [0]


def test_an_erased_asset_takes_what_was_said_of_it_along(room: Services) -> None:
    beach = asked(room, "a red dress", RED)
    answered(room, beach, "Anna in a red dress [1].", citations=[{"visual": RED, "content": RED[:8] * 8}])
    night = asked(room, "a red dress at night", BLUE)
    catch_up(room)
    room.audit_index.forget(asset=RED[:8] * 8)
    assert found(room, visual=RED) == []
    assert found(room, words=("red",)) == [night]


def test_what_the_ledger_forgot_after_its_time_is_forgotten_when_that_is_read(room: Services) -> None:
    asked(room, "my illness", RED)
    elsewhere = asked(room, "my illness", RED, library="other")
    catch_up(room)
    room.ledger.append(Draft("retention", "picturedesk", "shop", {"days": 183, "months": ["2026-05"]}))
    assert found(room, EVERYWHERE, words=("illness",)) == [elsewhere]
    assert found(room, EVERYWHERE, visual=RED) == [elsewhere]
    assert 0 in found(room)  # that there was an event stays known


def test_erased_parts_of_events_leave_the_rest_findable(room: Services) -> None:
    seq = asked(room, "a red dress", RED, BLUE)
    room.ledger.erase(LOCAL_OWNER, [f"asset:{RED[:8] * 8}"], {})
    assert [one.visual for one in find(room, AUDITOR, Wanted(), door="test").entries[-1].visuals] == [BLUE]
    room.ledger.erase(LOCAL_OWNER, ["actor:ann"], {})
    room.audit_index.clear()
    assert found(room, words=("dress",)) == []
    assert seq in found(room)
