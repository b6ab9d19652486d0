"""The schema, step by step (Alembic), packaged with the code: no alembic.ini is needed.

A new step is a file in `versions/`, and its revision becomes `HEAD`.
"""

from __future__ import annotations

import zlib

from sqlalchemy import Connection, Engine, inspect, text

from rag.errors import BadSettings
from rag.library.transactions import translating, write_transaction

HEAD = "0016"

MIGRATION_LOCK = zlib.crc32(b"picturedesk.migrate")


def migrate(engine: Engine) -> None:
    """Bring the schema to `HEAD`. Processes that start together take turns; when it is there, this is one query.

    Raises:
        BadSettings: a newer Picture Desk has been at this database.
        Unavailable: retryable; nothing is changed.
    """
    with translating("the database"):
        with engine.connect() as connection:
            if _revision(connection) == HEAD:
                return
        with write_transaction(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            if _revision(connection) != HEAD:
                _upgrade(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "rag.library:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        found = _revision(connection)
        raise BadSettings(
            f"the database is at revision {found}, unknown here: was it used by a newer version?"
        ) from error
