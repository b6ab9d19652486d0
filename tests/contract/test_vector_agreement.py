"""Qdrant Edge and the server adapter give the same answers on the same points.

Edge is the server's engine, so it stands for the server's scores: IDF is
ln(1 + (N - n + 0.5) / (n + 0.5)) over the points that have terms, MaxSim the best
caption. The server adapter runs over the client's in-process mode, directly and
behind HTTP, or over a real server where PICTUREDESK_TEST_QDRANT_URL names one. Ids
and their order must be identical, scores within 1e-4.

One thing is compared loosely: after a delete, Edge and a server go on counting the
deleted points in N and n until the segment is optimised; the in-process mode stops
at once (its source says so). Order by cosine is not touched by that.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.indexing.bm25 import query_vector
from rag.model import And, AnyOf, Between, Eq, Filter, Missing, Not, Or
from rag.ports import VectorStore
from tests.contract.vector_points import (
    COLLECTION,
    DIM,
    edge_like,
    edge_template,
    every_channel,
    identity,
    in_process_client,
    over_http,
    random_points,
)


def rights(*groups: str) -> Filter:
    """As retrieval writes them."""
    return And(
        (
            AnyOf("library", ("library-0", "library-2")),
            Or((Missing("access_groups"), AnyOf("access_groups", groups))),
            Not(Eq("moderation", "blocked")),
        )
    )


FILTERS: list[Filter | None] = [
    None,
    rights(),
    rights("press"),
    And((rights("press", "legal"), Between("width", 500, 2500))),
    And((rights("press"), Between("captured_at", low=datetime(2015, 1, 1, tzinfo=UTC)))),
    Or((Eq("tags", "red"), And((Eq("moderation", "review"), Not(Missing("captured_at")))))),
    Not(AnyOf("tags", ("red", "dog", "car"))),
    AnyOf("library", ()),
]
QUESTIONS = ["red dress", "a dog in the snow", "boats at sunset near the city", "zebra", "red red blue tree"]


def fill(store: VectorStore) -> VectorStore:
    """A few hundred points, some of them replaced since."""
    store.upsert(random_points(300))
    store.upsert(random_points(80, seed=8))
    return store


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return edge_template(tmp_path_factory.mktemp("edge"))


@pytest.fixture
def edge_store(template: Path, tmp_path: Path) -> Iterator[VectorStore]:
    collections = edge_like(template, tmp_path)
    yield fill(collections.open(COLLECTION, DIM))
    collections.close()


@pytest.fixture(params=["client", "http"])
def server_store(request: pytest.FixtureRequest) -> Iterator[VectorStore]:
    http = request.param == "http"
    collections = over_http(request.getfixturevalue("qdrant_url")) if http else in_process_client()
    yield fill(collections.open(COLLECTION, DIM))
    collections.close()


def test_the_adapters_agree(edge_store: VectorStore, server_store: VectorStore) -> None:
    compared = 0
    for where in FILTERS:
        assert edge_store.count(where) == server_store.count(where)
        for seed, question in enumerate(QUESTIONS):
            requests = every_channel(1_000 + seed, query_vector(question), limit=25, where=where)
            for ours, theirs in zip(edge_store.search(requests), server_store.search(requests), strict=True):
                assert [hit.id for hit in ours] == [hit.id for hit in theirs], (where, question)
                assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in theirs], abs=1e-4)
                compared += len(ours)
    assert compared > 1_000


def test_the_adapters_give_back_the_same_points(edge_store: VectorStore, server_store: VectorStore) -> None:
    ids = [identity(number) for number in range(300)]
    ours, theirs = edge_store.fetch(ids), server_store.fetch(ids)
    assert ours.keys() == theirs.keys()
    for one in ours:
        assert ours[one].payload == theirs[one].payload
        assert ours[one].bm25.indices == theirs[one].bm25.indices
        assert ours[one].image == pytest.approx(theirs[one].image, abs=1e-6)
        assert ours[one].captions == pytest.approx(theirs[one].captions, abs=1e-6)


def test_the_adapters_agree_after_deletes_but_for_idf(edge_store: VectorStore, server_store: VectorStore) -> None:
    gone = [identity(number) for number in range(0, 300, 13)]
    for store in (edge_store, server_store):
        store.delete(gone)
    for where in FILTERS:
        assert edge_store.count(where) == server_store.count(where)
        requests = every_channel(1_000, query_vector("red dress"), limit=25, where=where)
        *ours, our_words = edge_store.search(requests)
        *theirs, their_words = server_store.search(requests)
        assert [[hit.id for hit in hits] for hits in ours] == [[hit.id for hit in hits] for hits in theirs]
        assert [hit.score for hit in our_words] == pytest.approx([hit.score for hit in their_words], rel=0.05)
        assert not {hit.id for hit in our_words} & set(gone)
