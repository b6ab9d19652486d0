"""Filters that make no sense are refused in words; those that do read the same in both dialects."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from rag.errors import BadQuery
from rag.indexing.edge_filters import edge_filter
from rag.indexing.schema import INDEXED, STORED, collection_name, field_type
from rag.indexing.server_filters import server_filter
from rag.model import And, AnyOf, Between, Eq, Filter, Missing, Not, Or

LATER, EARLIER = datetime(2025, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)


def anything(value: Any) -> Any:
    return value


REFUSED = [
    (Eq("colour", "red"), "'colour'"),
    (Missing("captions"), "'captions'"),
    (Eq("width", "100"), "integer field"),
    (Eq("width", True), "integer field"),
    (Eq("library", 1), "keyword field"),
    (Eq("captured_at", "2024-01-01"), "ask for a range"),
    (AnyOf("width", ("100",)), "holds no words"),
    (AnyOf("tags", anything("red")), "list of words"),
    (AnyOf("tags", anything((1, 2))), "list of words"),
    (Between("library", 1, 2), "has no ranges"),
    (Between("width"), "neither end"),
    (Between("captured_at"), "neither end"),
    (Between("width", 200, 100), "ends before it begins"),
    (Between("captured_at", LATER, EARLIER), "ends before it begins"),
    (Between("width", math.nan, 100), "is a number; nan is none"),
    (Between("width", high=math.inf), "is a number; inf is none"),
    (Between("width", low=EARLIER), "is a number"),
    (Between("captured_at", low=5), "is a date; 5 is none"),
    (Between("captured_at", low=datetime(2024, 1, 1)), "time zone"),
]


@pytest.mark.parametrize(("where", "why"), REFUSED)
@pytest.mark.parametrize("translate", [edge_filter, server_filter])
def test_a_filter_that_makes_no_sense_is_refused_wherever_it_stands(translate: Any, where: Filter, why: str) -> None:
    for nested in (where, And((Eq("library", "a"), Or((Not(where),))))):
        with pytest.raises(BadQuery, match=why):
            translate(nested)


def test_nesting_has_an_end() -> None:
    where: Filter = Eq("library", "a")
    for _ in range(5_000):
        where = Not(where)
    with pytest.raises(BadQuery, match="nested"):
        server_filter(where)


def test_no_filter_is_none() -> None:
    assert edge_filter(None) is None
    assert server_filter(None) is None


def test_every_field_has_one_index_or_is_only_stored() -> None:
    assert not INDEXED.keys() & set(STORED)
    assert [field_type(field) for field in INDEXED] == list(INDEXED.values())


@pytest.mark.parametrize(
    "encoder_id", ["ViT-B-16-SigLIP2/webli@sha256:0123", "", "../../etc", "x" * 500, "ビット", "a b\nc"]
)
def test_a_collections_name_is_a_safe_folder_and_url(encoder_id: str) -> None:
    name = collection_name(encoder_id)
    assert name.isascii()
    assert name.replace("_", "").replace("-", "").isalnum()
    assert len(name) <= 100


def test_a_collections_name_is_readable_and_its_encoders_own() -> None:
    assert collection_name("ViT-B-16/webli").startswith("visuals_vit-b-16-webli_")
    ids = ["ViT-B-16/webli", "vit-b-16/webli", "ViT-B-16-webli", "x" * 100, "x" * 101]
    assert len({collection_name(one) for one in ids}) == len(ids)
    assert collection_name(ids[0]) == collection_name(ids[0])
