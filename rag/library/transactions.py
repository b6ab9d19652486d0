"""Transactions that read or write, and the edge where database errors become ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from rag.errors import DiskFull, PictureDeskError, Rejected, Unavailable

Row = Mapping[str, Any]

WRITES = "picturedesk_writes"
"""Execution option of connections that will write: on SQLite they queue at BEGIN IMMEDIATE."""


@contextmanager
def translating(what: str = "the catalog", kind: type[PictureDeskError] = Unavailable) -> Iterator[None]:
    """Turn database errors into `kind`, in one line that holds no password.

    Raises:
        DiskFull: there is no room for it (only when `kind` is Unavailable).
        Rejected: the database refused the values; trying again will not help (only when `kind` is Unavailable).
    """
    try:
        yield
    except (DataError, IntegrityError) as error:
        refusal = Rejected if kind is Unavailable else kind
        raise refusal(f"{what} refused a value: {first_line(error)}") from error
    except ProgrammingError as error:
        raise kind(f"{what} has not the tables expected; was it migrated? {first_line(error)}") from error
    except SQLAlchemyError as error:
        if kind is Unavailable and _is_full(error):
            raise DiskFull(f"{what} could not be written: the disk is full; free some space") from error
        raise kind(f"{what} did not answer: {first_line(error)}") from error


def _is_full(error: SQLAlchemyError) -> bool:
    """SQLITE_FULL, or PostgreSQL's disk_full."""
    said = getattr(error, "orig", None)
    return getattr(said, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(said, "sqlstate", "") == "53100"


def first_line(error: SQLAlchemyError) -> str:
    """What the driver said, without the statement, its values or further lines."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read with. Errors are translated."""
    with translating(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is committed at the end, or undone when anything is raised. Errors are translated."""
    with translating(), write_transaction(engine) as connection:
        yield connection


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """As `writing`, with the database's own errors."""
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        yield connection


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> set[tuple[str, ...]]:
    """Insert the rows whose primary key is not there yet; the others change nothing.

    A row that another transaction is inserting is waited for. Sort `rows` by key, so
    that two such batches cannot wait for each other.

    Returns:
        Primary keys of the rows inserted.
    """
    if not rows:
        return set()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return {tuple(row) for row in connection.execute(statement, list(rows))}
