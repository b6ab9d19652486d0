"""Filters in Qdrant Edge's own classes."""

from __future__ import annotations

from collections.abc import Sequence

import qdrant_edge as edge

from rag.indexing.filters import translate
from rag.model import Filter

Condition = edge.FieldCondition | edge.IsEmptyCondition | edge.Filter


class EdgeDialect:
    def equals(self, field: str, value: str | int) -> Condition:
        return edge.FieldCondition(field, match=edge.MatchValue(value))

    def any_of(self, field: str, values: Sequence[str]) -> Condition:
        return edge.FieldCondition(field, match=edge.MatchAny(list(values)))

    def numbers(self, field: str, low: float | None, high: float | None) -> Condition:
        return edge.FieldCondition(field, range=edge.RangeFloat(gte=low, lte=high))

    def dates(self, field: str, low: str | None, high: str | None) -> Condition:
        return edge.FieldCondition(field, range=edge.RangeDateTime(gte=low, lte=high))

    def missing(self, field: str) -> Condition:
        return edge.IsEmptyCondition(field)

    def every(self, conditions: Sequence[Condition]) -> Condition:
        return edge.Filter(must=list(conditions))

    def some(self, conditions: Sequence[Condition]) -> Condition:
        return edge.Filter(should=list(conditions))

    def none(self, condition: Condition) -> Condition:
        return edge.Filter(must_not=[condition])


def edge_filter(where: Filter | None) -> edge.Filter | None:
    """Raises BadQuery."""
    return None if where is None else edge.Filter(must=[translate(where, EdgeDialect())])
