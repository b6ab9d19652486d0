"""Whether a query can be asked at all. Everything refused here names the field and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rag.errors import BadQuery
from rag.indexing.filters import DEEPEST
from rag.indexing.schema import field_type
from rag.model import And, AnyOf, Between, Eq, Filter, Missing, Not, Or, Part, Query

MOST_TOP_K = 100
MOST_PARTS = 10
LARGEST_WEIGHT = 100.0
MOST_PER_ASSET = 100


def check_query(query: Query, longest_question: int) -> None:
    """
    Raises:
        BadQuery: nothing is wanted, or a value lies outside of what is allowed.
    """
    if not query.parts:
        raise BadQuery("the question is empty: nothing is wanted; give words, a picture or a visual of the library")
    _check_texts(query, longest_question)
    for field, parts in (("wanted", query.wanted), ("unwanted", query.unwanted)):
        if len(parts) > MOST_PARTS:
            raise BadQuery(f"{field} has {len(parts)} parts; at most {MOST_PARTS} fit")
        for number, part in enumerate(parts):
            _check_part(query, f"{field}[{number}]", part)
    check_page_size(query)
    if not 0 <= query.diversity <= 1:
        raise BadQuery(f"diversity is {query.diversity:g}; it must lie between 0 and 1")
    if not 0 <= query.per_asset <= MOST_PER_ASSET:
        raise BadQuery(f"per_asset is {query.per_asset}; it must lie between 0 (no limit) and {MOST_PER_ASSET}")
    if query.where is not None:
        check_filter(query.where)


def check_page_size(query: Query) -> None:
    """Raises BadQuery."""
    if not 1 <= query.top_k <= MOST_TOP_K:
        raise BadQuery(f"top_k is {query.top_k:,}; it must lie between 1 and {MOST_TOP_K}")


def check_filter(where: Filter) -> None:
    """Refuse fields that no filter can name, and ranges that contradict each other, whichever store is asked.

    Raises:
        BadQuery: see above; the store checks the values of single conditions.
    """
    for leaf in _leaves(where):
        field_type(leaf.field)
    _check_ranges(where)


def _check_texts(query: Query, longest: int) -> None:
    length = len(query.words) + sum(len(part.text) for part in query.unwanted)
    if length > longest:
        raise BadQuery(f"the question has {length:,} characters; at most {longest:,} fit")


def _check_part(query: Query, name: str, part: Part) -> None:
    given = [bool(part.text.strip()), bool(part.image), part.visual is not None]
    if sum(given) != 1:
        raise BadQuery(f"{name} needs exactly one of text, image, url and visual")
    if not (math.isfinite(part.weight) and 0 < part.weight <= LARGEST_WEIGHT):
        raise BadQuery(f"{name}.weight is {part.weight:g}; it must lie above 0 and not above {LARGEST_WEIGHT:g}")
    if part.image and part.image not in query.pictures:
        raise BadQuery(f"{name}.image names a picture that did not come along: {part.image[:12]}…")


def _check_ranges(where: Filter) -> None:
    """What must hold together has a common range for each field."""
    match where:
        case Or(filters):
            for one in filters:
                _check_ranges(one)
        case And():
            ends: dict[str, tuple[list[Any], list[Any]]] = {}
            for one in _conjuncts(where):
                if isinstance(one, Between):
                    lows, highs = ends.setdefault(one.field, ([], []))
                    lows += [] if one.low is None else [one.low]
                    highs += [] if one.high is None else [one.high]
                else:
                    _check_ranges(one)
            for field, (lows, highs) in ends.items():
                _check_common(field, lows, highs)
        case _:
            return


def _check_common(field: str, lows: list[Any], highs: list[Any]) -> None:
    try:
        empty = bool(lows and highs) and max(lows) > min(highs)
    except TypeError:
        return  # dates among numbers, or without a zone: the store says what the field takes
    if empty:
        raise BadQuery(
            f"the ranges of {field} contradict each other: "
            f"at least {_shown(max(lows))} and at most {_shown(min(highs))} cannot both hold"
        )


def _shown(end: float | datetime) -> str:
    return end.isoformat() if isinstance(end, datetime) else f"{end:g}"


def _conjuncts(where: Filter) -> Iterator[Filter]:
    if isinstance(where, And):
        for one in where.filters:
            yield from _conjuncts(one)
    else:
        yield where


def _leaves(where: Filter, depth: int = 0) -> Iterator[Eq | AnyOf | Between | Missing]:
    if depth > DEEPEST:
        raise BadQuery(f"the filter is nested more than {DEEPEST} deep")
    match where:
        case And(filters) | Or(filters):
            for one in filters:
                yield from _leaves(one, depth + 1)
        case Not(one):
            yield from _leaves(one, depth + 1)
        case _:
            yield where
