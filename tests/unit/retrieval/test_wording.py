"""Questions made of captions."""

from __future__ import annotations

import random

import pytest

from rag.indexing.bm25 import query_vector
from rag.retrieval.fitting.wording import ASKED, fragment, question_from, reworded, says

CAPTION = "A black cat on a beach at night"


def test_a_fragment_is_words_in_a_row_that_begin_and_end_with_meaning() -> None:
    made = {fragment(CAPTION, random.Random(seed)) for seed in range(200)}
    assert {"beach", "black cat", "beach at night", "cat on a beach at night"} <= made
    assert all(says(CAPTION, one) is True and 1 <= len(query_vector(one).indices) <= 4 for one in made)


def test_a_caption_without_words_stays_whole() -> None:
    assert fragment("???", random.Random(1)) == "???"
    assert reworded("???", random.Random(1)) == "???"


def test_a_second_wording_lacks_about_a_third_of_the_words_and_never_all() -> None:
    terms = len(query_vector(CAPTION).indices)
    left = [len(query_vector(reworded(CAPTION, random.Random(seed))).indices) for seed in range(400)]
    assert sum(left) / len(left) == pytest.approx(0.67 * terms, rel=0.06)
    assert min(left) >= 1
    assert all(reworded("Sunset", random.Random(seed)) == "Sunset" for seed in range(20))


def test_questions_are_put_in_english_only_where_captions_are() -> None:
    asked = [question_from(CAPTION, random.Random(seed), english=True) for seed in range(100)]
    plain = [question_from("Eine schwarze Katze", random.Random(seed), english=False) for seed in range(100)]
    assert any(one.text.startswith("Which pictures show") for one in asked)
    assert all(one.text == one.stated for one in plain)
    assert all(says(CAPTION, one.stated) is True for one in asked)
    assert len(ASKED) > 1


@pytest.mark.parametrize(
    ("caption", "stated", "answer"),
    [
        (CAPTION, "black cats", True),
        (CAPTION, "a cat at night", True),
        (CAPTION, "a white cat", False),
        ("A red car beside a blue house", "a blue car beside a red house", None),
        (CAPTION, "the of and", False),
    ],
)
def test_a_caption_says_what_is_asked_in_its_words_and_order(caption: str, stated: str, answer: bool | None) -> None:
    assert says(caption, stated) is answer
