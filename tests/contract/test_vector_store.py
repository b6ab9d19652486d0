"""What every vector store promises: Qdrant Edge, the server adapter in the client's process, and over HTTP."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from rag.errors import BadQuery, DimensionMismatch, NotFound, Rejected
from rag.indexing.bm25 import document_vector, query_vector
from rag.model import And, Channel, Eq, Filter, Not, VisualId
from rag.ports import Collections, Nearest, Scored, SparseVector, Vector, VectorStore
from tests.contract.vector_filters import CASES, SHELF
from tests.contract.vector_points import (
    COLLECTION,
    DIM,
    identity,
    point,
    points,
    some_vector,
)

SAFE_FROM_THREADS = pytest.mark.parametrize("collections", ["edge", "http"], indirect=True)
"""The client's in-process mode is not; a server is, and our stand-in takes one request at a time."""


def nearest(
    store: VectorStore,
    vector: Vector | SparseVector,
    *,
    limit: int = 10,
    channel: Channel = Channel.IMAGE,
    where: Filter | None = None,
) -> list[Scored]:
    return store.search([Nearest(channel, vector, limit, where)])[0]


def found(store: VectorStore, where: Filter) -> set[VisualId]:
    return {hit.id for hit in nearest(store, some_vector(), limit=100, where=where)}


# Storing


def test_what_is_stored_comes_back_whole(store: VectorStore) -> None:
    text = 'a "red" dress\n\non a beach \N{WOMAN}\N{ZERO WIDTH JOINER} \\ \'; DROP TABLE x; \x00 {{x}} 赤い'
    payload: dict[str, Any] = {
        "name": text,
        "tags": [text, ""],
        "captions": [{"text": text, "origin": "human", "language": ""}],
        "width": 640,
        "captured_at": None,
        "source": "",
    }
    stored = point(1, caption_rows=[some_vector(5), some_vector(6)], text="red dress", **payload)
    store.upsert([stored])
    back = store.fetch([stored.id])[stored.id]
    assert back.payload == stored.payload
    assert back.bm25.indices == stored.bm25.indices
    np.testing.assert_allclose(back.bm25.values, stored.bm25.values, rtol=1e-6)
    np.testing.assert_allclose(back.image, stored.image, atol=1e-6)
    np.testing.assert_allclose(back.captions, stored.captions, atol=1e-6)
    assert nearest(store, stored.image)[0].id == stored.id


def test_the_captions_alone_come_back_with_their_vectors(store: VectorStore) -> None:
    said = [{"text": text, "origin": "human", "language": "en"} for text in ("red dress", "a woman")]
    stored = point(1, caption_rows=[some_vector(5), some_vector(6)], text="red dress", captions=said)
    store.upsert([stored, point(2)])
    found = store.captions([identity(1), identity(2), identity(3)])
    assert found.keys() == {identity(1), identity(2)}
    assert found[identity(1)].said == said
    np.testing.assert_allclose(found[identity(1)].vectors, stored.captions, atol=1e-6)
    assert found[identity(2)].vectors.shape == (0, DIM)
    assert store.captions([]) == {}


def test_a_visual_without_captions_comes_back_without(store: VectorStore) -> None:
    store.upsert([point(1)])
    back = store.fetch([identity(1)])[identity(1)]
    assert back.captions.shape == (0, DIM)
    assert back.bm25 == SparseVector()


def test_upserting_twice_is_harmless(store: VectorStore) -> None:
    batch = points(20)
    store.upsert(batch)
    store.upsert(batch)
    assert store.count() == 20
    assert len({hit.id for hit in nearest(store, some_vector(), limit=50)}) == 20


def test_the_last_of_two_points_with_one_id_is_stored(store: VectorStore) -> None:
    store.upsert([point(1, name="first"), point(1, name="last")])
    assert store.count() == 1
    assert store.fetch([identity(1)])[identity(1)].payload["name"] == "last"


def test_upserting_replaces_captions_and_payload(store: VectorStore) -> None:
    old, new = some_vector(50), some_vector(51)
    store.upsert([point(1, caption_rows=[old, new], text="dress", tags=["old"])])
    store.upsert([point(1, caption_rows=[new], text="boat")])
    back = store.fetch([identity(1)])[identity(1)]
    assert len(back.captions) == 1
    assert "tags" not in back.payload
    assert nearest(store, old, channel=Channel.CAPTION)[0].score < 0.9
    assert nearest(store, query_vector("dress"), channel=Channel.BM25) == []
    assert len(nearest(store, query_vector("boats"), channel=Channel.BM25)) == 1


def test_upserting_without_captions_takes_the_old_ones_away(store: VectorStore) -> None:
    store.upsert([point(1, caption_rows=[some_vector(50)], text="dress")])
    store.upsert([point(1)])
    assert nearest(store, some_vector(50), channel=Channel.CAPTION) == []
    assert nearest(store, query_vector("dress"), channel=Channel.BM25) == []


