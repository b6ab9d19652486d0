"""Another master key: every subject's key is wrapped anew, in one transaction, with the event that records it.

    1  the key file holds both, the new one last           stopped here: the old one is in use; begin again
    2  keys wrapped, event and the new one's id, committed stopped here: the new one is in use, the file holds it
    3  the key file holds the new one alone

Whichever is in use stands in the database, so at no moment is a key there that the file does not open. The file is
written only by who has the turn to append: two that rotate at once go one after the other.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, Engine

from rag.audit.erasing import wipe
from rag.audit.keys import LedgerKeys, open_keys, write_keys
from rag.audit.ledger import SqlLedger
from rag.audit.rotating import KIND
from rag.audit.sealing import KEY_BYTES
from rag.audit.subjects import master_id, state_of
from rag.audit.writing import take_turn
from rag.errors import LedgerUnavailable, NotAllowed, Unavailable
from rag.library.transactions import translating, write_transaction
from rag.model import Actor
from rag.ports import Draft

log = logging.getLogger(__name__)


def rotate_master(engine: Engine, path: Path, actor: Actor, *, door: str) -> str:
    """Put another master key in use, and write it to `path`; or end what was stopped half-way.

    Appends wait meanwhile. Processes that run read the file again, and go on, where they can read it.

    Returns:
        The id of the new master key.

    Raises:
        NotAllowed: `actor` is no owner.
        BadSettings, LedgerUnavailable: the keys in `path` are not those in use.
        Unavailable: the file cannot be written.
    """
    if not actor.has():
        raise NotAllowed(f"{actor.id} may not change the ledger's key: that takes the role owner")
    if not _is_committed(engine, open_keys(path, make=False)):
        _commit(engine, path, actor, door)
    return _finish(engine, path)


def _is_committed(engine: Engine, keys: LedgerKeys) -> bool:
    """Whether the file's second master key is in use already."""
    with translating("the ledger", LedgerUnavailable), engine.connect() as connection:
        return bool(keys.next_master) and state_of(connection)[1] == master_id(keys.next_master)


def _commit(engine: Engine, path: Path, actor: Actor, door: str) -> None:
    keys = _both_in(engine, path)
    ledger, new = SqlLedger(engine, keys), keys.next_master
    body = {"door": door, "phase": "master", "key": master_id(new)}

    def step(connection: Connection) -> None:
        if open_keys(path, make=False) != keys:
            raise LedgerUnavailable(f"somebody else changed the keys in {path} meanwhile: try again")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is freed is overwritten
        ledger.subjects.wrap_anew(connection, new)

    ledger.append_with(Draft(KIND, actor.id, "", body), step)


def _both_in(engine: Engine, path: Path) -> LedgerKeys:
    with _turn(engine) as connection:
        keys = open_keys(path, make=False)
        if state_of(connection)[1] not in (None, *map(master_id, keys.masters)):
            raise LedgerUnavailable(f"the master key in {path} is not the one in use: restore the right file")
        if not keys.next_master:
            keys = replace(keys, next_master=secrets.token_bytes(KEY_BYTES))
            _write(path, keys)
        return keys


def _finish(engine: Engine, path: Path) -> str:
    with _turn(engine) as connection:
        keys = open_keys(path, make=False)
        used = state_of(connection)[1]
        if keys.next_master and used == master_id(keys.next_master):
            keys = LedgerKeys(keys.signing, keys.next_master)
            _write(path, keys)
    try:
        wipe(engine)
    except LedgerUnavailable as error:
        log.warning("that no trace of the keys as they were wrapped is left in the files is not sure: %s", error)
    return master_id(keys.master)


def _write(path: Path, keys: LedgerKeys) -> None:
    try:
        write_keys(path, keys, replace=True)
    except OSError as error:
        raise Unavailable(
            f"the keys cannot be written to {path}: {error.strerror}; what was in use stays so"
        ) from error


@contextmanager
def _turn(engine: Engine) -> Iterator[Connection]:
    with translating("the ledger", LedgerUnavailable), write_transaction(engine) as connection:
        take_turn(connection)
        yield connection
