"""Near duplicates: which hashes are close, and which pictures belong together."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.duplicates import close_pairs, connected
from rag.model import VisualId

HASHES = st.lists(st.integers(0, 2**64 - 1), max_size=40)


@given(HASHES, st.integers(0, 20))
def test_close_pairs_are_those_that_comparing_bit_by_bit_finds(hashes: list[int], distance: int) -> None:
    expected = {
        (one, other)
        for one in range(len(hashes))
        for other in range(one + 1, len(hashes))
        if hashes[one] and hashes[other] and bin(hashes[one] ^ hashes[other]).count("1") <= distance
    }
    assert set(close_pairs(np.array(hashes, dtype=np.uint64), distance)) == expected


def test_pictures_of_one_flat_colour_are_no_duplicates() -> None:
    assert list(close_pairs(np.zeros(5, dtype=np.uint64), 10)) == []


def test_a_large_group_of_equal_pictures_stays_together() -> None:
    hashes = np.full(500, 12345, dtype=np.uint64)
    pairs = [(VisualId(str(one)), VisualId(str(other))) for one, other in close_pairs(hashes, 0)]
    assert [len(group) for group in connected(pairs)] == [500]


def test_groups_do_not_depend_on_the_order_of_their_pairs() -> None:
    pairs = [(VisualId(a), VisualId(b)) for a, b in ("ab", "bc", "de", "ca", "fg", "gd")]
    for seed in range(10):
        random.Random(seed).shuffle(pairs)
        assert sorted(connected(pairs)) == [["a", "b", "c"], ["d", "e", "f", "g"]]
