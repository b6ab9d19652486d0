"""Cosines -> probabilities, against cases worked by hand; and the fit, against a world where the truth is known."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.classifying.calibrating import MEASURED, chosen, halves
from rag.classifying.confidence import Calibration, Floats, default_calibration, probabilities, soft_maximum
from rag.classifying.fitting import Bools, fit, quality
from rag.encoding import demo
from rag.model import Channel
from rag.ports import Sigmoid
from rag.retrieval.calibration_error import expected_calibration_error

EVEN = Calibration(10.0, Sigmoid(20.0, 0.3), "by hand")


def test_a_case_worked_by_hand() -> None:
    """Two labels at 0.4 and 0.3: softmax(4, 3) = 0.7311, 0.2689; the soft maximum is 0.3620."""
    (row,) = probabilities(np.array([[0.4, 0.3]]), EVEN)
    x = math.log((math.exp(4) + math.exp(3)) / 2) / 10
    assert x == pytest.approx(0.36201, abs=1e-5)
    some = 1 / (1 + math.exp(-20 * (x - 0.3)))
    assert row == pytest.approx([some * 0.731059, some * 0.268941, 1 - some], abs=1e-5)


def test_one_label_alone_reads_as_the_sigmoid_says() -> None:
    rows = probabilities(np.array([[0.3], [0.9], [-0.9]]), EVEN)
    assert rows[:, 0] == pytest.approx([0.5, 1 / (1 + math.exp(-12)), 1 / (1 + math.exp(24))])


def test_a_picture_that_nothing_fits_is_none_of_these_however_many_labels_there_are() -> None:
    """Where softmax must be sure of some label, and a sum over labels would grow with their number."""
    for labels in (2, 10, 1000):
        (row,) = probabilities(np.full((1, labels), 0.1), EVEN)
        assert row[-1] > 0.95


def test_a_label_that_was_not_asked_about_has_no_probability_and_changes_nothing() -> None:
    with_it = probabilities(np.array([[0.4, -np.inf, 0.3]]), EVEN)[0]
    without = probabilities(np.array([[0.4, 0.3]]), EVEN)[0]
    assert with_it == pytest.approx([without[0], 0, without[1], without[2]])


@settings(deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=20),
    st.floats(2, 400),
    st.floats(0.1, 200),
    st.floats(-1, 1),
)
def test_rows_are_probabilities_in_the_order_of_the_cosines(
    cosines: list[float], scale: float, slope: float, midpoint: float
) -> None:
    rows = probabilities(np.array([cosines]), Calibration(scale, Sigmoid(slope, midpoint), ""))
    assert rows.sum() == pytest.approx(1)
    assert (rows >= 0).all()
    assert (np.diff(rows[0, :-1][np.argsort(cosines)]) >= -1e-12).all()
    assert np.mean(cosines) - 1e-9 <= soft_maximum(np.array([cosines]), scale)[0] <= max(cosines) + 1e-9


def test_without_anything_measured_one_label_at_the_shares_prior_reads_as_the_prior_does() -> None:
    """At a share of 1/2, one label has exactly the prior's probability: nothing is added."""
    prior = {Channel.IMAGE: Sigmoid(40.0, 0.25)}
    calibration = default_calibration(prior, share=0.5)
    (row,) = probabilities(np.array([[0.28]]), calibration)
    assert row[0] == pytest.approx(1 / (1 + math.exp(-40 * 0.03)))


def test_the_calibration_error_of_a_case_worked_by_hand() -> None:
    """Two bins of two: |0.5 - 0.55| and |1.0 - 0.85|, each half of the mass."""
    confidence, correct = np.array([0.5, 0.6, 0.8, 0.9]), np.array([True, False, True, True])
    assert expected_calibration_error(confidence, correct, bins=2) == pytest.approx(0.5 * 0.05 + 0.5 * 0.15)
    with pytest.raises(ValueError, match="too few"):
        expected_calibration_error(confidence, correct, bins=5)


def world(n: int, seed: int, *, shift: float = 0.0) -> tuple[Floats, Bools]:
    """Pictures by eight labels, half of them with none: wrong cosines around 0.2, the right one around 0.35."""
    rng = np.random.default_rng(seed)
    cosines = rng.normal(0.2, 0.05, (n, 8)) + shift
    right = np.zeros((n, 8), dtype=np.bool_)
    with_label = np.flatnonzero(rng.random(n) < 0.5)
    right[with_label, rng.integers(0, 8, len(with_label))] = True
    cosines[right] += 0.15
    return cosines, right


def test_what_is_fitted_on_some_pictures_is_calibrated_on_others() -> None:
    fitted = fit(*world(2000, 1), "a world")
    on_others = quality(*world(4000, 2), fitted)
    assert on_others.calibration_error <= 0.03
    assert on_others.accuracy >= 0.8  # 0.84: as much as the overlap of right and wrong cosines leaves
    guessed = quality(*world(4000, 2), default_calibration({Channel.IMAGE: Sigmoid(40.0, 0.5)}))
    assert on_others.log_loss < guessed.log_loss


def test_a_fit_needs_both_sorts_of_pictures() -> None:
    cosines, right = world(50, 1)
    with pytest.raises(ValueError, match="both"):
        fit(cosines[right.any(axis=1)], right[right.any(axis=1)], "")


def test_peoples_tags_decide_only_where_they_do_better_on_assets_they_were_not_fitted_on() -> None:
    before = fit(*world(2000, 3), "before")
    elsewhere = chosen(*world(600, 4, shift=0.3), before)
    assert "people's tags on" in elsewhere.basis
    small, right = world(16, 5)  # eight to fit three numbers on: worse than what 2,000 gave
    assert chosen(small, right, before) is before


def test_the_halves_hold_every_asset_once_and_each_half_of_each_sort() -> None:
    _, right = world(101, 6)
    one, other = halves(right)
    assert sorted(one + other) == list(range(101))
    some = np.asarray(right.any(axis=1))
    assert abs(int(some[one].sum()) - int(some[other].sum())) <= 1


def test_the_calibration_that_ships_is_of_the_demo_encoder_that_ships() -> None:
    """Else the demo encoder would fall back to its prior, and nobody would notice."""
    canary = json.loads((Path(demo.__file__).parent / "canary.json").read_text())
    kept = json.loads(MEASURED.read_text())
    assert kept["encoder"] == canary["encoder"]
    assert kept["scale"] > 0
    assert kept["fits"]["slope"] > 0
