"""Another master key for the ledger: whatever breaks on the way, everything recorded can be read, and written on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from rag.audit.keys import LedgerKeys, open_keys
from rag.audit.ledger import SqlLedger
from rag.audit.rewrapping import rotate_master
from rag.audit.subjects import master_id
from rag.errors import BadSettings, LedgerUnavailable, NotAllowed
from rag.model import LOCAL_OWNER
from tests.contract.events import AUDITOR, draft
from tests.faults.test_ledger_append import MOST_STATEMENTS, broken

KILLED = """
import os, sys
from pathlib import Path
from sqlalchemy import event
from rag.audit.rewrapping import rotate_master
from rag.library.database import open_database
from rag.model import LOCAL_OWNER

url, path = sys.argv[1:]
for line in sys.stdin:
    number, child = int(line), os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    engine, left = open_database(url), [number]

    def die(*_):
        left[0] -= 1
        if left[0] < 0:
            os._exit(9)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(engine, name, die)
    sys.addaudithook(lambda name, _: name == "os.rename" and die())
    rotate_master(engine, Path(path), LOCAL_OWNER, door="cli")
    os._exit(0)
"""


@pytest.fixture
def running(engine: Engine, keys: LedgerKeys, key_file: Path) -> SqlLedger:
    """Of a process that has been there all the time."""
    ledger = SqlLedger(engine, keys, reread=lambda: open_keys(key_file, make=False))
    ledger.append(draft(actor="ann"))
    ledger.append(draft(actor="bob"))
    return ledger


def opened(engine: Engine, key_file: Path) -> SqlLedger:
    return SqlLedger(engine, open_keys(key_file, make=False))


def works(ledger: SqlLedger, actor: str) -> None:
    """Everything can be read, and a new person's words can be written and read."""
    assert [ledger.event(AUDITOR, seq).actor for seq in (0, 1)] == ["ann", "bob"]
    written = ledger.append(draft(actor=actor))
    assert ledger.event(AUDITOR, written.seq) == written
    assert ledger.first_fault() is None


def test_a_new_master_key_takes_the_place_of_the_old_one_while_others_go_on(
    engine: Engine, running: SqlLedger, keys: LedgerKeys, key_file: Path
) -> None:
    without_the_file = SqlLedger(engine, keys)
    without_the_file.event(AUDITOR, 0)
    new = rotate_master(engine, key_file, LOCAL_OWNER, door="cli")
    now = open_keys(key_file, make=False)
    assert (now.signing, len(now.masters), master_id(now.master)) == (keys.signing, 1, new)
    assert now.master != keys.master
    works(running, "cid")
    works(opened(engine, key_file), "dan")
    event = running.event(AUDITOR, 2)
    assert (event.kind, event.body) == ("ledger-key", {"door": "cli", "phase": "master", "key": new})
    for stale in (without_the_file, SqlLedger(engine, keys)):
        with pytest.raises(LedgerUnavailable, match=r"put the new key file where .* start this process anew"):
            stale.append(draft())
        with pytest.raises(LedgerUnavailable, match="put the new key file"):
            stale.event(AUDITOR, 1)
    second = rotate_master(engine, key_file, LOCAL_OWNER, door="cli")
    assert second != new
    works(running, "eve")


def test_only_the_owner_changes_the_master_key_and_only_with_the_keys_in_use(
    engine: Engine, running: SqlLedger, keys: LedgerKeys, key_file: Path
) -> None:
    with pytest.raises(NotAllowed, match="role owner"):
        rotate_master(engine, key_file, AUDITOR, door="cli")
    assert open_keys(key_file, make=False) == keys
    rotate_master(engine, key_file, LOCAL_OWNER, door="cli")
    key_file.write_text(keys.written())
    with pytest.raises(LedgerUnavailable, match="restore the right file"):
        rotate_master(engine, key_file, LOCAL_OWNER, door="cli")
    key_file.write_text("".join(f"MASTER+KEY+{'A' * 43}=\n" for _ in range(3)) + keys.signing.written())
    with pytest.raises(BadSettings, match="at most two"):
        open_keys(key_file, make=False)


def test_a_rotation_that_fails_at_any_step_leaves_a_ledger_that_opens_and_is_ended_by_the_next(
    engine: Engine, running: SqlLedger, keys: LedgerKeys, key_file: Path
) -> None:
    failed = 0
    for number in range(MOST_STATEMENTS):
        with broken(engine, number) as left:
            try:
                rotate_master(engine, key_file, LOCAL_OWNER, door="cli")
            except LedgerUnavailable:
                failed += 1
        works(opened(engine, key_file) if number % 2 else running, f"new-{number}")
        if left[0] >= 0:
            break
    assert left[0] >= 0, "there are more steps than were tried"
    assert failed > 15
    assert len(open_keys(key_file, make=False).masters) == 1


def test_a_process_killed_at_any_step_of_a_rotation_leaves_a_ledger_that_opens(
    engine: Engine, running: SqlLedger, database_url: str, key_file: Path
) -> None:
    command = [sys.executable, "-c", KILLED, database_url, str(key_file)]
    seen = set()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forking:
        assert forking.stdin is not None
        assert forking.stdout is not None
        for number in (*range(0, 30, 2), 1000):
            forking.stdin.write(f"{number}\n")
            forking.stdin.flush()
            ended = forking.stdout.readline().strip()
            seen.add((ended, len(open_keys(key_file, make=False).masters)))
            works(running if number % 4 else opened(engine, key_file), f"new-{number}")
        forking.stdin.close()
    assert seen == {("9", 1), ("9", 2), ("0", 1)}
