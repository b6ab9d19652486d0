"""What stands behind the colon in the short form: words, kinds of files, numbers, dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from rag.errors import BadQuery
from rag.media.sniffing import FILMS, PDF, PICTURES, READABLE
from rag.model import AnyOf, Between, Eq, Filter

KINDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("image", "picture", "photo"), tuple(PICTURES)),
    **dict.fromkeys(("video", "film"), tuple(FILMS)),
    **dict.fromkeys(("pdf", "document"), (PDF,)),
    "jpg": ("image/jpeg",),
    **{name.rpartition("/")[2].removeprefix("x-"): (name,) for name in PICTURES},
}
UNITS = {"": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9}
TICK = timedelta(microseconds=1)

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([a-zA-Z]*)")
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_COMPARED = re.compile(r"(>=|<=|>|<)?(.*)", re.DOTALL)

End = TypeVar("End", float, datetime)


def word(name: str, field: str, value: str) -> Filter:
    return Eq(field, value)


def any_case(name: str, field: str, value: str) -> Filter:
    """As typed, or in lower, upper or title case: the store compares exactly."""
    spelled = dict.fromkeys((value, value.lower(), value.capitalize(), value.title(), value.upper()))
    return AnyOf(field, tuple(spelled)) if len(spelled) > 1 else Eq(field, value)


def kind(name: str, field: str, value: str) -> Filter:
    """`video`, `pdf`, `jpeg`, or a whole media type."""
    types = KINDS.get(value.lower()) or ((value.lower(),) if value.lower() in READABLE else ())
    if not types:
        raise BadQuery(f"{name}:{value} is no kind of file; there are: {', '.join(sorted(KINDS))}, or a media type")
    return AnyOf(field, types) if len(types) > 1 else Eq(field, types[0])


def number(name: str, field: str, value: str) -> Filter:
    """`1000`, `>1000`, `<=2MB`, `800..1600`; whole numbers, so that > 1000 is >= 1001."""

    def exact(text: str) -> tuple[float, float]:
        found = _NUMBER.fullmatch(text)
        if found is None or found[2].lower() not in UNITS:
            raise BadQuery(
                f"{name}:{value} is no number or range of numbers; write {name}:1000, {name}:>1000 or {name}:800..1600"
            )
        at = round(float(found[1]) * UNITS[found[2].lower()])
        return at, at

    return _range(name, field, value, exact, 1)


def captured(name: str, field: str, value: str) -> Filter:
    """`2024`, `2024-05`, `2024-05-01`: within it; `>2024`, `2024-05..2024-08`: both ends included."""
    return _range(name, field, value, lambda text: _span(name, text), TICK)


def since(name: str, field: str, value: str) -> Filter:
    """From the beginning of that year, month or day on."""
    return Between(field, _span(name, value)[0], None)


def until(name: str, field: str, value: str) -> Filter:
    """Up to the beginning of that year, month or day."""
    return Between(field, None, _span(name, value)[0] - TICK)


def _range(
    name: str, field: str, value: str, span: Callable[[str], tuple[End, End]], tick: float | timedelta
) -> Filter:
    """The first and last moment that `span` gives of a value, with the comparison before it."""
    if ".." in value:
        low, _, high = value.partition("..")
        if not low and not high:
            raise BadQuery(f"{name}:{value} has neither end; write {name}:A..B, {name}:A.. or {name}:..B")
        return Between(field, span(low)[0] if low else None, span(high)[1] if high else None)
    found = _COMPARED.fullmatch(value)
    assert found is not None
    first, last = span(found[2])
    match found[1]:
        case ">":
            return Between(field, last + tick, None)  # type: ignore[operator]
        case ">=":
            return Between(field, first, None)
        case "<":
            return Between(field, None, first - tick)  # type: ignore[operator]
        case "<=":
            return Between(field, None, last)
    return Between(field, first, last)


def _span(name: str, text: str) -> tuple[datetime, datetime]:
    """The first and last moment of a year, month or day, in UTC."""
    found = _DATE.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
        first = datetime(year, month, day, tzinfo=UTC)
        if found[3]:
            following = first + timedelta(days=1)
        else:
            following = datetime(
                year + (not found[2] or month == 12), 1 if not found[2] else month % 12 + 1, 1, tzinfo=UTC
            )
        first - TICK
    except (ValueError, OverflowError) as error:
        raise BadQuery(f"{name}:{text} is no date; write 2024, 2024-05 or 2024-05-01") from error
    return first, following - TICK
