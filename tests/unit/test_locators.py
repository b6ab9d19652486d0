"""Places in films and documents, as people read them and as browsers open them."""

from __future__ import annotations

import pytest

from rag.locators import fragment, in_words, position


@pytest.mark.parametrize(
    ("locator", "words", "opened"),
    [
        ("", "", ""),
        ("page=3", "page 3", "#page=3"),
        ("t=0.000", "0:00", "#t=0"),
        ("t=12.400", "0:12", "#t=12.4"),
        ("t=3725.000", "1:02:05", "#t=3725"),
        ("t=-1", "", ""),
        ("page=<b>", "", ""),
        ("elsewhere=3", "", ""),
    ],
)
def test_a_place_in_words_and_in_an_address(locator: str, words: str, opened: str) -> None:
    assert in_words(locator) == words
    assert fragment(locator) == opened


def test_page_ten_comes_after_page_two() -> None:
    assert sorted(["page=10", "page=2", "page=1"], key=position) == ["page=1", "page=2", "page=10"]
