"""The support score over the real encoder and collection."""

from __future__ import annotations

from rag.answering.support import MOST_SENTENCES, SupportScorer
from rag.model import LOCAL_OWNER, Query
from rag.search import search
from tests.flows.answers import Room


def scorer(room: Room) -> SupportScorer:
    found = search(room.services, LOCAL_OWNER, Query("a red car on a beach at noon", top_k=1), door="test")
    return SupportScorer(room.services.serving(), found.evidence)


def test_a_true_sentence_stands_above_the_same_with_one_thing_wrong(plain_room: Room) -> None:
    true, colour, thing, other = scorer(plain_room).score(
        [
            "On a beach at noon there is a car, which is red [1].",
            "On a beach at noon there is a car, which is green [1].",
            "On a beach at noon there is a lighthouse, which is red [1].",
            "A yellow cake stands in a kitchen [1].",
        ]
    )
    assert true.supported
    assert true.score > max(colour.score, thing.score)
    assert min(colour.score, thing.score) > other.score
    assert not other.supported


def test_a_sentence_that_cites_nothing_is_never_supported_however_true(plain_room: Room) -> None:
    (uncited,) = scorer(plain_room).score(["A red car on a beach at noon."])
    assert uncited.score > 0.9
    assert not uncited.supported


def test_of_an_endless_answer_only_so_many_sentences_are_compared(plain_room: Room) -> None:
    found = scorer(plain_room).score(["A red car on a beach at noon [1]."] * (MOST_SENTENCES + 3))
    assert [one.supported for one in found] == [True] * MOST_SENTENCES + [False] * 3


def test_texts_without_words_are_scored_and_unsupported(plain_room: Room) -> None:
    assert [one.supported for one in scorer(plain_room).score(["[1]", "… [1]"])] == [False, False]
    assert scorer(plain_room).score([]) == []
