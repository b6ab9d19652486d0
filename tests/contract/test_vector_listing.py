"""What every vector store promises to those who go through all of it: the doctor, deletion, migration."""

from __future__ import annotations

from rag.model import Eq, VisualId
from rag.ports import Collections, VectorStore
from tests.contract.vector_points import DIM, points


def test_ids_come_in_pages_in_their_order(store: VectorStore) -> None:
    stored = points(25)
    store.upsert(stored)
    pages: list[VisualId] = []
    after: VisualId | None = None
    while page := store.ids(limit=10, after=after):
        assert len(page) <= 10
        pages += page
        after = page[-1]
    assert pages == sorted(one.id for one in stored)


def test_ids_are_those_that_match(store: VectorStore) -> None:
    stored = points(25)
    store.upsert(stored)
    wanted = str(stored[7].payload["asset_id"])
    assert store.ids(Eq("asset_id", wanted)) == [one.id for one in stored if one.payload["asset_id"] == wanted]
    assert store.ids(Eq("asset_id", "nothing")) == []


def test_every_collection_is_at_hand_for_what_must_go_from_all(collections: Collections) -> None:
    first, second = collections.open("visuals_first", DIM), collections.open("visuals_second", DIM + 1)
    first.upsert(points(1))
    found = {store.name: store for store in collections.every()}
    assert {"visuals_first", "visuals_second"} <= set(found)
    assert found["visuals_second"].dim == DIM + 1
    assert found["visuals_first"].count() == 1
    second.delete([])


def test_it_says_which_points_are_present(store: VectorStore) -> None:
    stored = points(3)
    store.upsert(stored[:2])
    assert store.present([one.id for one in stored]) == {one.id for one in stored[:2]}
    assert store.present([]) == set()
