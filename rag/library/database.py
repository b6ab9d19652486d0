"""Opening the database by its URL: SQLite in WAL mode, or PostgreSQL through psycopg."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from rag.disk import KEPT_ALWAYS, require_room
from rag.errors import BadSettings, Unavailable
from rag.library.migrations import migrate
from rag.library.transactions import WRITES, translating

__all__ = ["migrate", "open_database"]

BUSY_TIMEOUT_S = 30
CONNECT_TIMEOUT_S = 5
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit that returned survives power loss: ledger events must
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted or replaced is overwritten: an erasure leaves no words in the file
    "PRAGMA mmap_size = 1099511627776",  # all that SQLite allows: pages are read without a call for each
)


def open_database(url: str) -> Engine:
    """An engine with a pool of connections, tried once. Safe to use from several threads.

    A SQLite file and its folder are made when missing. Close it with `engine.dispose()`.

    Raises:
        BadSettings: `url` names no database that we speak to.
        Unavailable: the server does not answer, or the file cannot be opened.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    try:
        with translating("the database"), engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except Unavailable:
        engine.dispose()
        raise
    return engine


def require_room_for(engine: Engine) -> None:
    """Raises DiskFull where SQLite might count an attempt and have no room to take that back; a server looks itself."""
    if engine.dialect.name == "sqlite":
        require_room(Path(str(engine.url.database)).parent, 0, kept=KEPT_ALWAYS)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadSettings("the database setting is no URL such as sqlite:///data/catalog.sqlite") from error
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise BadSettings(f"the database must be sqlite:///… or postgresql+psycopg://…, not {parsed.drivername}://")
    return parsed


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise BadSettings("SQLite needs a file, such as sqlite:///data/catalog.sqlite: memory would lose the ledger")
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"the database folder {folder} cannot be made: {error.strerror}") from error
    engine = create_engine(url, pool_size=5, max_overflow=45, pool_timeout=BUSY_TIMEOUT_S)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL) -> Engine:
    waits = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_TIMEOUT_S}
    try:
        return create_engine(
            url, pool_size=5, max_overflow=15, pool_timeout=BUSY_TIMEOUT_S, pool_pre_ping=True, connect_args=waits
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise BadSettings("PostgreSQL needs the driver psycopg: pip install 'picturedesk[postgres]'") from error


def _set_up_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    driver: Any = connection
    driver.isolation_level = None  # BEGIN is ours to send, see below
    for pragma in PRAGMAS:
        _execute_in_turn(driver, pragma)


def _execute_in_turn(driver: Any, statement: str) -> None:
    """SQLite does not wait for its busy timeout when another process turns a new file to WAL; so we wait."""
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            driver.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    """Writers take their turn at BEGIN: a reader that turns writer later would fail instead of waiting."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
