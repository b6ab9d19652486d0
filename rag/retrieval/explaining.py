"""Why a visual is where it is: which caption matched, and how it stands with each condition of the filter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from rag.indexing.points import searchable_captions
from rag.model import (
    And,
    AnyOf,
    Asset,
    Between,
    Caption,
    CaptionOrigin,
    Condition,
    Eq,
    Filter,
    Json,
    Missing,
    Not,
    Or,
    Visual,
)
from rag.ports import Captioned, Vector

Leaf = Eq | AnyOf | Between | Missing


def shown_caption(asset: Asset, visual: Visual) -> Caption | None:
    """What is said of this very picture, a page's own text say, before what is said of the whole file."""
    captions = searchable_captions(asset, visual)
    return next((caption for caption in captions if caption.locator), captions[0] if captions else None)


def matched_caption(indexed: Captioned | None, vector: Vector | None) -> Caption | None:
    """The caption whose cosine with `vector` is the highest, as it was when the visual was indexed."""
    if indexed is None or vector is None or not len(indexed.vectors):
        return None
    best = int(np.argmax(indexed.vectors @ vector))
    if best >= len(indexed.said):
        return None
    said = indexed.said[best]
    origin = CaptionOrigin(said.get("origin", CaptionOrigin.HUMAN))
    return Caption(said["text"], origin, language=said.get("language", ""))


def conditions(where: Filter | None, payload: Json) -> tuple[Condition, ...]:
    """How a visual with this payload stands with each single condition of a filter, in the order written."""
    return tuple(
        Condition(words, _holds(leaf, payload) is not negated, _found(payload.get(leaf.field)))
        for leaf, words, negated in _leaves(where)
    )


def in_words(where: Filter | None) -> str:
    """A filter in the short form, with `and`, `or` and brackets where it has no form for them."""
    match where:
        case None:
            return ""
        case And(filters):
            return " ".join(_bracketed(one) for one in filters)
        case Or(filters):
            return " or ".join(_bracketed(one) for one in filters)
        case Not(Missing(field)):
            return f"has:{field}"
        case Not(one):
            return f"-{_bracketed(one)}"
        case _:
            return _leaf_words(where)


def _leaves(where: Filter | None, negated: bool = False) -> Iterator[tuple[Leaf, str, bool]]:
    match where:
        case None:
            return
        case And(filters) | Or(filters):
            for one in filters:
                yield from _leaves(one, negated)
        case Not(one):
            yield from _leaves(one, not negated)
        case _:
            yield where, in_words(Not(where) if negated else where), negated


def _holds(leaf: Leaf, payload: Json) -> bool:
    """What the store decides inside the search, decided once more for one payload."""
    value = payload.get(leaf.field)
    values = value if isinstance(value, list) else [value]
    match leaf:
        case Eq(_, wanted):
            return wanted in values
        case AnyOf(_, wanted_ones):
            return any(one in values for one in wanted_ones)
        case Missing():
            return value is None or value == []
        case Between(_, low, high):
            return any(_within(one, low, high) for one in values)


def _within(value: Any, low: Any, high: Any) -> bool:
    if value is None:
        return False
    known = datetime.fromisoformat(value) if isinstance(value, str) else value  # numbers, or dates as ISO 8601
    return (low is None or known >= low) and (high is None or known <= high)


def _found(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)


def _bracketed(where: Filter) -> str:
    several = isinstance(where, Or | And) and len(where.filters) > 1
    return f"({in_words(where)})" if several else in_words(where)


def _leaf_words(leaf: Leaf) -> str:
    match leaf:
        case Eq(field, value):
            return f"{field}:{_quoted(str(value))}"
        case AnyOf(field, values):
            spelled = {value.casefold(): value for value in reversed(values)}
            return f"{field}:{','.join(_quoted(value) for value in reversed(spelled.values()))}"
        case Missing(field):
            return f"-has:{field}"
        case Between(field, low, high):
            if high is None:
                return f"{field}:>={_end(low)}"
            return f"{field}:<={_end(high)}" if low is None else f"{field}:{_end(low)}..{_end(high)}"


def _end(value: float | datetime | None) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else f"{value:.15g}"


def _quoted(value: str) -> str:
    return f'"{value}"' if not value or any(one.isspace() or one in ',"' for one in value) else value
