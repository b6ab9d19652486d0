"""What the ledger has of jobs, over SQLite and PostgreSQL: each is begun once and ends once, whoever looks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import cast

import pytest
from sqlalchemy import Engine

from rag.audit.ingesting import KIND, done_draft, open_job, step_draft, tell_ended
from rag.audit.keys import LedgerKeys
from rag.audit.ledger import SqlLedger
from rag.library.catalog import TAKEN_FOR, SqlCatalog
from rag.model import LOCAL_OWNER, Actor, Asset, AssetState, Json, Outcome
from rag.ports import Acceptance, Services
from tests.contract.assets import Clock, indexed, some_asset

EDITOR = Actor("eve", frozenset({"editor"}), libraries=frozenset({"shop"}))
BAD = Acceptance("notes.txt", reason="it is no picture, film or PDF")


@dataclass
class Room:
    """The two parts that a job is recorded with."""

    catalog: SqlCatalog
    ledger: SqlLedger


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(engine: Engine, keys: LedgerKeys, clock: Clock) -> Iterator[Services]:
    room = Room(SqlCatalog(engine, clock), SqlLedger(engine, keys, clock))
    yield cast("Services", room)
    room.ledger.close()
    room.catalog.close()


def hand_in(room: Services, *assets: Asset, job: str = "job") -> None:
    open_job(room, EDITOR, "shop", job, source="folder", door="cli")
    room.catalog.accept(job, [*(Acceptance(asset.name, asset) for asset in assets), BAD])
    room.catalog.finish_job(job)


def told(room: Services) -> list[Json]:
    """What was recorded of jobs, in order, each with its number and who it was."""
    events = reversed(room.ledger.events(LOCAL_OWNER, kind=KIND))
    return [{**event.body, "seq": event.seq, "who": event.actor} for event in events]


def test_a_job_is_recorded_when_it_begins_and_when_its_last_file_has_its_end(room: Services) -> None:
    one, two = some_asset("a.jpg"), some_asset("b.jpg")
    hand_in(room, one, two)
    open_job(room, EDITOR, "shop", "job", source="folder", door="cli")  # whoever resumes it begins nothing
    room.catalog.conclude([indexed(one)])
    tell_ended(room)
    assert [event["phase"] for event in told(room)] == ["begun"]
    room.catalog.conclude([indexed(two)])
    tell_ended(room)
    begun, done = told(room)
    assert (begun["who"], begun["door"], begun["source"], begun["job"]) == ("eve", "cli", "folder", "job")
    assert begun["actor"]["roles"] == ["editor"]
    assert (done["who"], done["door"], done["begun"], done["again"]) == ("eve", "cli", begun["seq"], False)
    assert done["counts"] == {"files": 3, "indexed": 2, "skipped": 1, "known": 0, "new": 2}
    assert done["refused"] == [{"reason": "it is no picture, film or PDF", "files": 1}]
    assert done["assets"] == sorted([one.id, two.id])
    assert "a.jpg" not in str(told(room))


def test_whoever_looks_at_the_same_time_the_end_is_recorded_once(room: Services) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(4)]
    for asset in assets:
        hand_in(room, asset, job=asset.name)
    room.catalog.conclude([indexed(asset) for asset in assets])
    with ThreadPoolExecutor(4) as looking:
        list(looking.map(lambda _: tell_ended(room), range(8)))
    assert sorted(event["job"] for event in told(room) if event["phase"] == "done") == [one.name for one in assets]


def test_whoever_dies_before_it_is_recorded_or_before_that_is_noted_loses_and_doubles_nothing(
    room: Services, clock: Clock
) -> None:
    hand_in(room)
    for recorded in (False, True):
        (ended,) = room.catalog.take_ended_jobs(everywhere=False)
        if recorded:
            room.ledger.append(done_draft(room, ended))
        tell_ended(room)
        assert [event["phase"] for event in told(room)] == ["begun", "done"][: 1 + recorded]
        clock.forward(2 * TAKEN_FOR.total_seconds())
    tell_ended(room)
    clock.forward(2 * TAKEN_FOR.total_seconds())
    tell_ended(room, everywhere=True)
    assert [event["phase"] for event in told(room)] == ["begun", "done"]
    assert room.catalog.take_ended_jobs(everywhere=True) == []


def test_what_is_tried_again_has_another_end_also_where_the_first_is_just_being_recorded(room: Services) -> None:
    asset = some_asset("a.jpg")
    hand_in(room, asset)
    room.catalog.conclude([Outcome(asset.ref, AssetState.QUARANTINED, reason="it cannot be decoded")])
    (ended,) = room.catalog.take_ended_jobs(everywhere=False)
    event = room.ledger.append(step_draft(EDITOR, "cli", "shop", "retried", job="job")).seq
    assert room.catalog.retry_job(EDITOR, "job", event=event) == [asset.ref]
    room.catalog.tell_job("job", begun=ended.begun, done=room.ledger.append(done_draft(room, ended)).seq)
    room.catalog.conclude([indexed(asset)])
    tell_ended(room)
    first, last = (one for one in told(room) if one["phase"] == "done")
    assert (first["again"], first["refused"][0]["reason"]) == (False, "it cannot be decoded")
    assert (last["again"], last["begun"], last["counts"]["indexed"]) == (True, event, 1)


def test_what_waits_elsewhere_in_the_library_hides_an_end_only_until_somebody_looks_everywhere(room: Services) -> None:
    done, waiting = some_asset("a.jpg"), some_asset("b.jpg")
    hand_in(room, done)
    hand_in(room, waiting, job="other")
    room.catalog.conclude([indexed(done)])
    tell_ended(room)
    assert [event["phase"] for event in told(room)] == ["begun", "begun"]
    tell_ended(room, everywhere=True)
    assert [(event["phase"], event["job"]) for event in told(room)][2:] == [("done", "job")]
