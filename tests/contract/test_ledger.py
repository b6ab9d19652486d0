"""What the ledger promises, over SQLite and PostgreSQL."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from rag.audit.keys import LedgerKeys
from rag.audit.leaf import FIRST_PREVIOUS, Leaf, early_content, leaf_bytes
from rag.audit.ledger import SqlLedger
from rag.audit.tables import events
from rag.audit.verifier import content_hash
from rag.errors import LedgerUnavailable, NotAllowed, NotFound, Rejected
from rag.model import LOCAL_OWNER, Actor, Event
from tests.contract.events import AUDITOR, draft, drop_triggers
from tests.services.postgres import PostgresServer

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

APPENDER = """
import sys
from pathlib import Path
from rag.audit.keys import open_keys
from rag.audit.ledger import SqlLedger
from rag.library.database import open_database
from rag.ports import Draft
url, name, count, keys = sys.argv[1:]
ledger = SqlLedger(open_database(url), open_keys(Path(keys), make=False))
for number in range(int(count)):
    event = ledger.append(Draft("retrieval", name, "shop", {"n": number, "text": "x" * 2_000}))
    print(event.seq, flush=True)
"""


# Appending


def test_an_event_reads_back_as_append_returned_it(ledger: SqlLedger) -> None:
    body = {"query": 'ß 👗 \0 \u2028 "\\', "scores": (0.1, 1e-7, 1e21, -0.0, 5, 2**53), "none": None, "yes": True}
    event = ledger.append(draft(body=body))
    assert ledger.event(AUDITOR, 0) == event
    assert event.body == {**body, "scores": [0.1, 1e-7, 1e21, 0, 5, 2**53]}
    assert ledger.first_fault() is None


def test_events_are_numbered_from_nought_and_each_names_the_one_before(ledger: SqlLedger) -> None:
    written = [ledger.append(draft(str(number))) for number in range(5)]
    assert [event.seq for event in written] == [0, 1, 2, 3, 4]
    assert [event.previous for event in written] == [FIRST_PREVIOUS, *(event.hash for event in written[:-1])]


def test_anyone_can_work_the_hash_out_again(ledger: SqlLedger) -> None:
    event = ledger.append(draft())
    assert event.hash == sha256(b"\x00" + leaf_bytes(event)).hexdigest()


def test_the_same_event_twice_commits_to_it_differently(ledger: SqlLedger, engine: Engine) -> None:
    ledger.append(draft())
    ledger.append(draft())
    with engine.connect() as connection:
        assert len(set(connection.execute(select(events.c.commitment)).scalars())) == 2


@pytest.mark.parametrize("body", [{"score": float("nan")}, {"image": b"bytes"}, {"id": 2**53 + 1}, {1: "key"}])
def test_a_body_that_is_no_json_is_refused_and_leaves_no_gap(ledger: SqlLedger, body: dict[Any, Any]) -> None:
    with pytest.raises(Rejected, match="this retrieval event cannot be recorded"):
        ledger.append(draft(body=body))
    assert ledger.append(draft()).seq == 0


def test_hostile_names_survive_and_what_no_text_can_hold_is_replaced(ledger: SqlLedger) -> None:
    event = ledger.append(draft("\udcff.jpg", actor="nul\0\n'; --", library="照片"))
    assert (event.body, event.actor, event.library) == ({"query": "\ufffd.jpg"}, "nul\ufffd\n'; --", "照片")
    assert ledger.event(AUDITOR, 0) == event
    assert ledger.first_fault() is None


def test_times_are_of_the_clock_and_in_utc(engine: Engine, keys: LedgerKeys) -> None:
    event = SqlLedger(engine, keys, clock=lambda: NOON).append(draft())
    assert event.at == NOON
    assert event.at.utcoffset() == timedelta(0)


def test_time_does_not_run_backwards_when_clocks_differ_a_little(engine: Engine, keys: LedgerKeys) -> None:
    times = iter([NOON, NOON - timedelta(seconds=2), NOON + timedelta(seconds=1)])
    ledger = SqlLedger(engine, keys, clock=lambda: next(times))
    assert [ledger.append(draft()).at for _ in range(3)] == [NOON, NOON, NOON + timedelta(seconds=1)]


def test_one_clock_that_ran_ahead_does_not_date_all_that_follows(engine: Engine, keys: LedgerKeys) -> None:
    times = iter([NOON + timedelta(days=365), NOON])
    ledger = SqlLedger(engine, keys, clock=lambda: next(times))
    assert [ledger.append(draft()).at for _ in range(2)] == [NOON + timedelta(days=365), NOON]
    assert ledger.first_fault() is None


# At once


def assert_unbroken(ledger: SqlLedger, count: int) -> list[Event]:
    assert ledger.first_fault() is None
    found = ledger.events(AUDITOR, limit=count + 1)
    assert [event.seq for event in found] == [*range(count)][::-1]
    return found


def test_twenty_threads_fork_nothing_and_skip_nothing(ledger: SqlLedger) -> None:
    with ThreadPoolExecutor(20) as pool:
        returned = list(pool.map(lambda number: ledger.append(draft(str(number))), range(200)))
    assert assert_unbroken(ledger, 200) == sorted(returned, key=lambda event: -event.seq)


def test_twenty_ledgers_of_one_database_fork_nothing(engine: Engine, keys: LedgerKeys) -> None:
    ledgers = [SqlLedger(engine, keys) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda number: ledgers[number % 20].append(draft(str(number))), range(100)))
    assert_unbroken(ledgers[0], 100)


def appender(url: str, name: str, count: int, keys: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", APPENDER, url, name, str(count), str(keys)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_fork_nothing_and_one_killed_in_mid_append_tears_nothing(
    ledger: SqlLedger, database_url: str, key_file: Path
) -> None:
    doomed, steady = (
        appender(database_url, name, count, key_file) for name, count in (("killed", 1_000_000), ("steady", 60))
    )
    with doomed, steady:
        assert doomed.stdout is not None
        acknowledged = [int(line) for line in itertools.islice(doomed.stdout, 60)]
        doomed.kill()
        acknowledged += [int(line) for line in doomed.stdout]
        assert steady.wait() == 0
    last = ledger.append(draft("after"))
    found = assert_unbroken(ledger, last.seq + 1)
    by_actor = {name: {event.seq for event in found if event.actor == name} for name in ("killed", "steady")}
    assert by_actor["killed"] >= set(acknowledged)
    assert len(by_actor["steady"]) == 60


# Reading


def test_the_newest_come_first_and_in_pages(ledger: SqlLedger) -> None:
    for number in range(5):
        ledger.append(draft(str(number)))
    assert [event.seq for event in ledger.events(AUDITOR, limit=2)] == [4, 3]
    assert [event.seq for event in ledger.events(AUDITOR, limit=2, before=3)] == [2, 1]
    assert ledger.events(AUDITOR, before=0) == []


def test_events_are_found_by_kind_library_and_time(engine: Engine, keys: LedgerKeys) -> None:
    times = iter(NOON + timedelta(minutes=number) for number in range(3))
    ledger = SqlLedger(engine, keys, clock=lambda: next(times))
    for kind, library in (("retrieval", "shop"), ("answer", "shop"), ("retrieval", "museum")):
        ledger.append(draft(kind=kind, library=library))
    assert [event.seq for event in ledger.events(AUDITOR, kind="retrieval")] == [2, 0]
    assert [event.seq for event in ledger.events(AUDITOR, library="shop")] == [1, 0]
    assert [event.seq for event in ledger.events(AUDITOR, since=NOON + timedelta(minutes=1))] == [2, 1]


def test_only_owners_and_auditors_read_the_ledger(ledger: SqlLedger) -> None:
    ledger.append(draft())
    editor = Actor("eve", frozenset({"editor", "reader"}), libraries=frozenset({"*"}))
    for look in (lambda: ledger.events(editor), lambda: ledger.event(editor, 0)):
        with pytest.raises(NotAllowed, match="auditor"):
            look()
    assert ledger.events(LOCAL_OWNER) == ledger.events(AUDITOR) == [ledger.event(LOCAL_OWNER, 0)]


def test_an_auditor_of_one_library_sees_the_events_of_no_other(ledger: SqlLedger) -> None:
    for library in ("shop", "museum", ""):
        ledger.append(draft(library=library))
    auditor = Actor("al", frozenset({"auditor"}), libraries=frozenset({"museum"}))
    assert [event.seq for event in ledger.events(auditor)] == [1]
    assert ledger.events(auditor, library="shop") == []
    with pytest.raises(NotFound):
        ledger.event(auditor, 0)


def test_an_unknown_event_is_not_found(ledger: SqlLedger) -> None:
    with pytest.raises(NotFound, match="no event 7"):
        ledger.event(AUDITOR, 7)


def test_who_caused_an_event_may_read_it_back_and_nobody_else(ledger: SqlLedger) -> None:
    for actor in ("ann", "bob"):
        ledger.append(draft(actor=actor))
    ann = Actor("ann", frozenset({"reader"}))
    assert ledger.own(ann, 0) == ledger.event(AUDITOR, 0)
    for seq in (1, 7):
        with pytest.raises(NotFound, match=f"no event {seq} of yours"):
            ledger.own(ann, seq)


# Tampering


@pytest.fixture
def tampering(ledger: SqlLedger, engine: Engine) -> Iterator[Connection]:
    """A transaction over six events, with the triggers off: what tampering takes."""
    for number in range(6):
        ledger.append(draft(str(number)))
    with engine.begin() as connection:
        drop_triggers(connection)
        yield connection


def test_an_empty_ledger_holds(ledger: SqlLedger) -> None:
    assert ledger.first_fault() is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("payload", '{"query":"a blue dress"}'),
        ("payload", "{torn"),
        ("actor", "bob"),
        ("salt", "00" * 16),
        ("salt", "no hex"),
        ("sealed", None),
        ("sealed", b""),
        ("sealed", b"\x01torn"),
        ("v", 1),
        ("commitment", "00" * 32),
        ("kind", "answer"),
        ("library", "museum"),
        ("at", NOON),
        ("hash", "00" * 32),
        ("previous", "00" * 31 + "11"),
    ],
)
def test_an_edited_event_is_named(ledger: SqlLedger, tampering: Connection, column: str, value: object) -> None:
    tampering.execute(update(events).where(events.c.seq == 3).values({column: value}))
    tampering.commit()
    assert str(ledger.first_fault()).startswith("event 3 was changed")
    assert len(ledger.events(AUDITOR)) == 6


@pytest.mark.parametrize("seq", [0, 3])
def test_a_deleted_event_is_named(ledger: SqlLedger, tampering: Connection, seq: int) -> None:
    tampering.execute(delete(events).where(events.c.seq == seq))
    tampering.commit()
    assert ledger.first_fault() == f"event {seq} is missing: the next one kept is event {seq + 1}"


def test_closing_the_gap_does_not_hide_a_deletion(ledger: SqlLedger, tampering: Connection) -> None:
    tampering.execute(delete(events).where(events.c.seq == 3))
    for seq in (4, 5):
        tampering.execute(update(events).where(events.c.seq == seq).values(seq=seq - 1))
    tampering.commit()
    assert str(ledger.first_fault()).startswith("event 3 was changed: its number")


def test_events_that_changed_places_are_named(ledger: SqlLedger, tampering: Connection) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        tampering.execute(update(events).where(events.c.seq == old).values(seq=new))
    tampering.commit()
    assert str(ledger.first_fault()).startswith("event 2 was changed: its number")


def test_an_event_put_in_between_is_named(ledger: SqlLedger, tampering: Connection) -> None:
    for seq in (5, 4, 3):
        tampering.execute(update(events).where(events.c.seq == seq).values(seq=seq + 1))
    tampering.execute(insert(events), forged(tampering, 3, previous="1" * 64))
    tampering.commit()
    assert str(ledger.first_fault()).startswith("event 3 does not follow the event before it")


def test_the_database_refuses_a_fork_even_without_triggers(tampering: Connection) -> None:
    with pytest.raises(IntegrityError):
        tampering.execute(insert(events), {**forged(tampering, 3), "seq": 6})
    tampering.rollback()


def test_an_event_written_anew_with_a_right_hash_breaks_the_link_after_it(
    ledger: SqlLedger, tampering: Connection
) -> None:
    row = forged(tampering, 3)
    tampering.execute(delete(events).where(events.c.seq == 3))
    tampering.execute(insert(events), row)
    tampering.commit()
    assert str(ledger.first_fault()).startswith("event 4 does not follow the event before it")


def forged(connection: Connection, seq: int, *, previous: str = "") -> dict[str, Any]:
    """An event that is right in itself and, unless `previous` says otherwise, follows event `seq - 1`."""
    previous = previous or connection.execute(select(events.c.hash).where(events.c.seq == seq - 1)).scalar_one()
    salt, payload = "ab" * 16, '{"query":"forged"}'
    sealed = content_hash(bytes.fromhex(salt), early_content("ann", payload).encode()).hex()
    leaf = Leaf(seq, NOON, "retrieval", "shop", sealed, previous, 1)
    return {
        "seq": seq,
        "at": leaf.at,
        "kind": leaf.kind,
        "actor": "ann",
        "library": leaf.library,
        "payload": payload,
        "salt": salt,
        "commitment": leaf.commitment,
        "previous": previous,
        "hash": leaf.hash,
        "v": 1,
    }


@pytest.mark.parametrize(
    "change",
    [
        update(events).values(payload="{}"),
        delete(events).where(events.c.seq == 0),
        text(
            "INSERT INTO events "
            "SELECT 7, at, kind, actor, library, payload, salt, commitment, 'x', 'y', 2, NULL FROM events"
        ),
    ],
    ids=["update", "delete", "insert out of order"],
)
def test_the_database_itself_refuses_to_change_the_ledger(ledger: SqlLedger, engine: Engine, change: Any) -> None:
    ledger.append(draft())
    with pytest.raises(DatabaseError, match="the ledger is append-only"), engine.begin() as connection:
        connection.execute(change)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar() == 1


# When the database is gone


def test_a_ledger_that_cannot_be_written_says_so_in_one_line(
    ledger: SqlLedger, engine: Engine, request: pytest.FixtureRequest
) -> None:
    engine.dispose()
    if engine.dialect.name == "sqlite":
        with open(str(engine.url.database), "wb") as file:
            file.write(b"no database at all" * 1_000)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.drop_database(str(engine.url.database))
    assert_unavailable(lambda: ledger.append(draft()))


def test_a_ledger_without_its_table_is_unavailable(ledger: SqlLedger, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE events"))
    assert_unavailable(lambda: ledger.append(draft()))


def assert_unavailable(call: Callable[[], object]) -> None:
    with pytest.raises(LedgerUnavailable) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is not None
