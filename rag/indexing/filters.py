"""Our filter tree -> a store's conditions, once for all adapters.

An adapter brings a `Dialect`: the few constructors of its library. What a filter
means, and which filters make no sense, is decided here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from rag.errors import BadQuery
from rag.indexing.schema import FieldType, field_type
from rag.model import And, AnyOf, Between, Eq, Filter, Missing, Not, Or

Condition = TypeVar("Condition")
End = TypeVar("End", float, datetime)

DEEPEST = 32
"""Nesting beyond this is no question of a person."""


class Dialect(Protocol[Condition]):
    """How one library writes conditions."""

    def equals(self, field: str, value: str | int) -> Condition: ...

    def any_of(self, field: str, values: Sequence[str]) -> Condition:
        """Matches nothing when there are no values."""

    def numbers(self, field: str, low: float | None, high: float | None) -> Condition: ...

    def dates(self, field: str, low: str | None, high: str | None) -> Condition:
        """Ends are ISO 8601, inclusive."""

    def missing(self, field: str) -> Condition:
        """Absent, null or an empty list."""

    def every(self, conditions: Sequence[Condition]) -> Condition:
        """Matches everything when there are none."""

    def some(self, conditions: Sequence[Condition]) -> Condition:
        """At least one of them; there is at least one."""

    def none(self, condition: Condition) -> Condition: ...


def translate(where: Filter, dialect: Dialect[Condition], depth: int = 0) -> Condition:
    """`where` in the words of `dialect`.

    Raises:
        BadQuery: an unknown field, a value that its field cannot hold, or a range without members.
    """
    if depth > DEEPEST:
        raise BadQuery(f"the filter is nested more than {DEEPEST} deep")
    match where:
        case And(filters):
            return dialect.every([translate(one, dialect, depth + 1) for one in filters])
        case Or(filters):
            # No alternatives match nothing. Qdrant reads an empty `should` as everything.
            found = [translate(one, dialect, depth + 1) for one in filters]
            return dialect.some(found) if found else dialect.any_of("asset_id", ())
        case Not(one):
            return dialect.none(translate(one, dialect, depth + 1))
        case _:
            return _leaf(where, dialect)


def _leaf(where: Eq | AnyOf | Between | Missing, dialect: Dialect[Condition]) -> Condition:
    kind = field_type(where.field)
    match where:
        case Eq(field, value):
            return dialect.equals(field, _value(field, kind, value))
        case AnyOf(field, values):
            return dialect.any_of(field, _keywords(field, kind, values))
        case Between(field, low, high):
            return _between(field, kind, low, high, dialect)
        case Missing(field):
            return dialect.missing(field)


def _value(field: str, kind: FieldType, value: str | int | bool) -> str | int:
    if kind is FieldType.KEYWORD and isinstance(value, str):
        return value
    if kind is FieldType.INTEGER and isinstance(value, int) and not isinstance(value, bool):
        return value
    hint = "; ask for a range" if kind is FieldType.DATETIME else ""
    raise BadQuery(f"{field} is a {kind} field and cannot equal {value!r}{hint}")


def _keywords(field: str, kind: FieldType, values: Sequence[str]) -> Sequence[str]:
    if kind is not FieldType.KEYWORD:
        raise BadQuery(f"{field} is a {kind} field and holds no words; ask for a range")
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise BadQuery(f"{field} needs a list of words, not {values!r}")
    return values


def _between(
    field: str,
    kind: FieldType,
    low: float | datetime | None,
    high: float | datetime | None,
    dialect: Dialect[Condition],
) -> Condition:
    match kind:
        case FieldType.INTEGER:
            least, most = _number(field, low), _number(field, high)
            _check_ends(field, least, most)
            return dialect.numbers(field, least, most)
        case FieldType.DATETIME:
            first, last = _date(field, low), _date(field, high)
            _check_ends(field, first, last)
            return dialect.dates(field, _iso(first), _iso(last))
        case FieldType.KEYWORD:
            raise BadQuery(f"{field} is a {kind} field and has no ranges")


def _number(field: str, end: float | datetime | None) -> float | None:
    if isinstance(end, datetime | bool) or (end is not None and not math.isfinite(end)):
        raise BadQuery(f"{field} is a number; {end} is none")
    return end


def _date(field: str, end: float | datetime | None) -> datetime | None:
    if end is not None and not isinstance(end, datetime):
        raise BadQuery(f"{field} is a date; {end} is none")
    if end is not None and end.tzinfo is None:
        raise BadQuery(f"{field} needs a time zone: {end.isoformat()} has none")
    return end


def _iso(date: datetime | None) -> str | None:
    return date.isoformat() if date else None


def _check_ends(field: str, low: End | None, high: End | None) -> None:
    if low is None and high is None:
        raise BadQuery(f"the range of {field} has neither end")
    if low is not None and high is not None and low > high:
        raise BadQuery(f"the range of {field} is empty: it ends before it begins")