def test_delete_is_final(store: VectorStore) -> None:
    store.upsert([point(number, caption_rows=[some_vector(number)], text="dress") for number in range(10)])
    store.delete([identity(3), identity(4)])
    store.delete([identity(3), identity(99)])
    store.delete([])
    gone = {identity(3), identity(4)}
    assert store.count() == 8
    assert store.fetch([identity(3), identity(5)]).keys() == {identity(5)}
    for request in (
        Nearest(Channel.IMAGE, some_vector(3), 20),
        Nearest(Channel.CAPTION, some_vector(3), 20),
        Nearest(Channel.BM25, query_vector("dress"), 20),
    ):
        hits = {hit.id for hit in store.search([request])[0]}
        assert len(hits) == 8
        assert not hits & gone


@pytest.mark.parametrize("bad", [
    point(2, dim=DIM + 1),
    point(2, image=np.zeros((0,), dtype=np.float32)),
    point(2, caption_rows=[some_vector(1, DIM - 1)]),
])  # fmt: skip
def test_a_wrong_dimension_stores_nothing(store: VectorStore, bad: Any) -> None:
    with pytest.raises(DimensionMismatch, match="16"):
        store.upsert([point(1), bad])
    assert store.count() == 0


def test_a_vector_that_is_not_finite_stores_nothing(store: VectorStore) -> None:
    with pytest.raises(Rejected, match="not finite"):
        store.upsert([point(1), point(2, image=np.full(DIM, np.nan, dtype=np.float32))])
    assert store.count() == 0


def test_nothing_to_store_is_fine(store: VectorStore) -> None:
    store.upsert([])
    assert store.fetch([]) == {}
    assert store.search([]) == []
    store.optimize()


# Searching


def test_hits_come_best_first_with_their_cosine(store: VectorStore) -> None:
    stored = points(50)
    store.upsert(stored)
    hits = nearest(store, some_vector(7), limit=10)
    cosines = {point.id: float(point.image @ some_vector(7)) for point in stored}
    assert [hit.id for hit in hits] == sorted(cosines, key=lambda one: -cosines[one])[:10]
    assert hits[0].id == identity(7)
    assert [hit.score for hit in hits] == pytest.approx([cosines[hit.id] for hit in hits], abs=1e-4)


def test_a_filter_does_not_shorten_the_answer(store: VectorStore) -> None:
    store.upsert(points(1_000, tags=lambda number: ["rare" if number % 100 == 0 else "common"]))
    hits = nearest(store, some_vector(), limit=10, where=Eq("tags", "rare"))
    assert len(hits) == 10
    assert {hit.id for hit in hits} == {identity(number) for number in range(0, 1_000, 100)}


def test_captions_count_by_the_best_of_them(store: VectorStore) -> None:
    wanted = some_vector(100)
    captions = {1: [some_vector(1)], 2: [some_vector(2), wanted, some_vector(3)], 3: []}
    store.upsert([point(number, caption_rows=rows) for number, rows in captions.items()])
    hits = nearest(store, wanted, channel=Channel.CAPTION)
    assert [hit.id for hit in hits] == [identity(2), identity(1)]
    assert hits[0].score == pytest.approx(1.0, abs=1e-4)
    assert hits[1].score == pytest.approx(float(some_vector(1) @ wanted), abs=1e-4)


def test_words_are_scored_by_bm25_with_idf_over_the_visuals_that_have_words(store: VectorStore) -> None:
    texts = ["red dress", "red car", "a red red boat on a river", "blue sea", ""]
    store.upsert([point(number, text=text) for number, text in enumerate(texts)])
    hits = nearest(store, query_vector("red dress"), channel=Channel.BM25)
    idf = {"red": np.log(1 + (4 - 3 + 0.5) / (3 + 0.5)), "dress": np.log(1 + (4 - 1 + 0.5) / (1 + 0.5))}
    weights = {
        number: dict(zip(document_vector(text).indices, document_vector(text).values, strict=True))
        for number, text in enumerate(texts)
    }
    expected = {
        identity(number): sum(idf[word] * weight.get(query_vector(word).indices[0], 0.0) for word in ("red", "dress"))
        for number, weight in weights.items()
    }
    assert {hit.id: hit.score for hit in hits} == pytest.approx(
        {one: score for one, score in expected.items() if score}, abs=1e-4
    )
    assert hits[0].id == identity(0)


def test_a_question_without_words_finds_nothing_by_words(store: VectorStore) -> None:
    store.upsert([point(1, text="red dress")])
    both = store.search(
        [Nearest(Channel.BM25, query_vector("what is the"), 10), Nearest(Channel.IMAGE, some_vector(), 10)]
    )
    assert [len(hits) for hits in both] == [0, 1]


