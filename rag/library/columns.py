"""Column types that hold the same values on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Text,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.types import TypeDecorator

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` with U+FFFD for what no database text can hold: NUL, and lone surrogates of undecodable file names.

    PostgreSQL refuses NUL and neither database takes a lone surrogate. All else is kept as it is.
    """
    return _UNSTORABLE.sub("\ufffd", text)


class Words(TypeDecorator[str]):
    """Text made `storable` on its way in; a StrEnum goes in as its value."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(str(value))


class JsonText(TypeDecorator[dict[str, Any]]):
    """A mapping, kept as JSON in a text column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str:
        return storable(json.dumps(dict(value or {}), ensure_ascii=False, sort_keys=True))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(value) if value else {}
        return found


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC to the microsecond; on SQLite as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone: times are aware datetimes in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class _JsonList(TypeDecorator[list[str]]):
    """Texts as one parameter."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        return json.dumps(list(value or ()))


def among(column: Column[str], texts: str, dialect: str) -> ColumnElement[bool]:
    """`column IN texts` for hundreds of them in the one parameter `texts`: the statement is short, and always the same.

    Args:
        texts: the parameter's name; its value is a list.
        dialect: `Connection.dialect.name`.
    """
    if dialect == "postgresql":
        return column == any_(bindparam(texts, type_=ARRAY(Text)))
    every = func.json_each(bindparam(texts, type_=_JsonList)).table_valued("value")
    return column.in_(select(every.c.value))


Serial = BigInteger().with_variant(Integer, "sqlite")
"""An integer key; 64 bits on both databases, and SQLite's own row number."""


def utc_now() -> datetime:
    return datetime.now(UTC)
