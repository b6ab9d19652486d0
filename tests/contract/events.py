"""Events for tests of the ledger, and what tampering with them takes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from rag.model import Actor
from rag.ports import Draft

AUDITOR = Actor("ada", frozenset({"auditor"}), libraries=frozenset({"*"}))


def draft(text: str = "a red dress", **fields: Any) -> Draft:
    return Draft(**{"kind": "retrieval", "actor": "ann", "library": "shop", "body": {"query": text}, **fields})


def drop_triggers(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
        return
    for name in ("events_no_update", "events_no_delete", "events_in_order"):
        connection.execute(text(f"DROP TRIGGER {name}"))
