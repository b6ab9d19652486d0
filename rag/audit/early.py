"""Events from before there were keys: sealed as they are, in one part, which keeps commitment, leaf and chain."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, RowMapping, bindparam, select, update

from rag.audit.canonical import parsed
from rag.audit.leaf import early_content
from rag.audit.parts import Part, whole
from rag.audit.sealing import packed, seal
from rag.audit.subjects import SubjectKeys
from rag.audit.tables import events
from rag.audit.verifier import content_hash
from rag.audit.writing import period, take_turn
from rag.errors import LedgerUnavailable
from rag.library.transactions import translating, write_transaction

log = logging.getLogger(__name__)

AT_A_TIME = 500


def seal_early(engine: Engine, subjects: SubjectKeys) -> int:
    """Seal what an older version recorded in the clear. Calling twice is harmless; what was tampered with stays.

    Returns:
        How many events were sealed.

    Raises:
        LedgerUnavailable: retryable; what was sealed so far stays so.
    """
    sealed, after = 0, -1
    while True:
        with translating("the ledger", LedgerUnavailable), engine.connect() as connection:
            wanted = select(events).where(events.c.sealed.is_(None), events.c.seq > after)
            page = connection.execute(wanted.order_by(events.c.seq).limit(AT_A_TIME)).mappings().all()
        if not page:
            return sealed
        after = page[-1]["seq"]
        with translating("the ledger", LedgerUnavailable), write_transaction(engine) as connection:
            take_turn(connection)
            sealed += _seal(connection, page, subjects)
        log.info("%d events of an older version were sealed", sealed)


def _seal(connection: Connection, page: Sequence[RowMapping], subjects: SubjectKeys) -> int:
    genuine = [(row, part) for row in page if (part := _part(row)) is not None]
    if not genuine:
        return 0
    at = genuine[-1][0]["at"]
    names = {name for _, part in genuine for name in part.subjects} | {
        period(row["library"], row["at"]) for row, _ in genuine
    }
    keys = subjects.of(connection, sorted(names), at)
    rows = []
    for row, part in genuine:
        month = keys[period(row["library"], row["at"])]
        box = seal(part.content, [month, *(keys[name] for name in part.subjects)], salt=bytes.fromhex(row["salt"]))
        actor = str(keys[f"actor:{row['actor']}"][0])
        rows.append({"number": row["seq"], "actor": actor, "payload": "", "salt": None, "sealed": packed([box])})
    connection.execute(update(events).where(events.c.seq == bindparam("number"), events.c.sealed.is_(None)), rows)
    return len(rows)


def _part(row: RowMapping) -> Part | None:
    """None where the event is not what it committed to."""
    try:
        content = early_content(row["actor"], row["payload"])
        if content_hash(bytes.fromhex(row["salt"] or ""), content.encode()).hex() != row["commitment"]:
            return None
        return whole(row["actor"], parsed(row["payload"]), content)
    except ValueError:
        return None
