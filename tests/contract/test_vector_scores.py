"""What every vector store promises of the exact scores of given visuals."""

from __future__ import annotations

import numpy as np
import pytest

from rag.errors import BadQuery, DimensionMismatch
from rag.model import Channel
from rag.ports import VectorStore
from tests.contract.vector_points import DIM, identity, point, points, random_points, some_vector

IMAGE, CAPTION = Channel.IMAGE, Channel.CAPTION


def test_the_scores_of_given_visuals_are_their_cosines(store: VectorStore) -> None:
    stored = random_points(120)
    store.upsert(stored)
    asked = stored[10:90]
    question, other = some_vector(1_000), some_vector(1_001)
    found = store.scores([one.id for one in asked], {IMAGE: question, CAPTION: other})
    assert found[IMAGE] == pytest.approx({one.id: float(one.image @ question) for one in asked}, abs=1e-5)
    best = {one.id: float(np.max(one.captions @ other)) for one in asked if len(one.captions)}
    assert found[CAPTION] == pytest.approx(best, abs=1e-5)
    assert 0 < len(best) < len(asked)


def test_the_length_of_the_question_does_not_count(store: VectorStore) -> None:
    store.upsert(points(3))
    assert store.scores([identity(1)], {IMAGE: 3 * some_vector(1)})[IMAGE] == pytest.approx({identity(1): 1.0})


def test_unknown_and_repeated_visuals_do_not_disturb_the_scores(store: VectorStore) -> None:
    store.upsert(points(3))
    found = store.scores([identity(1), identity(99), identity(1)], {IMAGE: some_vector(1), CAPTION: some_vector(1)})
    assert found == {IMAGE: {identity(1): pytest.approx(1.0)}, CAPTION: {}}


def test_scores_that_are_known_are_not_asked_again(store: VectorStore) -> None:
    store.upsert(points(3))
    ids, vectors = [identity(1), identity(2)], {IMAGE: some_vector(1), CAPTION: some_vector(1)}
    assert store.scores(ids, vectors, known={IMAGE: {identity(1)}})[IMAGE].keys() == {identity(2)}
    assert store.scores(ids, vectors, known={IMAGE: set(ids), CAPTION: set(ids)}) == {IMAGE: {}, CAPTION: {}}


def test_no_visuals_or_no_vectors_have_no_scores(store: VectorStore) -> None:
    store.upsert(points(3))
    assert store.scores([], {IMAGE: some_vector()}) == {IMAGE: {}}
    assert store.scores([identity(1)], {}) == {}


def test_scores_that_are_no_cosines_are_refused(store: VectorStore) -> None:
    store.upsert([point(1, text="red")])
    with pytest.raises(BadQuery, match="words have no cosine"):
        store.scores([identity(1)], {Channel.BM25: some_vector()})
    with pytest.raises(DimensionMismatch):
        store.scores([identity(1)], {IMAGE: some_vector(0, DIM + 1)})
