"""Words of a policy are found as people read them, however they are written."""

from __future__ import annotations

import pytest

from rag.moderation.words import folded_terms, said

POLICY = [folded_terms(phrase) for phrase in ("whisky", "fly agaric", "пиво", "日本酒")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Two glasses of WHISKY", 0),
        ("old whiskys on a shelf", 0),
        ("whi\u200bsky", 0),
        ("wh\u0456sky", 0),  # a Cyrillic i
        ("ｗｈｉｓｋｙ", 0),
        ("0042-whisky_tasting.jpg", 0),
        ("A fly agaric in a forest", 1),
        ("стакан пиво", 2),
        ("日本酒の瓶", 3),
    ],
)
def test_a_word_is_found_whatever_hides_it(text: str, place: int) -> None:
    assert said(POLICY, folded_terms(text)) == place


@pytest.mark.parametrize("text", ["", "a kite", "fly a red agaric", "agaric fly", "a whisk", "…"])
def test_other_words_are_none_of_them(text: str) -> None:
    assert said(POLICY, folded_terms(text)) is None
