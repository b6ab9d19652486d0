"""Filters as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from rag.api.schemas.asking import SearchRequest
from rag.model import And, AnyOf, Between, Eq, Filter, Missing, Not, Or
from rag.settings import Settings


def filter_from(where: Any) -> Filter | None:
    return SearchRequest.model_validate({"query": "x", "where": where}).to_query(Settings())[0].where


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (None, None),
        ({"field": "tags", "eq": "beach"}, Eq("tags", "beach")),
        ({"field": "width", "eq": 640}, Eq("width", 640)),
        ({"field": "tags", "any_of": ["a", "b"]}, AnyOf("tags", ("a", "b"))),
        ({"field": "width", "between": [100, None]}, Between("width", 100, None)),
        (
            {"field": "captured_at", "between": ["2024-01-01", "2024-12-31T12:00:00Z"]},
            Between("captured_at", datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, 12, tzinfo=UTC)),
        ),
        ({"field": "licence", "missing": True}, Missing("licence")),
        ({"field": "licence", "missing": False}, Not(Missing("licence"))),
        (
            {"and": [{"field": "tags", "eq": "a"}, {"or": [{"not": {"field": "tags", "eq": "b"}}]}]},
            And((Eq("tags", "a"), Or((Not(Eq("tags", "b")),)))),
        ),
    ],
)
def test_json_means_the_filter_that_it_says(where: Any, expected: Filter | None) -> None:
    assert filter_from(where) == expected


@pytest.mark.parametrize(
    "where",
    [
        7,
        [],
        {"field": "tags"},
        {"field": "tags", "eq": ["a"]},
        {"field": "tags", "eq": "a", "typo": 1},
        {"field": "tags", "any_of": "a"},
        {"field": "width", "between": [1]},
        {"field": "width", "between": [True, None]},
        {"and": []},
        {"and": {"field": "tags", "eq": "a"}},
        {"not": [{"field": "tags", "eq": "a"}]},
    ],
)
def test_what_is_no_filter_is_refused_by_name(where: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        filter_from(where)
    assert all(error["loc"][0] == "where" for error in caught.value.errors())
