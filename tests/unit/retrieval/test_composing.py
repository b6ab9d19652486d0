"""Parts of a query: a picture does not drown the words, and what is unwanted moves down."""

from __future__ import annotations

import numpy as np
import pytest

from rag.model import Channel, VisualId
from rag.ports import Sigmoid
from rag.retrieval.composing import Sample, Scale, Spread, Unwanted, composed_vector
from rag.retrieval.fusion import Candidate
from rag.retrieval.unlike import lower_unlike

rng = np.random.default_rng(3)


def unit(*numbers: float) -> np.ndarray:
    vector = np.asarray(numbers, dtype=np.float32)
    return vector / np.linalg.norm(vector)


class Scores:
    """A store in which only `scores` is asked."""

    def __init__(self, found: dict[str, float]) -> None:
        self.found = found

    def scores(self, ids: list[str], vectors: object) -> dict[Channel, dict[str, float]]:
        return {Channel.IMAGE: {one: self.found[one] for one in ids}}


def test_a_part_counts_by_how_far_it_stands_out_not_by_how_large_its_cosines_are() -> None:
    # along the first axis the library spreads five times as far as along the second
    images = np.stack(
        [
            unit(1 + spread, narrow, 4)
            for spread, narrow in zip(rng.normal(0, 1.0, 64), rng.normal(0, 0.2, 64), strict=True)
        ]
    ).astype(np.float32)
    sample = Sample(images, images)
    wide, slim = unit(1, 0, 0), unit(0, 1, 0)
    mixed = composed_vector(Channel.IMAGE, [({Channel.IMAGE: wide}, 1.0), ({Channel.IMAGE: slim}, 1.0)], sample)
    both = images @ mixed
    assert np.linalg.norm(mixed) == pytest.approx(1, abs=1e-5)
    assert abs(np.corrcoef(both, images @ wide)[0, 1]) == pytest.approx(
        abs(np.corrcoef(both, images @ slim)[0, 1]), abs=0.05
    )
    heavier = composed_vector(Channel.IMAGE, [({Channel.IMAGE: wide}, 3.0), ({Channel.IMAGE: slim}, 1.0)], sample)
    assert heavier @ wide > mixed @ wide


def test_a_library_too_small_to_have_a_spread_takes_parts_as_they_are() -> None:
    images = np.stack([unit(1, 0), unit(0, 1)])
    sample = Sample(images, images)
    mixed = composed_vector(
        Channel.IMAGE, [({Channel.IMAGE: unit(1, 0)}, 1.0), ({Channel.IMAGE: unit(0, 1)}, 1.0)], sample
    )
    assert mixed == pytest.approx(unit(1, 1))
    assert sample.scales({Channel.IMAGE: mixed}) == {}


def test_a_cosine_reads_as_that_of_a_plain_question_that_stands_out_as_much() -> None:
    scale = Scale(own=Spread(0.6, 0.1), plain=Spread(0.2, 0.02))
    assert scale.read(0.8) == pytest.approx(0.24)
    assert scale.read(0.6) == pytest.approx(0.2)


def test_what_is_unwanted_is_lowered_and_moves_down() -> None:
    candidates = [
        Candidate(VisualId("night"), fused=0.03, relevance=0.8),
        Candidate(VisualId("day"), fused=0.02, relevance=0.6),
    ]
    part = Unwanted({Channel.IMAGE: unit(1, 0)}, 1.0, {Channel.IMAGE: Spread(0.2, 0.1)})
    store = Scores({"night": 0.5, "day": 0.2})
    first, second = lower_unlike(store, candidates, [part], {})  # type: ignore[arg-type]
    # three deviations above the mean: 1 / (1 + exp(-2 (3 - 1.5))) = 0.953; at the mean 0.047
    assert (first.id, second.id) == ("day", "night")
    assert second.unlike == pytest.approx(0.953, abs=1e-3)
    assert second.relevance == pytest.approx(0.8 * 0.047, abs=1e-3)
    assert first.unlike == pytest.approx(0.047, abs=1e-3)


def test_in_a_tiny_library_the_prior_says_what_is_unwanted() -> None:
    candidates = [
        Candidate(VisualId("a"), fused=0.03, relevance=0.8),
        Candidate(VisualId("b"), fused=0.02, relevance=0.6),
    ]
    part = Unwanted({Channel.IMAGE: unit(1, 0)}, 1.0, {})
    lowered = lower_unlike(Scores({"a": 0.9, "b": 0.1}), candidates, [part], {Channel.IMAGE: Sigmoid(20, 0.5)})  # type: ignore[arg-type]
    assert [one.id for one in lowered] == ["b", "a"]
