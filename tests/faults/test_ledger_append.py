"""Whatever breaks, and wherever: an append is there whole or not at all, and nothing goes out that was not recorded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from rag.audit.keys import LedgerKeys
from rag.audit.ledger import SqlLedger
from rag.errors import LedgerUnavailable
from rag.ports import Draft
from tests.contract.events import AUDITOR, draft

BEFORE_A_TILE = 255
"""The next event fills a tile: its append has all the statements that there are."""

MOST_STATEMENTS = 40

KILLED = """
import os, sys
from pathlib import Path
from sqlalchemy import event
from rag.audit.keys import open_keys
from rag.audit.ledger import SqlLedger
from rag.library.database import open_database
from rag.ports import Draft

url, keys, number = sys.argv[1:]
engine, left = open_database(url), [int(number)]

def die(*_):
    left[0] -= 1
    if left[0] < 0:
        os._exit(9)

for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
    event.listen(engine, name, die)
ledger = SqlLedger(engine, open_keys(Path(keys), make=False))
seq = ledger.append(Draft("answer", "killed", "shop", {"text": "the answer", "citations": [{"content": "3" * 64}]})).seq
print(f"the answer, of event {seq}", flush=True)
"""


@pytest.fixture
def ledger(engine: Engine, keys: LedgerKeys) -> SqlLedger:
    ledger = SqlLedger(engine, keys)
    prepared = [ledger._prepared(draft(str(number))) for number in range(BEFORE_A_TILE)]
    ledger._write(prepared)
    return ledger


def new(number: int) -> Draft:
    """Of people and assets that the ledger has no keys for yet."""
    return draft(actor=f"new-{number}", body={"evidence": [{"content": f"{number:064x}", "caption": "a cat"}]})


@contextmanager
def broken(engine: Engine, number: int) -> Iterator[list[int]]:
    """The database fails once, at step `number` of what is done with it; yields how many steps were left to go."""
    left = [number]

    def fail(*_: Any) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise OperationalError("the step", {}, Exception("the disk is gone"))

    names = ("before_cursor_execute", "after_cursor_execute", "commit")
    for name in names:
        event.listen(engine, name, fail)
    try:
        yield left
    finally:
        for name in names:
            event.remove(engine, name, fail)


def test_an_append_that_fails_at_any_step_leaves_no_trace_and_the_next_one_succeeds(
    ledger: SqlLedger, engine: Engine
) -> None:
    failed = 0
    for number in range(MOST_STATEMENTS):
        size = ledger.state().events
        with broken(engine, number) as left:
            try:
                ledger.append(new(number))
            except LedgerUnavailable:
                failed += 1
                assert ledger.state().events == size
        assert ledger.first_fault() is None
        if left[0] >= 0:
            break
    assert left[0] >= 0, "there are more steps than were tried"
    assert failed > 15
    found = ledger.append(new(number))
    assert ledger.event(AUDITOR, found.seq) == found, "no key was lost with the attempts that failed"
    assert ledger.proof(AUDITOR, 0).size == found.seq + 1
    assert ledger.first_fault() is None


def test_a_process_killed_at_any_step_released_nothing_that_is_not_recorded(
    ledger: SqlLedger, database_url: str, key_file: Path
) -> None:
    for number in (0, 3, 6, 9, 12, 15, 18, 19, 20, 21, 22, 23, 24, MOST_STATEMENTS):
        before = ledger.state().events
        command = [sys.executable, "-c", KILLED, database_url, str(key_file), str(number)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        after = ledger.state().events
        assert after - before in (0, 1)
        if done.stdout:
            assert (done.stdout, after) == (f"the answer, of event {before}\n", before + 1)
            assert ledger.event(AUDITOR, before).body["text"] == "the answer"
        else:
            assert done.returncode == 9, done.stderr
    assert done.stdout
    assert ledger.first_fault() is None


def test_an_erasure_that_fails_at_any_step_destroyed_nothing_without_its_record(
    ledger: SqlLedger, engine: Engine
) -> None:
    from rag.model import LOCAL_OWNER

    for number in range(MOST_STATEMENTS):
        with broken(engine, number) as left:
            try:
                ledger.erase(LOCAL_OWNER, ["actor:ann"], {})
                break
            except LedgerUnavailable:
                assert ledger.event(AUDITOR, 0).actor == "ann"
        assert ledger.first_fault() is None
    assert left[0] >= -1
    assert ledger.event(AUDITOR, 0).actor == "erased"
    assert ledger.first_fault() is None
