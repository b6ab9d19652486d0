"""A text and its sentences: nothing is lost, and citations stay with what they are for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.citations import CitationCheck, check_citations
from rag.answering.sentences import Sentences, sentences

TEXTS = st.text(st.sampled_from("aB1. ,;[]!?\n-()“”。"), max_size=60)


def in_pieces(text: str, sizes: list[int]) -> list[str]:
    pieces, at = [], 0
    for size in [*sizes, len(text)]:
        pieces.append(text[at : at + size])
        at += size
    return pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A red car [1]. A blue one [2].", ["A red car [1].", "A blue one [2]."]),
        ("It is red. [1][2] It is fast.", ["It is red. [1][2]", "It is fast."]),
        ("It cost 3.5 million in the U.S. in 1999 [1].", ["It cost 3.5 million in the U.S. in 1999 [1]."]),
        ("Two fit:\n- A car [1].\n- A bus [2].", ["Two fit:", "- A car [1].", "- A bus [2]."]),
        ("赤い車です。[1]海辺です。", ["赤い車です。[1]", "海辺です。"]),
        ("", []),
    ],
)
def test_each_sentence_keeps_its_citations(text: str, expected: list[str]) -> None:
    assert [one.strip() for one in sentences(text)] == expected


@given(TEXTS, st.lists(st.integers(1, 7), max_size=30))
def test_sentences_put_together_are_the_text(text: str, sizes: list[int]) -> None:
    assert "".join(sentences(text)) == text
    splitter = Sentences()
    came = [one for piece in in_pieces(text, sizes) for one in splitter.feed(piece)]
    assert "".join([*came, *splitter.close()]) == text


@given(TEXTS, st.lists(st.integers(1, 7), max_size=30))
def test_citations_are_checked_alike_in_one_piece_and_in_many(text: str, sizes: list[int]) -> None:
    check = CitationCheck({1})
    shown = "".join(check.feed(piece) for piece in in_pieces(text, sizes)) + check.close()
    whole = check_citations(text, {1})
    assert shown.strip() == whole.text
    assert tuple(check.cited) == whole.citations
    assert tuple(check.removed) == whole.removed
