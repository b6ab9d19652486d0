"""Agreement against figures worked out by hand or printed in the sources."""

from __future__ import annotations

import pytest

from rag.auditing.agreement import cohens_kappa, interval, kappas, krippendorffs_alpha, nominal


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    """20 both yes, 15 both no, 5 and 10 apart: p_o = 0.7, p_e = 0.5."""
    one = ["yes"] * 20 + ["yes"] * 5 + ["no"] * 10 + ["no"] * 15
    other = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohens_kappa(one, other) == pytest.approx(0.4)


def test_kappa_is_one_for_the_same_words_nought_by_chance_and_below_for_opposites() -> None:
    assert cohens_kappa(["a", "b"], ["a", "b"]) == 1.0
    assert cohens_kappa(["a", "a"], ["a", "a"]) == 1.0
    assert cohens_kappa(["a", "a", "b", "b"], ["a", "b", "a", "b"]) == 0.0
    assert cohens_kappa(["a", "b"], ["b", "a"]) == -1.0
    with pytest.raises(ValueError, match="at least one"):
        cohens_kappa([], [])


def test_kappa_counts_only_what_both_judged() -> None:
    rated = {1: {"ann": "a", "bob": "a"}, 2: {"ann": "b", "bob": "b"}, 3: {"ann": "a", "cy": "b"}}
    assert kappas(rated) == {("ann", "bob"): (1.0, 2), ("ann", "cy"): (0.0, 1)}


KRIPPENDORFF_2011 = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}


def test_alpha_is_that_of_krippendorffs_own_example() -> None:
    """Krippendorff 2011, section C and D: 4 observers, 12 units, missing data: nominal 0.743, interval 0.849."""
    rated = {
        unit: {who: values[unit] for who, values in KRIPPENDORFF_2011.items() if values[unit] is not None}
        for unit in range(12)
    }
    assert krippendorffs_alpha(rated, nominal) == pytest.approx(0.743, abs=5e-4)
    assert krippendorffs_alpha(rated, interval) == pytest.approx(0.849, abs=5e-4)  # type: ignore[arg-type]


def test_alpha_is_unknown_where_nobody_judged_what_another_did() -> None:
    assert krippendorffs_alpha({1: {"ann": 1}, 2: {"bob": 2}}, interval) is None
    assert krippendorffs_alpha({1: {"ann": 1, "bob": 1}}, interval) == 1.0
