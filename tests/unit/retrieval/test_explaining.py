"""Why a visual is where it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from rag.model import And, AnyOf, Between, Condition, Eq, Filter, Missing, Not, Or
from rag.ports import Captioned
from rag.retrieval.explaining import conditions, in_words, matched_caption
from rag.retrieval.phrases import unsaid

PAYLOAD: dict[str, Any] = {
    "tags": ["beach", "car"],
    "width": 640,
    "captured_at": "2024-05-01T10:00:00+00:00",
    "licence": "CC0-1.0",
    "camera": "",
    "name": "IMG_0001.jpg",
    "captions": [{"text": "A red  car at the Pier"}, {"text": "東京タワー"}],
}
MAY = datetime(2024, 5, 1, tzinfo=UTC)


def test_each_condition_says_whether_it_holds_and_what_was_found() -> None:
    where = And(
        (Eq("tags", "beach"), Not(Eq("licence", "CC0-1.0")), Or((Between("width", 700, None), Missing("source"))))
    )
    assert conditions(where, PAYLOAD) == (
        Condition("tags:beach", True, "beach, car"),
        Condition("-licence:CC0-1.0", False, "CC0-1.0"),
        Condition("width:>=700", False, "640"),
        Condition("-has:source", True, ""),
    )
    assert conditions(None, PAYLOAD) == ()


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        (AnyOf("tags", ("street", "car")), True),
        (AnyOf("tags", ()), False),
        (Between("captured_at", MAY, None), True),
        (Between("captured_at", None, MAY), False),
        (Between("height", 1, None), False),
        (Missing("tags"), False),
    ],
)
def test_conditions_are_read_as_the_store_reads_them(where: Filter, holds: bool) -> None:
    assert [one.held for one in conditions(where, PAYLOAD)] == [holds]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (None, ""),
        (AnyOf("tags", ("beach", "Beach", "BEACH", "two words")), 'tags:beach,"two words"'),
        (And((Eq("width", 640), Or((Eq("tags", "a"), Eq("tags", "b"))))), "width:640 (tags:a or tags:b)"),
        (Not(Between("width", 1, 2)), "-width:1..2"),
        (Not(Missing("licence")), "has:licence"),
    ],
)
def test_a_filter_reads_as_it_is_typed(where: Filter | None, words: str) -> None:
    assert in_words(where) == words


def test_the_caption_that_comes_closest_is_named() -> None:
    captions = np.eye(2, dtype=np.float32)
    indexed = Captioned(PAYLOAD["captions"], captions)
    found = matched_caption(indexed, np.array([0.1, 0.9], dtype=np.float32))
    assert found is not None
    assert found.text == "東京タワー"
    assert matched_caption(None, captions[0]) is None
    assert matched_caption(indexed, None) is None


@pytest.mark.parametrize(
    ("phrases", "missing"),
    [
        ((), ""),
        (("red car",), ""),
        (("Red Car", "at the pier"), ""),
        (("京タ",), ""),
        (("img_0001",), ""),
        (("ed car",), "ed car"),
        (("red car", "blue car"), "blue car"),
    ],
)
def test_a_phrase_is_said_word_for_word_or_not(phrases: tuple[str, ...], missing: str) -> None:
    assert unsaid(phrases, PAYLOAD) == missing
