"""Hits that differ, and no film that fills the page."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.model import VisualId
from rag.retrieval.diversity import limited, mmr
from rag.retrieval.fusion import Candidate

STANDING = np.array([1.0, 0.9, 0.5], dtype=np.float32)
# the second is all but the first once more; the third is another picture
VECTORS = np.array([[1, 0], [0.995, 0.0999], [0, 1]], dtype=np.float32)


@pytest.mark.parametrize(
    ("diversity", "order"), [(0.0, [0, 1, 2]), (0.2, [0, 1, 2]), (0.5, [0, 2, 1]), (1.0, [0, 2, 1])]
)
def test_diversity_puts_a_near_copy_behind_what_differs(diversity: float, order: list[int]) -> None:
    # worked by hand at 0.5: second 0.45 - 0.4975 = -0.05, third 0.25 - 0 = 0.25; at 0.2: 0.72 - 0.2 = 0.52, 0.4
    assert mmr(STANDING, VECTORS, diversity) == order


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=12), st.floats(0, 1), st.randoms(use_true_random=False))
def test_nothing_is_lost_or_shown_twice(standing: list[float], diversity: float, random: object) -> None:
    vectors = np.eye(len(standing), dtype=np.float32)
    order = mmr(np.asarray(standing, dtype=np.float32), vectors, diversity)
    assert sorted(order) == list(range(len(standing)))
    assert standing[order[0]] == max(standing)


def test_each_asset_has_its_best_pictures_within_the_limit() -> None:
    moments = [
        Candidate(VisualId(name), library=library, asset_id=asset)
        for name, library, asset in [
            ("a1", "x", "a"),
            ("a2", "x", "a"),
            ("b1", "x", "b"),
            ("a3", "x", "a"),
            ("a4", "y", "a"),
        ]
    ]
    within, beyond = limited(moments, 1)
    assert [one.id for one in within] == ["a1", "b1", "a4"]
    assert [one.id for one in beyond] == ["a2", "a3"]
    assert limited(moments, 0) == (moments, [])
