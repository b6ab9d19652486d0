"""What the ledger proves to somebody who trusts nobody, over SQLite and PostgreSQL; and how tampering shows."""

from __future__ import annotations

import base64
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, update

from rag.audit import verifier
from rag.audit.keys import LedgerKeys, open_keys
from rag.audit.ledger import SqlLedger
from rag.audit.proofs import as_text
from rag.audit.publishing import Schedule
from rag.audit.rotating import rotate
from rag.audit.tables import checkpoints, events, signers, tiles
from rag.audit.tiles import TileReader
from rag.audit.verifier import Checkpoint, Note, VerifierKey, check_bundle, check_consistency, check_inclusion
from rag.errors import BadQuery, LedgerUnavailable, NotAllowed, NotFound
from rag.model import LOCAL_OWNER, Actor
from tests.contract.events import AUDITOR, draft, drop_triggers
from tests.unit.audit import naive_tree

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MANY = 600  # two full tiles and a bit


def filled(ledger: SqlLedger, count: int, **fields: Any) -> None:
    """Events in a few transactions, as a busy process writes them."""
    prepared = [ledger._prepared(draft(str(number), **fields)) for number in range(count)]
    for start in range(0, count, 50):
        ledger._write(prepared[start : start + 50])


def leaves(engine: Engine) -> list[bytes]:
    with engine.connect() as connection:
        reader = connection.execute(select(events).order_by(events.c.seq)).mappings().all()
    from rag.audit.proofs import leaf_text

    return [leaf_text(row).encode() for row in reader]


# Proofs


def test_every_event_is_proven_to_a_signed_checkpoint(ledger: SqlLedger, engine: Engine, keys: LedgerKeys) -> None:
    filled(ledger, 20)
    for seq in (0, 7, 19):
        proof = ledger.proof(AUDITOR, seq)
        note = Note.read(proof.checkpoint)
        note.signer([keys.signing.public])
        assert Checkpoint.read(note.text) == Checkpoint(keys.signing.name, 20, naive_tree.mth(leaves(engine)))
        assert proof.leaf.encode() == leaves(engine)[seq]
        check_inclusion(seq, proof.size, verifier.leaf_hash(proof.leaf.encode()), proof.hashes, proof.root)


def test_the_tree_is_the_naive_one_across_tiles_and_only_grows(ledger: SqlLedger, engine: Engine) -> None:
    filled(ledger, MANY)
    everything = leaves(engine)
    with engine.connect() as connection:
        assert connection.execute(select(tiles.c.level, tiles.c.number).order_by(tiles.c.level)).all() == [
            (0, 0),
            (0, 1),
            (1, 0),
        ]
    assert ledger.proof(AUDITOR, MANY - 1).root == naive_tree.mth(everything)
    for old, new in ((1, MANY), (255, 256), (256, 257), (300, 513), (512, MANY), (MANY, MANY)):
        proof = ledger.consistency(AUDITOR, old, new)
        assert (proof.old_root, proof.new_root) == (naive_tree.mth(everything[:old]), naive_tree.mth(everything[:new]))
        check_consistency(old, new, proof.old_root, proof.new_root, proof.hashes)


def test_a_proof_as_text_says_all_that_it_takes_to_check_it(ledger: SqlLedger, keys: LedgerKeys) -> None:
    filled(ledger, 5)
    head, _, note = as_text(ledger.proof(AUDITOR, 3)).partition("\n\n")
    first, extra, index, *hashes = head.splitlines()
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 3")
    Note.read(note).signer([keys.signing.public])
    checkpoint = Checkpoint.read(note)
    leaf = base64.b64decode(extra.removeprefix("extra "))
    proof = [base64.b64decode(one) for one in hashes]
    check_inclusion(3, checkpoint.size, verifier.leaf_hash(leaf), proof, checkpoint.root)


def test_proofs_are_for_those_who_may_read_the_event(ledger: SqlLedger) -> None:
    ledger.append(draft(library="shop"))
    of_a_museum = Actor("al", frozenset({"auditor"}), libraries=frozenset({"museum"}))
    with pytest.raises(NotFound):
        ledger.proof(of_a_museum, 0)
    reader = Actor("eve", frozenset({"reader"}), libraries=frozenset({"*"}))
    for look in (
        lambda: ledger.proof(reader, 0),
        lambda: ledger.checkpoint(reader),
        lambda: ledger.consistency(reader, 1, 1),
    ):
        with pytest.raises(NotAllowed):
            look()


