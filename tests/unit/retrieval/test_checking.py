"""Queries that cannot be asked, refused by the name of the field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.errors import BadQuery
from rag.model import And, Between, Eq, Not, Or, Part, Query, VisualId
from rag.retrieval.checking import check_query

GOOD = Query("a boat")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (Query(""), "nothing is wanted"),
        (Query(" ", unwanted=(Part(text="night"),)), "nothing is wanted"),
        (replace(GOOD, top_k=0), "top_k is 0"),
        (replace(GOOD, top_k=100_000), "top_k is 100,000; it must lie between 1 and 100"),
        (replace(GOOD, diversity=1.5), "diversity is 1.5"),
        (replace(GOOD, diversity=float("nan")), "diversity"),
        (replace(GOOD, per_asset=-1), "per_asset is -1"),
        (replace(GOOD, wanted=(Part(),)), "wanted[0] needs exactly one of"),
        (replace(GOOD, unwanted=(Part(text="a", visual=VisualId("b")),)), "unwanted[0] needs exactly one of"),
        (replace(GOOD, wanted=(Part(text="a", weight=0),)), "wanted[0].weight is 0"),
        (replace(GOOD, wanted=(Part(text="a", weight=float("inf")),)), "wanted[0].weight"),
        (replace(GOOD, wanted=(Part(image="00" * 32),)), "wanted[0].image names a picture that did not come along"),
        (replace(GOOD, wanted=(Part(text="a"),) * 11), "wanted has 11 parts; at most 10 fit"),
        (replace(GOOD, text="x" * 101), "101 characters; at most 100"),
        (replace(GOOD, unwanted=(Part(text="x" * 101),)), "107 characters; at most 100"),
        (replace(GOOD, where=Eq("smell", "x")), "'smell'; it can name: access_groups"),
        (replace(GOOD, where=Not(Or((Eq("tags", "x"), Eq("smell", "x"))))), "'smell'"),
        (
            replace(GOOD, where=And((Between("width", 900, None), And((Between("width", None, 800),))))),
            "the ranges of width contradict each other: at least 900 and at most 800",
        ),
    ],
)
def test_what_cannot_be_asked_is_named(query: Query, says: str) -> None:
    with pytest.raises(BadQuery) as caught:
        check_query(query, 100)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        GOOD,
        Query(wanted=(Part(visual=VisualId("v")),)),
        replace(GOOD, where=Or((Between("width", 900, None), Between("width", None, 800)))),
        replace(GOOD, where=And((Between("width", 800, None), Between("width", None, 800)))),
    ],
)
def test_what_can_be_asked_passes(query: Query) -> None:
    check_query(query, 100)
