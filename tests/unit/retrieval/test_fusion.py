"""Several ranked lists become one, and what it shows people is a probability."""

from __future__ import annotations

import pytest

from rag.errors import NotFound
from rag.model import LOCAL_OWNER, Actor, And, AnyOf, Channel, Eq, Missing, Not, Or, VisualId
from rag.ports import Scored, Sigmoid
from rag.retrieval.fusion import reciprocal_rank_fusion
from rag.retrieval.relevance import relevance
from rag.retrieval.rights import readable_libraries, visible_to


def ranking(*ids: str) -> list[Scored]:
    return [Scored(VisualId(name), 1.0 - n / 10) for n, name in enumerate(ids)]


def test_rrf_by_hand() -> None:
    fused = reciprocal_rank_fusion({Channel.IMAGE: ranking("a", "b"), Channel.BM25: ranking("b", "c")})
    assert [candidate.id for candidate in fused] == ["b", "a", "c"]
    assert fused[0].fused == pytest.approx(1 / 62 + 1 / 61)
    assert fused[1].fused == pytest.approx(1 / 61)
    assert fused[0].ranks == {Channel.IMAGE: 2, Channel.BM25: 1}
    assert fused[0].scores == {Channel.IMAGE: 0.9, Channel.BM25: 1.0}


def test_ties_are_ordered_by_id_so_that_the_same_question_gives_the_same_page() -> None:
    fused = reciprocal_rank_fusion({Channel.IMAGE: ranking("z"), Channel.CAPTION: ranking("a")})
    assert [candidate.id for candidate in fused] == ["a", "z"]


def test_nothing_found_fuses_to_nothing() -> None:
    assert reciprocal_rank_fusion({Channel.IMAGE: []}) == []


def test_probability_by_hand() -> None:
    prior = Sigmoid(slope=10.0, midpoint=0.5)
    assert prior.probability(0.5) == 0.5
    assert prior.probability(0.7) == pytest.approx(0.880797, abs=1e-6)
    assert prior.probability(-1e9) == pytest.approx(0.0, abs=1e-20)


def test_relevance_takes_the_best_dense_channel_and_ignores_bm25() -> None:
    priors = {Channel.IMAGE: Sigmoid(10, 0.5), Channel.CAPTION: Sigmoid(10, 0.5)}
    assert relevance({Channel.IMAGE: 0.5, Channel.CAPTION: 0.7, Channel.BM25: 30.0}, priors) == pytest.approx(
        0.8808, abs=1e-4
    )
    assert relevance({Channel.BM25: 30.0}, priors) == 0.0


def test_rights_are_libraries_and_groups_and_no_blocked_pictures() -> None:
    reader = Actor("ann", frozenset({"reader"}), frozenset({"press", "desk"}), frozenset({"news"}))
    assert visible_to(reader, ["news"]) == And(
        (
            AnyOf("library", ("news",)),
            Or((Missing("access_groups"), AnyOf("access_groups", ("desk", "press")))),
            Not(Eq("moderation", "blocked")),
        )
    )


def test_the_owner_sees_every_group() -> None:
    assert visible_to(LOCAL_OWNER, ["news"]) == And((AnyOf("library", ("news",)),))


def test_a_library_that_is_not_there_and_one_that_is_not_yours_read_alike() -> None:
    with pytest.raises(NotFound, match="there is no library 'secret'; you may read: news"):
        readable_libraries(LOCAL_OWNER, ["secret"], ["news"])
    with pytest.raises(NotFound, match="nothing has been ingested yet"):
        readable_libraries(LOCAL_OWNER, ["secret"], [])


def test_no_library_named_means_every_readable_one() -> None:
    assert readable_libraries(LOCAL_OWNER, [], ["a", "b"]) == ["a", "b"]