def test_what_is_not_there_is_said_in_words(ledger: SqlLedger) -> None:
    with pytest.raises(NotFound, match="empty"):
        ledger.checkpoint(AUDITOR)
    filled(ledger, 3)
    with pytest.raises(NotFound, match="no event 3"):
        ledger.proof(AUDITOR, 3)
    for old, new in ((0, 3), (2, 4), (3, 2)):
        with pytest.raises(BadQuery, match="3 events"):
            ledger.consistency(AUDITOR, old, new)


# Checkpoints


def test_a_checkpoint_is_made_when_one_is_due_and_not_before(engine: Engine, keys: LedgerKeys) -> None:
    now = [NOON]
    ledger = SqlLedger(engine, keys, clock=lambda: now[0], schedule=Schedule(seconds=300))
    ledger.tend()
    assert ledger.state().signed == 0
    filled(ledger, 2)
    for minutes, signed in ((0, 2), (4, 2), (6, 5)):
        now[0] = NOON + timedelta(minutes=minutes)
        ledger.tend()
        assert ledger.state().signed == signed
        filled(ledger, 3 if minutes == 0 else 0)


def test_a_checkpoint_is_made_after_so_many_events_and_published(
    engine: Engine, keys: LedgerKeys, tmp_path: Path
) -> None:
    target = tmp_path / "outside"
    ledger = SqlLedger(engine, keys, schedule=Schedule(events=10, target=str(target)))
    for number in range(10):
        ledger.append(draft(str(number)))
    ledger.close()
    (note,) = verifier.notes_of(target.read_text(encoding="utf-8"))
    assert Checkpoint.read(note).size == 10
    assert ledger.state().unpublished == 0


def test_what_cannot_be_published_is_tried_again_and_never_in_the_way(
    engine: Engine, keys: LedgerKeys, tmp_path: Path
) -> None:
    target = tmp_path / "not" / "there"
    ledger = SqlLedger(engine, keys, schedule=Schedule(events=5, target=str(target)))
    for number in range(5):
        ledger.append(draft(str(number)))
    ledger.close()
    state = ledger.state()
    assert (state.signed, state.unpublished) == (5, 1)
    assert "No such file" in state.problem
    target.parent.mkdir()
    ledger.tend()
    assert ledger.state().unpublished == 0
    assert "\n5\n" in target.read_text(encoding="utf-8")


def test_a_new_key_is_endorsed_by_the_old_one_and_all_checkpoints_stay_good(
    ledger: SqlLedger, engine: Engine, keys: LedgerKeys, key_file: Path
) -> None:
    filled(ledger, 3)
    before = ledger.checkpoint(AUDITOR)
    new = rotate(ledger, keys, key_file, LOCAL_OWNER, door="cli")
    fresh = SqlLedger(engine, open_keys(key_file, make=False))
    assert fresh.signers() == [str(keys.signing.public), new]
    assert fresh.event(AUDITOR, 3).body["key"] == new
    fresh.append(draft())
    after = fresh.checkpoint(AUDITOR)
    assert Note.read(after).signer([VerifierKey.read(new)])
    for one in (ledger, fresh):
        found = one.verify(outside=before + "\n" + after)
        assert (found.fault, found.checkpoints) == (None, 5)


def test_only_the_owner_changes_the_key(ledger: SqlLedger, keys: LedgerKeys, key_file: Path) -> None:
    with pytest.raises(NotAllowed):
        rotate(ledger, keys, key_file, AUDITOR, door="cli")
    assert open_keys(key_file, make=False) == keys


# Tampering that the chain alone does not show


@pytest.fixture
def outside(ledger: SqlLedger) -> str:
    """A checkpoint of 300 events, kept elsewhere; 20 more come after it, and are signed for as well."""
    filled(ledger, 300)
    kept = ledger.checkpoint(AUDITOR)
    filled(ledger, 20)
    ledger.checkpoint(AUDITOR)
    return kept


def tamper(engine: Engine, change: Callable[[Connection], object]) -> None:
    with engine.begin() as connection:
        drop_triggers(connection)
        change(connection)


