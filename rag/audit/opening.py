"""The ledger of an installation: its keys found or made, and what older versions left brought up to date."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, select

from rag.audit.early import seal_early
from rag.audit.keys import LedgerKeys, open_keys
from rag.audit.ledger import SqlLedger
from rag.audit.publishing import Schedule
from rag.audit.tables import signers, subjects
from rag.errors import BadSettings
from rag.library.transactions import reading
from rag.settings import Settings


def open_ledger(engine: Engine, settings: Settings) -> SqlLedger:
    """The ledger in `engine`, with its keys.

    Raises:
        BadSettings: the keys that its database was written with are not there, or are not said.
        Unavailable, LedgerUnavailable: retryable.
    """
    keys, path = keys_of(engine, settings), key_path(settings)
    ledger = SqlLedger(engine, keys, schedule=_schedule(settings), reread=lambda: open_keys(path, make=False))
    seal_early(engine, ledger.subjects)
    return ledger


def keys_of(engine: Engine, settings: Settings) -> LedgerKeys:
    """From PICTUREDESK_LEDGER_KEY; made there for a ledger that holds nothing sealed or signed. Raises BadSettings."""
    return open_keys(key_path(settings), make=_is_fresh(engine))


def key_path(settings: Settings) -> Path:
    """Raises BadSettings where it has to be said and is not."""
    path = settings.ledger_key_path
    if path is None:
        raise BadSettings(
            "with PostgreSQL the ledger's keys have to be somewhere that all processes can read: set "
            "PICTUREDESK_LEDGER_KEY to a file; `picturedesk ledger key new FILE` makes one"
        )
    return path


def _is_fresh(engine: Engine) -> bool:
    with reading(engine) as connection:
        used = (connection.execute(select(column).limit(1)).first() for column in (subjects.c.id, signers.c.number))
        return not any(used)


def _schedule(settings: Settings) -> Schedule:
    return Schedule(
        settings.checkpoint_seconds, settings.checkpoint_events, settings.checkpoint_to, settings.retention_days
    )
