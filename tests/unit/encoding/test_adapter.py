"""Adapters: what they do to vectors, and when training finds one worth having."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.encoding.adapter import Adapter, Residual, from_bytes, split_name, to_bytes
from rag.encoding.adapting import HIDDEN, Pairs, parted, train
from rag.errors import EncoderBroken
from rag.indexing.bm25 import document_vector
from rag.migration.training import held_out_figures
from rag.model import Channel, VisualId
from rag.ports import Matrix, Point, Sigmoid

DIM = 24
COUNT = 400


def unit(rows: NDArray[np.float64]) -> Matrix:
    matrix: Matrix = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    return matrix


def some_rows(count: int, seed: int = 0) -> Matrix:
    return unit(np.random.default_rng(seed).standard_normal((count, DIM)))


def some_side(seed: int) -> Residual:
    rng = np.random.default_rng(seed)
    down, up = rng.standard_normal((8, DIM)), 0.1 * rng.standard_normal((DIM, 8))
    return Residual(down.astype(np.float32), up.astype(np.float32))


def some_adapter() -> Adapter:
    return Adapter("base@1.2", some_side(1), some_side(2), priors={Channel.IMAGE: Sigmoid(12.0, 0.4)})


def own_words(seed: int = 0) -> Pairs:
    """A library whose texts say everything in words that the encoder takes for others: its axes are swapped."""
    images = some_rows(COUNT, seed)
    noise = 0.1 * np.random.default_rng(seed + 1).standard_normal(images.shape)
    texts = unit(np.concatenate([images[:, DIM // 2 :], images[:, : DIM // 2]], axis=1) + noise)
    return Pairs(images, texts, np.arange(COUNT))


def known_words(seed: int = 0) -> Pairs:
    """A library that the encoder knows as well as can be: what is left is noise."""
    images = some_rows(COUNT, seed)
    noise = 0.1 * np.random.default_rng(seed + 1).standard_normal(images.shape)
    return Pairs(images, unit(images + noise), np.arange(COUNT))


def test_an_adapter_survives_its_file_and_the_same_one_gives_the_same_bytes() -> None:
    adapter = some_adapter()
    back = from_bytes(to_bytes(adapter))
    assert to_bytes(back) == to_bytes(adapter)
    assert (back.base, back.priors) == (adapter.base, adapter.priors)
    rows = some_rows(5)
    np.testing.assert_array_equal(back.image(rows), adapter.image(rows))


@pytest.mark.parametrize("content", [b"", b"not weights at all", to_bytes(some_adapter())[:-100]])
def test_damaged_weights_are_said_to_be_damaged(content: bytes) -> None:
    with pytest.raises(EncoderBroken, match="damaged"):
        from_bytes(content)


def test_an_adapter_with_nothing_in_it_leaves_vectors_as_they_are() -> None:
    nothing = Residual(np.ones((8, DIM), np.float32), np.zeros((DIM, 8), np.float32))
    rows = some_rows(20)
    np.testing.assert_allclose(nothing(rows), rows, atol=1e-6)


def test_a_stored_point_is_adapted_on_both_sides_and_keeps_the_rest() -> None:
    adapter, rows = some_adapter(), some_rows(4)
    point = Point(VisualId("v"), rows[0], rows[1:], document_vector("red car"), {"library": "news"})
    found = adapter.point(point)
    np.testing.assert_allclose(found.image, adapter.image(rows[:1])[0])
    np.testing.assert_allclose(found.captions, adapter.text(rows[1:]))
    assert (found.id, found.bm25, found.payload) == (point.id, point.bm25, point.payload)
    bare = adapter.point(Point(VisualId("v"), rows[0], rows[:0], point.bm25, {}))
    assert bare.captions.shape == (0, DIM)


def test_a_name_says_whether_it_has_an_adapter() -> None:
    weights = "ab" * 32
    assert split_name(f"demo+adapter:{weights}") == ("demo", weights)
    assert split_name("local-dir:/models/a+b") == ("local-dir:/models/a+b", None)


def test_no_group_is_on_two_sides() -> None:
    pairs = Pairs(some_rows(90), some_rows(90), np.arange(90) // 3)
    parts = parted(pairs)
    sides = [set(part.groups.tolist()) for part in parts]
    assert sum(len(side) for side in sides) == len(set.union(*sides)) == 30
    assert [len(part) for part in parts] == [54, 18, 18]


def test_words_that_an_encoder_takes_for_others_are_learned() -> None:
    parts = parted(own_words())
    adapter = train(parts, "base")
    figures = held_out_figures(parts.held_out, adapter)
    assert adapter.text.down.shape == (HIDDEN, DIM)
    assert figures["low"] > 0
    assert figures["new"] > figures["old"] + 0.3


def test_where_there_is_nothing_to_learn_an_adapter_is_not_better() -> None:
    parts = parted(known_words())
    assert held_out_figures(parts.held_out, train(parts, "base"))["low"] <= 0