def cut_off(connection: Connection, size: int) -> None:
    """Everything from event `size` on, with all traces."""
    connection.execute(delete(events).where(events.c.seq >= size))
    connection.execute(delete(checkpoints).where(checkpoints.c.size > size))
    connection.execute(delete(tiles).where(tiles.c.level == 0, tiles.c.number >= size // 256))
    connection.execute(delete(tiles).where(tiles.c.level == 1))


def test_an_honest_ledger_agrees_with_what_was_kept(ledger: SqlLedger, outside: str) -> None:
    found = ledger.verify(outside=outside)
    assert (found.fault, found.events, found.checkpoints, found.notices) == (None, 320, 3, ())


def test_events_cut_off_are_missed_by_the_checkpoints_inside(ledger: SqlLedger, engine: Engine, outside: str) -> None:
    tamper(engine, lambda connection: connection.execute(delete(events).where(events.c.seq >= 310)))
    assert str(ledger.first_fault()).startswith("event 310 is missing: the checkpoint has 320 events")


def test_an_old_backup_is_told_by_the_checkpoint_outside_and_by_nothing_else(
    ledger: SqlLedger, engine: Engine, outside: str
) -> None:
    tamper(engine, lambda connection: cut_off(connection, 200))
    assert ledger.first_fault() is None
    assert ledger.verify(outside=outside).fault == (
        "event 200 is missing: your checkpoint has 300 events, and there are 200; the newest were cut off, or an old "
        "backup was restored"
    )


def test_a_fork_is_told_by_the_checkpoint_outside(
    ledger: SqlLedger, engine: Engine, keys: LedgerKeys, outside: str
) -> None:
    """Whoever has the keys, too, can write another history; it is not the one that was signed for."""
    tamper(engine, lambda connection: cut_off(connection, 200))
    forger = SqlLedger(engine, keys)
    filled(forger, 120, actor="mallory")
    forger.checkpoint(AUDITOR)
    assert ledger.first_fault() is None
    assert ledger.verify(outside=outside).fault == (
        "your checkpoint of 300 events was signed over others: of the events from 0 to 299 some were written anew since"
    )


def test_a_corrupted_tile_is_named_and_made_anew(ledger: SqlLedger, engine: Engine, outside: str) -> None:
    def corrupt(connection: Connection) -> None:
        hashes = connection.execute(select(tiles.c.hashes).where(tiles.c.level == 0)).scalar_one()
        connection.execute(update(tiles).where(tiles.c.level == 0).values(hashes=b"\x00" + hashes[1:]))

    tamper(engine, corrupt)
    assert str(ledger.first_fault()).startswith("tile 0/0 (events 0 to 255) does not hold the hashes of its events")
    ledger.rebuild()
    assert ledger.verify(outside=outside).fault is None


@pytest.mark.parametrize("level", [0, 1])
def test_a_lost_tile_is_named_and_made_anew(ledger: SqlLedger, engine: Engine, outside: str, level: int) -> None:
    tamper(engine, lambda connection: connection.execute(delete(tiles).where(tiles.c.level == level)))
    assert str(ledger.first_fault()).startswith(f"tile {level}/0 (events")
    ledger.rebuild()
    assert ledger.verify(outside=outside).fault is None
    assert ledger.proof(AUDITOR, 5).size == 320


def test_a_checkpoint_changed_in_the_database_is_named(ledger: SqlLedger, engine: Engine, outside: str) -> None:
    def change(connection: Connection) -> None:
        forged = outside.replace("\n300\n", "\n301\n")
        connection.execute(update(checkpoints).where(checkpoints.c.size == 300).values(note=forged))

    tamper(engine, change)
    assert str(ledger.first_fault()).startswith("the checkpoint of 300 events is not genuine: the signature of")


def test_a_wrong_key_is_named(ledger: SqlLedger, engine: Engine, keys: LedgerKeys, outside: str) -> None:
    other = SqlLedger(engine, keys.rotated())
    assert "the ledger's checkpoints were signed by" in str(other.first_fault())
    stranger = LedgerKeys.new("desk").signing.sign("desk\n300\n" + base64.b64encode(bytes(32)).decode() + "\n")
    assert "your checkpoint is not one of this ledger: none of the keys known" in str(
        ledger.verify(outside=stranger).fault
    )


def test_a_key_slipped_in_without_endorsement_is_named(ledger: SqlLedger, engine: Engine, outside: str) -> None:
    def slip_in(connection: Connection) -> None:
        row = {"number": 1, "at": NOON, "key": str(LedgerKeys.new("desk").signing.public), "endorsement": outside}
        connection.execute(insert(signers), row)

    tamper(engine, slip_in)
    assert "is not the one that was endorsed" in str(ledger.first_fault())


def test_a_clock_that_jumped_back_is_named_and_is_no_fault(engine: Engine, keys: LedgerKeys) -> None:
    times = iter([NOON, NOON - timedelta(hours=1), NOON - timedelta(minutes=59)])
    ledger = SqlLedger(engine, keys, clock=lambda: next(times))
    for _ in range(3):
        ledger.append(draft())
    found = ledger.verify()
    assert found.fault is None
    assert [notice.partition(",")[0] for notice in found.notices] == ["event 1 is dated 2026-05-01T11:00:00.000000Z"]


def test_a_proof_over_a_lost_tile_says_what_to_do(ledger: SqlLedger, engine: Engine, outside: str) -> None:
    tamper(engine, lambda connection: connection.execute(delete(tiles).where(tiles.c.level == 1)))
    with engine.connect() as connection, pytest.raises(Exception, match="picturedesk ledger rebuild"):
        TileReader(connection).node(8, 0)


# Bundles


@pytest.fixture
def bundle(ledger: SqlLedger, outside: str, tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    assert ledger.export(AUDITOR, path, range(250, 310), files=[("notes.txt", b"of the case")], outside=outside) == 60
    return path


def test_a_bundle_is_verified_without_the_service_or_any_package(
    bundle: Path, outside: str, keys: LedgerKeys, tmp_path: Path
) -> None:
    kept = tmp_path / "checkpoint"
    kept.write_text(outside, encoding="utf-8")
    script = [sys.executable, "-I", "-S", verifier.__file__, str(bundle)]
    options = ["--checkpoint", str(kept), "--key", str(keys.signing.public)]
    done = subprocess.run([*script, *options], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:] == [
        "60 events are in its tree, as they were written; 0 parts of them were erased.",
        "Its tree continues your checkpoint of 300 events.",
        "HOLDS",
    ]


def rewritten(bundle: Path, name: str, change: Callable[[bytes], bytes | None]) -> Path:
    """The bundle with one file changed, or without it."""
    target = bundle.with_name("changed.zip")
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.namelist():
            content: bytes | None = old.read(one)
            content = change(content or b"") if one == name else content
            if content is not None:
                new.writestr(one, content)
    return target


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("events.jsonl", lambda content: content.replace(b"retrieval", b"deletions"), "events.jsonl was changed"),
        ("events.jsonl", lambda content: None, "events.jsonl was taken out"),
        ("notes.txt", lambda content: b"of another case", "notes.txt was changed"),
        ("manifest", lambda content: content.replace(b"whole\n", b""), "the signature of"),
        ("checkpoint", lambda content: content.replace(b"\n320\n", b"\n321\n"), "checkpoint was changed"),
    ],
)
def test_a_bundle_that_was_changed_is_refused_and_says_where(
    bundle: Path, name: str, change: Callable[[bytes], bytes | None], says: str
) -> None:
    with pytest.raises(verifier.Wrong, match=says):
        check_bundle(rewritten(bundle, name, change))


def test_a_file_put_into_a_bundle_is_named(bundle: Path) -> None:
    with zipfile.ZipFile(bundle, "a") as file:
        file.writestr("more.txt", "x")
    with pytest.raises(verifier.Wrong, match=r"more\.txt was put into the bundle"):
        check_bundle(bundle)


def test_events_of_a_bundle_are_checked_one_by_one_too(bundle: Path) -> None:
    """What the signer of a bundle himself could change, its checkpoint does not let pass."""
    with zipfile.ZipFile(bundle) as file:
        lines = file.read("events.jsonl").decode().splitlines()
        checkpoint = Checkpoint.read(Note.read(file.read("checkpoint").decode()).text)
    assert verifier.check_events(lines, checkpoint, whole=True) == (60, 0)
    for changed, says in (
        ([*lines[:5], *lines[6:]], "event 255 is missing: the next one is event 256"),
        ([lines[1], lines[0]], "event 250 stands after event 251"),
        ([lines[0].replace('\\"ann\\"', '\\"bob\\"')], "event 250 was changed: what it says"),
        ([lines[0].replace("shop", "shoe")], "event 250 is not in the tree"),
    ):
        with pytest.raises(verifier.Wrong, match=says):
            verifier.check_events(changed, checkpoint, whole=True)


def test_a_bundle_is_no_older_than_the_checkpoint_that_was_kept(
    ledger: SqlLedger, bundle: Path, keys: LedgerKeys
) -> None:
    filled(ledger, 3)
    newer = ledger.checkpoint(AUDITOR)
    with pytest.raises(verifier.Wrong, match="your checkpoint has 323 events, the bundle's 320"):
        check_bundle(bundle, newer, str(keys.signing.public))


def test_a_bundle_has_only_what_its_auditor_may_read(ledger: SqlLedger, tmp_path: Path) -> None:
    for library in ("shop", "museum", "shop"):
        ledger.append(draft(library=library))
    auditor = Actor("al", frozenset({"auditor"}), libraries=frozenset({"shop"}))
    assert ledger.export(auditor, tmp_path / "b.zip", range(3)) == 2
    assert check_bundle(tmp_path / "b.zip").events == 2


def test_no_bundle_is_left_half_written(ledger: SqlLedger, tmp_path: Path) -> None:
    ledger.append(draft())

    def files() -> Any:
        yield "one", b"1"
        raise LedgerUnavailable("gone")

    with pytest.raises(LedgerUnavailable):
        ledger.export(AUDITOR, tmp_path / "b.zip", [0], files=files())
    assert list(tmp_path.glob("*b.zip*")) == []