@pytest.mark.parametrize("limit", [10, 59])
def test_equal_scores_come_by_id_also_across_the_end_of_the_list(store: VectorStore, limit: int) -> None:
    same = some_vector(1)
    store.upsert([point(number, image=same, caption_rows=[same], text="dress") for number in range(60)])
    first = sorted(identity(number) for number in range(60))[:limit]
    requests = [
        Nearest(channel, vector, limit)
        for channel, vector in ((Channel.IMAGE, same), (Channel.CAPTION, same), (Channel.BM25, query_vector("dress")))
    ]
    for hits in store.search(requests):
        assert [hit.id for hit in hits] == first


def test_a_search_for_no_visuals_is_refused(store: VectorStore) -> None:
    with pytest.raises(BadQuery, match="at least one"):
        nearest(store, some_vector(), limit=0)


def test_a_question_of_another_dimension_is_refused(store: VectorStore) -> None:
    with pytest.raises(DimensionMismatch):
        nearest(store, some_vector(0, DIM + 1))


@SAFE_FROM_THREADS
def test_searches_and_writes_go_on_in_several_threads(store: VectorStore) -> None:
    store.upsert(points(50))
    with ThreadPoolExecutor(8) as pool:
        writes = [
            pool.submit(store.upsert, [point(number) for number in range(start, start + 10)])
            for start in range(50, 250, 10)
        ]
        searches = [pool.submit(nearest, store, some_vector(number), limit=1) for number in range(50)]
        for write in writes:
            write.result()
        assert [search.result()[0].id for search in searches] == [identity(number) for number in range(50)]
    assert store.count() == 250


# Filters


@pytest.fixture
def shelf(store: VectorStore) -> VectorStore:
    store.upsert(SHELF)
    return store


def test_each_filter_matches_what_it_says(shelf: VectorStore) -> None:
    for where, expected in CASES:
        assert found(shelf, where) == {identity(number) for number in expected}, where
        assert shelf.count(where) == len(expected), where


def test_a_field_without_an_index_is_named_with_those_that_have_one(store: VectorStore) -> None:
    with pytest.raises(BadQuery, match=r"'colour'; it can name: access_groups, asset_id, .*width"):
        nearest(store, some_vector(), where=And((Eq("library", "a"), Not(Eq("colour", "red")))))
    with pytest.raises(BadQuery, match="colour"):
        store.count(Eq("colour", "red"))


# Collections


def test_opening_twice_is_harmless(collections: Collections) -> None:
    collections.open(COLLECTION, DIM).upsert([point(1)])
    assert collections.open(COLLECTION, DIM).count() == 1
    assert COLLECTION in collections.names()


def test_a_collection_of_another_dimension_is_not_opened(collections: Collections) -> None:
    collections.open(COLLECTION, DIM).upsert([point(1)])
    with pytest.raises(DimensionMismatch, match=r"16.*17"):
        collections.open(COLLECTION, DIM + 1)
    assert collections.open(COLLECTION, DIM).count() == 1


def test_an_alias_means_what_it_was_pointed_at_last(collections: Collections) -> None:
    collections.open(COLLECTION, DIM)
    collections.open("visuals_b", DIM)
    assert collections.live("live-contract") is None
    collections.point("live-contract", COLLECTION)
    collections.point("live-contract", COLLECTION)
    assert collections.live("live-contract") == COLLECTION
    collections.point("live-contract", "visuals_b")
    assert collections.live("live-contract") == "visuals_b"
    with pytest.raises(NotFound):
        collections.point("live-contract", "visuals_nowhere")
    assert collections.live("live-contract") == "visuals_b"


@SAFE_FROM_THREADS
def test_readers_of_an_alias_see_the_old_one_or_the_new_one(collections: Collections) -> None:
    names = {COLLECTION, "visuals_b"}
    for name in names:
        collections.open(name, DIM)
    collections.point("live-contract", COLLECTION)
    seen: set[str | None] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(collections.live("live-contract"))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(100):
        for name in sorted(names):
            collections.point("live-contract", name)
        if len(seen) > 1:
            break
    done.set()
    for reader in readers:
        reader.join()
    assert seen == names


def test_a_dropped_collection_is_gone_with_its_alias(collections: Collections) -> None:
    collections.open(COLLECTION, DIM).upsert([point(1)])
    collections.point("live-contract", COLLECTION)
    collections.drop(COLLECTION)
    collections.drop(COLLECTION)
    assert COLLECTION not in collections.names()
    assert collections.live("live-contract") is None
    assert collections.open(COLLECTION, DIM).count() == 0


def test_a_store_that_answers_says_so(collections: Collections) -> None:
    collections.ping()
