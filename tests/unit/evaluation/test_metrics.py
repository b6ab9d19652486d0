"""Each figure against cases worked by hand, and what must hold of it for any input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.evaluation.metrics import (
    bootstrap,
    max_skew,
    mean_interval,
    ndcg_at_k,
    ndkl,
    recall_at_k,
    reciprocal_rank,
)

EVEN = {"a": 0.5, "b": 0.5}


def test_recall_is_the_share_of_what_could_be_found() -> None:
    assert recall_at_k("xaybz", {"a", "b", "c"}, 1) == 0.0
    assert recall_at_k("xaybz", {"a", "b", "c"}, 2) == 0.5  # two fit, one is there
    assert recall_at_k("xaybz", {"a", "b", "c"}, 5) == pytest.approx(2 / 3)
    assert recall_at_k("a", {"a"}, 10) == 1.0


def test_reciprocal_rank_looks_at_the_first_right_one_alone() -> None:
    assert reciprocal_rank("xyab", {"a", "b"}) == pytest.approx(1 / 3)
    assert reciprocal_rank("xy", {"a"}) == 0.0


def test_ndcg_by_hand() -> None:
    """Grades 3, 2, 0, 1 in this order: DCG = 7 + 3/log2(3) + 1/log2(5); best: 7 + 3/log2(3) + 1/2."""
    grades = {"a": 3.0, "b": 2.0, "c": 1.0}
    gained = 7 + 3 / math.log2(3) + 1 / math.log2(5)
    best = 7 + 3 / math.log2(3) + 1 / math.log2(4)
    assert ndcg_at_k(["a", "b", "x", "c"], grades, 10) == pytest.approx(gained / best)
    assert ndcg_at_k(["x", "a"], {"a": 1.0}, 10) == pytest.approx(1 / math.log2(3))
    assert ndcg_at_k(["x", "a"], {"a": 1.0}, 1) == 0.0


def test_ndcg_pays_nothing_for_saying_the_same_thing_twice() -> None:
    assert ndcg_at_k(["a", "a", "b"], {"a": 1.0, "b": 1.0}, 3) == pytest.approx(1.0)


@pytest.mark.parametrize("k", [0, -1])
def test_a_cut_below_one_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="must be 1 or more"):
        recall_at_k("ab", {"a"}, k)


def test_where_nothing_is_relevant_there_is_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing is relevant"):
        recall_at_k("ab", set(), 1)
    with pytest.raises(ValueError, match="nothing is relevant"):
        ndcg_at_k("ab", {"a": 0.0}, 1)


def test_max_skew_by_hand() -> None:
    """Of the first four, three are a: ln(0.75 / 0.5) for a, ln(0.25 / 0.5) for b."""
    assert max_skew("aaab", EVEN, 4) == pytest.approx(math.log(1.5))
    assert max_skew("aaab", EVEN, 3) == pytest.approx(math.log(2))
    assert max_skew("abab", EVEN, 4) == pytest.approx(0.0)
    assert max_skew("aabb", {"a": 0.25, "b": 0.75}, 4) == pytest.approx(math.log(2))


def test_ndkl_by_hand() -> None:
    """Prefixes a and ab: KL is ln 2, then 0; weights 1 and 1/log2(3)."""
    assert ndkl("ab", EVEN) == pytest.approx(math.log(2) / (1 + 1 / math.log2(3)))
    assert ndkl("aa", EVEN) == pytest.approx(math.log(2))


def test_skew_of_more_than_was_ranked_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and the 2 items"):
        max_skew("ab", EVEN, 3)
    with pytest.raises(ValueError, match="must be positive"):
        max_skew("ab", {"a": 1.0, "b": 0.0}, 2)


def test_a_group_left_out_altogether_still_gives_a_figure() -> None:
    assert max_skew("aa", {"a": 0.5, "b": 0.5}, 2) == pytest.approx(math.log(2))


@settings(deadline=None)
@given(st.permutations(list(range(8))), st.sets(st.integers(0, 7), min_size=1), st.integers(1, 8))
def test_recall_grows_with_the_cut_up_to_one(ranked: list[int], relevant: set[int], k: int) -> None:
    assert 0.0 <= recall_at_k(ranked, relevant, k) <= 1.0
    assert recall_at_k(ranked, relevant, 8) == 1.0
    assert reciprocal_rank(ranked, relevant) >= 1 / 8


@settings(deadline=None)
@given(st.permutations(list(range(6))), st.dictionaries(st.integers(0, 5), st.floats(0.5, 3), min_size=1))
def test_ndcg_is_one_for_the_best_order_and_never_more(ranked: list[int], grades: dict[int, float]) -> None:
    best = sorted(grades, key=lambda item: -grades[item])
    assert ndcg_at_k(best, grades, 10) == pytest.approx(1.0)
    assert ndcg_at_k(ranked, grades, 10) <= 1.0 + 1e-9


@settings(deadline=None)
@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=30))
def test_no_ranking_is_fairer_than_even(groups: list[str]) -> None:
    assert ndkl(groups, EVEN) >= 0.0
    assert max_skew(groups, EVEN, len(groups)) >= -1e-12


def test_the_interval_of_a_coin_is_the_one_in_the_tables() -> None:
    """50 heads in 100: the normal 95 % interval is 0.402 to 0.598."""
    value, low, high = mean_interval([0.0, 1.0] * 50, resamples=4000)
    assert value == 0.5
    assert low == pytest.approx(0.402, abs=0.015)
    assert high == pytest.approx(0.598, abs=0.015)


def test_an_interval_of_any_statistic_and_always_the_same() -> None:
    values = np.arange(50.0)

    def median(rows: NDArray[np.intp]) -> float:
        return float(np.median(values[rows]))

    low, high = bootstrap(50, median, seed=3)
    assert low < 24.5 < high
    assert bootstrap(50, median, seed=3) == (low, high)


def test_no_interval_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing to draw from"):
        mean_interval([])
