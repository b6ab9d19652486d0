"""A copy of what searches read, as a catalog of its own: for asking again later what was asked at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from rag.library import tables
from rag.library.database import migrate, open_database, require_room_for
from rag.library.transactions import reading, writing

COPIED = (
    tables.libraries,
    tables.assets,
    tables.asset_groups,
    tables.asset_tags,
    tables.generated_tags,
    tables.captions,
    tables.visuals,
    tables.calibrations,
    tables.canaries,
    tables.generations,
)
"""In the order of their references. What a search reads stands here, and nothing of people."""

EMPTIED: dict[str, object] = {"personal": {}, "options": "{}", "report": "{}"}
"""Columns that no search reads: metadata of people, and what a migration was asked and told."""

ROWS_AT_A_TIME = 1_000


def copy_catalog(engine: Engine, path: Path) -> None:
    """Into a new SQLite file. See `Catalog.copy_to`."""
    fresh = open_database(f"sqlite:///{path}")
    try:
        migrate(fresh)
        require_room_for(fresh)
        with _one_moment(engine) as source, writing(fresh) as target:
            for table in COPIED:
                rows = source.execution_options(yield_per=ROWS_AT_A_TIME).execute(select(table)).mappings()
                for part in rows.partitions(ROWS_AT_A_TIME):
                    target.execute(insert(table), [_without_people({**row}) for row in part])
    finally:
        fresh.dispose()


@contextmanager
def _one_moment(engine: Engine) -> Iterator[Connection]:
    """Reads that see one state of the database: SQLite's do; PostgreSQL is asked to."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(engine) as connection:
        yield connection


def _without_people(row: dict[str, object]) -> dict[str, object]:
    return row | {name: empty for name, empty in EMPTIED.items() if name in row}
