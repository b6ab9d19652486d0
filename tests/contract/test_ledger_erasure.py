"""What is erased cannot be read by anybody, everything else can, and every proof still holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text, update

from rag.audit.early import seal_early
from rag.audit.keys import LedgerKeys
from rag.audit.leaf import FIRST_PREVIOUS, Leaf, early_content
from rag.audit.ledger import SqlLedger
from rag.audit.publishing import Schedule
from rag.audit.subjects import SubjectKeys
from rag.audit.tables import events, subjects
from rag.audit.verifier import check_bundle, content_hash
from rag.errors import BadQuery, BadSettings, NotAllowed, NotFound
from rag.model import LOCAL_OWNER, Actor
from rag.ports import Draft, Hold
from tests.contract.events import AUDITOR, draft, drop_triggers

ONE, TWO = "1" * 64, "2" * 64
JANUARY = datetime(2026, 1, 15, 12, tzinfo=UTC)


def found(actor: str, *assets: str) -> Draft:
    evidence = [
        {"number": number, "content": asset, "caption": f"caption {number}"} for number, asset in enumerate(assets)
    ]
    return draft(actor=actor, body={"door": "http", "query": {"text": f"of {actor}"}, "evidence": evidence})


@pytest.fixture
def recorded(ledger: SqlLedger) -> SqlLedger:
    for one in (found("ann", ONE, TWO), found("bob", TWO), found("ann", ONE)):
        ledger.append(one)
    return ledger


def test_an_erased_person_is_unreadable_for_ever_and_proofs_still_hold(
    recorded: SqlLedger, engine: Engine, keys: LedgerKeys
) -> None:
    before, outside = [recorded.proof(AUDITOR, seq) for seq in range(3)], recorded.checkpoint(AUDITOR)
    event = recorded.erase(LOCAL_OWNER, ["actor:ann"], {"door": "cli", "of": "person"})
    assert (event.kind, event.seq) == ("erasure", 3)
    for ledger in (recorded, SqlLedger(engine, keys)):
        first, second = ledger.event(AUDITOR, 0), ledger.event(AUDITOR, 1)
        assert (first.actor, first.erased_at) == ("erased", event.at)
        assert first.body["query"] == {"erased": event.at.isoformat(timespec="microseconds").replace("+00:00", "Z")}
        assert [one["content"] for one in first.body["evidence"]] == [ONE, TWO]
        assert (second.actor, second.erased_at) == ("bob", None)
        assert ledger.verify(outside=outside).fault is None
        assert [ledger.proof(AUDITOR, seq).leaf for seq in range(3)] == [proof.leaf for proof in before]
    assert "ann" not in str(recorded.event(AUDITOR, 3))


def test_an_erased_asset_takes_its_entries_only(recorded: SqlLedger) -> None:
    event = recorded.erase(LOCAL_OWNER, [f"asset:{ONE}"], {"door": "cli"})
    first = recorded.event(AUDITOR, 0)
    assert first.actor == "ann"
    assert first.body["query"] == {"text": "of ann"}
    assert first.entries("evidence") == [{"number": 1, "content": TWO, "caption": "caption 1"}]
    assert recorded.event(AUDITOR, 1).erased_at is None
    assert recorded.event(AUDITOR, 2).erased_at == event.at
    assert recorded.verify().erased == 2


def test_nothing_of_the_erased_is_left_in_the_database(recorded: SqlLedger, engine: Engine) -> None:
    recorded.erase(LOCAL_OWNER, ["actor:ann"], {})
    with engine.connect() as connection:
        rows = connection.execute(select(subjects).where(subjects.c.erased_at.is_not(None))).mappings().all()
        assert [(row["name"], row["key"], row["erased_by"]) for row in rows] == [(None, None, 3)]
        everything = str([connection.execute(select(table)).all() for table in (events, subjects)])
    assert "ann" not in everything


def test_no_trace_of_a_key_is_left_in_the_files_of_sqlite(recorded: SqlLedger, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's files are its own; its backups and its log are the operator's")
    with engine.connect() as connection:
        key = connection.execute(select(subjects.c.key).where(subjects.c.name == "actor:ann")).scalar_one()
    files = [Path(f"{engine.url.database}{end}") for end in ("", "-wal")]
    assert any(key in file.read_bytes() for file in files if file.exists())
    recorded.erase(LOCAL_OWNER, ["actor:ann"], {})
    assert not any(key in file.read_bytes() for file in files if file.exists())


def test_whoever_comes_back_after_an_erasure_begins_anew(recorded: SqlLedger, engine: Engine, keys: LedgerKeys) -> None:
    """Also in a process that still held the old key."""
    other = SqlLedger(engine, keys)
    other.append(found("ann", ONE))
    recorded.erase(LOCAL_OWNER, ["actor:ann"], {})
    event = other.append(found("ann", ONE))
    ann = Actor("ann", frozenset({"reader"}))
    assert recorded.event(AUDITOR, event.seq) == event == recorded.own(ann, event.seq)
    with pytest.raises(NotFound):
        recorded.own(ann, 0)
    assert recorded.event(AUDITOR, 3).actor == "erased"


def test_only_the_owner_erases(recorded: SqlLedger) -> None:
    steps: list[Callable[[], object]] = [
        lambda: recorded.erase(AUDITOR, ["actor:ann"], {}),
        lambda: recorded.hold(AUDITOR, Hold("case", "shop"), {}),
        lambda: recorded.lift(AUDITOR, "case", {}),
        lambda: recorded.keep(AUDITOR, "shop", 365, {}),
    ]
    for step in steps:
        with pytest.raises(NotAllowed, match="role owner"):
            step()
    assert recorded.state().events == 3


def test_erasing_somebody_unknown_is_recorded_and_destroys_nothing(recorded: SqlLedger) -> None:
    assert recorded.erase(LOCAL_OWNER, ["actor:zoe"], {}).body["subjects"] == []
    assert recorded.verify().erased == 0


def test_a_key_that_went_without_a_record_is_named(recorded: SqlLedger, engine: Engine) -> None:
    def forget(connection: Connection) -> None:
        connection.execute(update(subjects).where(subjects.c.name == "actor:ann").values(key=None))

    with engine.begin() as connection:
        forget(connection)
    fresh = SqlLedger(engine, recorded._keys)
    assert fresh.first_fault() == "event 0 cannot be read: a key is gone, and no erasure is recorded"


def test_the_wrong_master_key_is_told(recorded: SqlLedger, engine: Engine) -> None:
    with pytest.raises(BadSettings, match="PICTUREDESK_LEDGER_KEY"):
        SqlLedger(engine, LedgerKeys.new()).append(draft(actor="ann"))


def test_a_bundle_shows_what_was_erased_as_such(recorded: SqlLedger, tmp_path: Path) -> None:
    recorded.erase(LOCAL_OWNER, [f"asset:{ONE}"], {})
    recorded.export(AUDITOR, tmp_path / "b.zip", range(4))
    report = check_bundle(tmp_path / "b.zip")
    assert (report.events, report.erased) == (4, 2)


# Holds


@pytest.mark.parametrize("hold", [Hold("case", "shop"), Hold("case", first=0, last=1)])
def test_a_legal_hold_keeps_what_it_names_until_it_is_lifted(recorded: SqlLedger, hold: Hold) -> None:
    recorded.hold(LOCAL_OWNER, hold, {"door": "cli"})
    assert recorded.holds() == [hold]
    with pytest.raises(NotAllowed, match="legal hold 'case'"):
        recorded.erase(LOCAL_OWNER, ["actor:bob"], {})
    recorded.lift(LOCAL_OWNER, "case", {})
    recorded.erase(LOCAL_OWNER, ["actor:bob"], {})
    assert recorded.event(AUDITOR, 1).actor == "erased"
    kinds = [event.kind for event in recorded.events(AUDITOR, limit=3)]
    assert kinds == ["erasure", "legal-hold", "legal-hold"]


def test_a_hold_on_other_events_is_in_nobodys_way(recorded: SqlLedger) -> None:
    recorded.hold(LOCAL_OWNER, Hold("museum", "museum"), {})
    recorded.hold(LOCAL_OWNER, Hold("case", first=0, last=0), {})
    recorded.erase(LOCAL_OWNER, ["actor:bob"], {})
    with pytest.raises(BadQuery, match="already"):
        recorded.hold(LOCAL_OWNER, Hold("case", "shop"), {})
    with pytest.raises(NotFound):
        recorded.lift(LOCAL_OWNER, "unknown", {})


# Retention


def test_what_was_kept_long_enough_is_forgotten_month_by_month(engine: Engine, keys: LedgerKeys) -> None:
    now = [JANUARY]
    ledger = SqlLedger(engine, keys, clock=lambda: now[0], schedule=Schedule())
    for library in ("shop", "museum"):
        ledger.append(draft("january", library=library))
    now[0] = JANUARY + timedelta(days=31)
    ledger.append(draft("february"))
    ledger.keep(LOCAL_OWNER, "shop", 200, {})
    for days, readable in ((210, True), (217, False)):
        now[0] = JANUARY + timedelta(days=days)
        ledger.tend()
        ledger.tend()
        assert ("query" in ledger.event(AUDITOR, 0).body) == readable
    assert ledger.event(AUDITOR, 1).body == {"query": "january"}
    assert ledger.event(AUDITOR, 2).body == {"query": "february"}
    newest = ledger.events(AUDITOR, kind="retention")[0]
    assert (newest.body["months"], ledger.state().events) == (["2026-01"], 5)
    assert ledger.first_fault() is None


def test_a_hold_is_in_the_way_of_retention(engine: Engine, keys: LedgerKeys) -> None:
    now = [JANUARY]
    ledger = SqlLedger(engine, keys, clock=lambda: now[0], schedule=Schedule())
    ledger.append(draft())
    ledger.keep(LOCAL_OWNER, "shop", 200, {})
    ledger.hold(LOCAL_OWNER, Hold("case", first=0, last=0), {})
    now[0] += timedelta(days=400)
    ledger.tend()
    assert ledger.event(AUDITOR, 0).erased_at is None
    ledger.lift(LOCAL_OWNER, "case", {})
    ledger.tend()
    assert ledger.event(AUDITOR, 0).erased_at is not None


def test_nothing_is_kept_for_less_than_the_installation_says(engine: Engine, keys: LedgerKeys) -> None:
    ledger = SqlLedger(engine, keys, schedule=Schedule(fewest_days=200))
    with pytest.raises(BadQuery, match="at least 200 days"):
        ledger.keep(LOCAL_OWNER, "shop", 199, {})
    ledger.keep(LOCAL_OWNER, "shop", 200, {})
    assert ledger.kept_days() == {"shop": 200}
    ledger.keep(LOCAL_OWNER, "shop", None, {})
    assert ledger.kept_days() == {}


# Access


def test_reading_is_recorded_once_in_a_while(engine: Engine, keys: LedgerKeys) -> None:
    now = [JANUARY]
    ledger = SqlLedger(engine, keys, clock=lambda: now[0])
    for minutes, what in ((0, "a"), (1, "a"), (2, "b"), (9, "a"), (11, "a")):
        now[0] = JANUARY + timedelta(minutes=minutes)
        ledger.accessed(AUDITOR, "http", {"read": what})
    read = [event.body["read"]["read"] for event in ledger.events(AUDITOR, kind="ledger-access")]
    assert read == ["a", "b", "a"]


# From before there were keys


def early_rows(count: int) -> list[dict[str, Any]]:
    """Events as version 1 wrote them, in the clear."""
    rows: list[dict[str, Any]] = []
    previous = FIRST_PREVIOUS
    for seq in range(count):
        salt, payload = f"{seq:032x}", f'{{"evidence":[{{"content":"{ONE}"}}],"query":"early {seq}"}}'
        sealed = content_hash(bytes.fromhex(salt), early_content("ann", payload).encode()).hex()
        leaf = Leaf(seq, JANUARY, "retrieval", "shop", sealed, previous, 1)
        row = {"seq": seq, "at": JANUARY, "kind": "retrieval", "actor": "ann", "library": "shop", "payload": payload}
        rows.append({**row, "salt": salt, "commitment": sealed, "previous": previous, "hash": leaf.hash, "v": 1})
        previous = leaf.hash
    return rows


@pytest.fixture
def early(engine: Engine, keys: LedgerKeys) -> SqlLedger:
    with engine.begin() as connection:
        for row in early_rows(300):
            connection.execute(events.insert(), row)
    return SqlLedger(engine, keys)


def test_early_events_get_their_place_in_the_tree_and_their_keys(
    early: SqlLedger, engine: Engine, keys: LedgerKeys
) -> None:
    assert early.first_fault() is None or "tile" in str(early.first_fault())
    before = early.event(AUDITOR, 7)
    assert seal_early(engine, SubjectKeys(keys.master)) == 300
    assert seal_early(engine, SubjectKeys(keys.master)) == 0
    assert early.event(AUDITOR, 7) == before
    assert early.own(Actor("ann", frozenset({"reader"})), 7) == before
    early.append(draft("later"))
    assert early.proof(AUDITOR, 7).size == 301
    assert early.first_fault() is None
    with engine.connect() as connection:
        assert "early 7" not in str(connection.execute(select(events)).all())
    early.erase(LOCAL_OWNER, [f"asset:{ONE}"], {})
    assert early.event(AUDITOR, 7).actor == "erased"
    assert early.first_fault() is None


def test_an_early_event_that_was_changed_is_not_sealed_over(early: SqlLedger, engine: Engine, keys: LedgerKeys) -> None:
    with engine.begin() as connection:
        drop_triggers(connection)
        connection.execute(text("UPDATE events SET payload = '{}' WHERE seq = 3"))
    assert seal_early(engine, SubjectKeys(keys.master)) == 299
    assert str(early.first_fault()).startswith("event 3 was changed")


@pytest.mark.parametrize(
    "change", [{"payload": "{}"}, {"sealed": b"", "salt": None, "kind": "answer"}, {"actor": "bob"}]
)
def test_the_database_lets_nothing_but_sealing_pass(early: SqlLedger, engine: Engine, change: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
        connection.execute(update(events).where(events.c.seq == 3).values(**change))
