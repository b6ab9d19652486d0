"""Filters in the Qdrant client's models."""

from __future__ import annotations

from collections.abc import Sequence

from qdrant_client import models

from rag.indexing.filters import translate
from rag.model import Filter

Condition = models.Condition


class ServerDialect:
    def equals(self, field: str, value: str | int) -> Condition:
        return models.FieldCondition(key=field, match=models.MatchValue(value=value))

    def any_of(self, field: str, values: Sequence[str]) -> Condition:
        return models.FieldCondition(key=field, match=models.MatchAny(any=list(values)))

    def numbers(self, field: str, low: float | None, high: float | None) -> Condition:
        return models.FieldCondition(key=field, range=models.Range(gte=low, lte=high))

    def dates(self, field: str, low: str | None, high: str | None) -> Condition:
        return models.FieldCondition(key=field, range=models.DatetimeRange.model_validate({"gte": low, "lte": high}))

    def missing(self, field: str) -> Condition:
        return models.IsEmptyCondition(is_empty=models.PayloadField(key=field))

    def every(self, conditions: Sequence[Condition]) -> Condition:
        return models.Filter(must=list(conditions))

    def some(self, conditions: Sequence[Condition]) -> Condition:
        return models.Filter(should=list(conditions))

    def none(self, condition: Condition) -> Condition:
        return models.Filter(must_not=[condition])


def server_filter(where: Filter | None) -> models.Filter | None:
    """Raises BadQuery."""
    return None if where is None else models.Filter(must=[translate(where, ServerDialect())])
