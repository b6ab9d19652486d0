"""Figures that compare rankings, against cases worked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.migration.measuring import compared, ndcg, overlap_at_k, rank_biased_overlap, recall
from rag.migration.replay import worse

rankings = st.lists(st.sampled_from("abcdefghij"), unique=True)


def test_overlap_counts_what_both_have_among_their_first() -> None:
    assert overlap_at_k("abcd", "bcxy", 2) == 0.5
    assert overlap_at_k("abcd", "bcxy", 4) == 0.5
    assert overlap_at_k("ab", "abcd", 4) == 0.5


def test_rank_biased_overlap_worked_by_hand() -> None:
    # depths: 0/1, 2/2; weights 1, 0.9
    assert rank_biased_overlap("ab", "ba", p=0.9) == pytest.approx(0.9 / 1.9)
    # a change at the top costs more than one at the end
    assert rank_biased_overlap("abc", "abx") > rank_biased_overlap("abc", "xbc")


def test_ndcg_worked_by_hand() -> None:
    # gains 2^1-1 = 1 at rank 2, 2^2-1 = 3 at rank 3; ideal: 3 at rank 1, 1 at rank 2
    found = 1 / math.log2(3) + 3 / math.log2(4)
    ideal = 3 / math.log2(2) + 1 / math.log2(3)
    assert ndcg("xab", {"a": 1, "b": 2}) == pytest.approx(found / ideal)
    assert ndcg("xyz", {"a": 1}) == 0
    assert recall("xab", {"a": 1, "c": 1, "d": 0}, 2) == 0.5


@given(rankings, rankings)
def test_figures_lie_between_0_and_1_and_do_not_mind_the_order_of_sides(one: list[str], other: list[str]) -> None:
    for there, back, same in (
        (overlap_at_k(one, other, 5), overlap_at_k(other, one, 5), overlap_at_k(one, one, 5)),
        (rank_biased_overlap(one, other), rank_biased_overlap(other, one), rank_biased_overlap(one, one)),
    ):
        assert 0 <= there <= 1 + 1e-9
        assert [there, same] == pytest.approx([back, 1])


@given(rankings, st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 3)))
def test_the_best_order_has_an_ndcg_of_1(ranking: list[str], grades: dict[str, float]) -> None:
    assert 0 <= ndcg(ranking, grades) <= 1 + 1e-9
    if any(grades.values()):
        assert ndcg(sorted(grades, key=lambda one: -grades[one]), grades) == pytest.approx(1)


def test_a_difference_that_is_everywhere_the_same_has_no_doubt() -> None:
    found = compared([0.5] * 20, [0.75] * 20)
    assert (found["difference"], found["low"], found["high"]) == (0.25, 0.25, 0.25)


def test_a_few_queries_that_go_both_ways_prove_nothing() -> None:
    found = compared([1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0])
    assert found["low"] < 0 < found["high"]


def test_the_gate_closes_only_when_the_whole_interval_lies_below() -> None:
    def report(old: list[float], new: list[float]) -> dict[str, object]:
        return {"k": 10, "labels": "captions", "ndcg_at_k": compared(old, new)}

    assert worse(report([0.5] * 50, [0.5] * 50)) == ""
    assert worse(report([1.0, 0.0] * 4, [0.0, 1.0] * 3 + [0.0, 0.0])) == ""
    assert "falls from 0.900 to 0.400" in worse(report([0.9] * 50, [0.4] * 50))
    assert worse({"k": 10}) == ""
