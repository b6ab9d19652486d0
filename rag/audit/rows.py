"""Rows of `events` back into events, with what their subjects' keys open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from rag.audit.canonical import parsed
from rag.audit.leaf import instant
from rag.audit.parts import joined
from rag.audit.sealing import Sealed, unpacked, unseal
from rag.audit.subjects import SubjectKeys, erased_at
from rag.model import Event, Json

ERASED = "erased"
"""The actor of an event whose actor was erased."""

Row = RowMapping | Mapping[str, Any]


def events_of(connection: Connection, rows: Sequence[Row], subjects: SubjectKeys) -> list[Event]:
    """Events as they are readable now. What a tamperer left there is shown as such, for verification to name."""
    parts = [_parts(row) for row in rows]
    numbers = {number for some in parts for part in some for number in part.subjects}
    keys = subjects.keys(connection, numbers)
    gone = erased_at(connection, numbers - keys.keys())
    return [_event(row, some, keys, gone) for row, some in zip(rows, parts, strict=True)]


def event_with(row: Row, actor: str, body: Json, *, erased: datetime | None = None) -> Event:
    return Event(
        seq=row["seq"],
        at=row["at"],
        kind=row["kind"],
        actor=actor,
        library=row["library"],
        body=body,
        previous=row["previous"],
        hash=row["hash"],
        commitment=row["commitment"],
        version=row["v"],
        erased_at=erased,
    )


def _parts(row: Row) -> list[Sealed]:
    try:
        return unpacked(row["sealed"] or b"")
    except ValueError:
        return []


def _event(row: Row, parts: Sequence[Sealed], keys: Mapping[int, bytes], gone: Mapping[int, datetime | None]) -> Event:
    if row["sealed"] is None:
        return event_with(row, row["actor"], _early_body(row["payload"]))
    when = [_when(part, gone) for part in parts]
    erased = max((at for at in when if at is not None), default=None)
    try:
        contents = [opened.content if (opened := unseal(part, keys)) else None for part in parts]
        actor, body = _joined(row["v"], contents, lambda number: {ERASED: instant(at) if (at := when[number]) else ""})
    except (ValueError, KeyError, IndexError, TypeError, StopIteration):
        return event_with(row, "unreadable", {"unreadable": True})
    return event_with(row, ERASED if actor is None else actor, body, erased=erased)


def _joined(version: int, contents: Sequence[str | None], erased: Any) -> tuple[str | None, Json]:
    if version != 1:
        return joined(contents, erased)
    if contents[0] is None:
        return None, erased(0)
    said = parsed(contents[0])
    return said["actor"], said["body"]


def _when(part: Sealed, gone: Mapping[int, datetime | None]) -> datetime | None:
    """The latest erasure among its subjects."""
    return max((at for number in part.subjects if (at := gone.get(number)) is not None), default=None)


def _early_body(payload: str) -> Json:
    try:
        body = parsed(payload)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"unreadable": payload}
