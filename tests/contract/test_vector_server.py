"""What the server's adapter promises beyond the port: bodies that fit, and errors in one line without the key."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import numpy as np
import pytest

from rag.errors import BadSettings, DimensionMismatch, NotFound, Rejected, Unavailable
from rag.indexing import open_collections
from rag.indexing.schema import INDEXED
from rag.indexing.server import connect
from rag.indexing.server_store import BODY_BYTES, batches
from rag.model import Channel, visual_id
from rag.ports import Nearest, Point, SparseVector
from tests.contract.vector_points import COLLECTION, DIM, point, points, some_vector
from tests.services.qdrant import start_qdrant_standin, stop

KEY = "secret-key-of-the-server"


@pytest.fixture(scope="module")
def guarded_url() -> Iterator[str]:
    url, process = start_qdrant_standin(KEY)
    yield url
    stop(process)


def test_a_wrong_url_is_one_line() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        collections = open_collections(f"http://127.0.0.1:{unused.getsockname()[1]}", KEY)
        with pytest.raises(Unavailable, match="no Qdrant server answered at the configured URL") as raised:
            collections.open(COLLECTION, DIM)
    assert "\n" not in str(raised.value)
    assert KEY not in str(raised.value)
    assert raised.value.__cause__ is not None
    collections.close()


@pytest.mark.parametrize("key", [None, "another-key"])
def test_a_wrong_key_is_one_line_that_does_not_show_it(guarded_url: str, key: str | None) -> None:
    collections = open_collections(guarded_url, key)
    with pytest.raises(BadSettings, match="PICTUREDESK_VECTORS_KEY") as raised:
        collections.ping()
    assert "\n" not in str(raised.value)
    assert "another-key" not in str(raised.value)
    collections.close()


def test_the_right_key_opens(guarded_url: str) -> None:
    collections = open_collections(guarded_url, KEY)
    store = collections.open(COLLECTION, DIM)
    store.upsert(points(3))
    assert store.count() == 3
    collections.close()


def test_something_else_than_qdrant_is_one_line(llm: object) -> None:
    url = str(getattr(llm, "url")).removesuffix("/v1")  # noqa: B009
    collections = open_collections(url)
    with pytest.raises((Unavailable, NotFound, Rejected)) as raised:
        collections.open(COLLECTION, DIM)
    assert "\n" not in str(raised.value)
    collections.close()


@pytest.mark.parametrize("url", ["", "vectors", "redis://localhost", "edge://", "http://", "ftp://me:password@host"])
def test_other_urls_are_bad_settings(url: str) -> None:
    with pytest.raises(BadSettings) as raised:
        open_collections(url)
    assert "password" not in str(raised.value)


def test_every_field_that_a_filter_can_name_has_an_index(qdrant_url: str) -> None:
    collections = open_collections(qdrant_url)
    collections.open(COLLECTION, DIM)
    client = connect(qdrant_url)
    assert client.get_collection(COLLECTION).payload_schema.keys() == INDEXED.keys()
    client.close()
    collections.close()


def test_a_collection_of_somebody_else_is_not_taken(qdrant_url: str) -> None:
    from qdrant_client import models

    client = connect(qdrant_url)
    client.create_collection("somebody-elses", models.VectorParams(size=DIM, distance=models.Distance.DOT))
    collections = open_collections(qdrant_url)
    with pytest.raises(DimensionMismatch, match="unknown"):
        collections.open("somebody-elses", DIM)
    client.close()
    collections.close()


def test_a_collection_that_is_gone_is_not_found(qdrant_url: str) -> None:
    collections = open_collections(qdrant_url)
    store = collections.open(COLLECTION, DIM)
    collections.drop(COLLECTION)
    with pytest.raises(NotFound, match="no such thing"):
        store.search([Nearest(Channel.IMAGE, some_vector(), 1)])
    collections.close()


def test_more_than_fits_into_one_body_goes_in_several(qdrant_url: str) -> None:
    collections = open_collections(qdrant_url)
    store = collections.open(COLLECTION, DIM)
    store.upsert([point(number, name="x" * 9_000_000) for number in range(4)])
    assert store.count() == 4
    collections.close()


def test_a_body_stays_under_the_limit_in_json() -> None:
    many = [_wide(number) for number in range(200)]
    whole = list(batches(many, 1_000_000))
    assert [point.id for batch in whole for point in batch] == [point.id for point in many]
    assert max(_json_size(batch) for batch in whole) < 1_000_000
    assert len(whole) > 1
    assert [len(batch) for batch in batches(many, 1)] == [1] * 200
    assert list(batches([], BODY_BYTES)) == []


def _wide(number: int) -> Point:
    rng = np.random.default_rng(number)
    image = (rng.standard_normal(512) * 1e-7).astype(np.float32)
    return Point(
        visual_id("main", str(number)),
        image,
        image.reshape(1, -1),
        SparseVector((2**32 - 1,), (1.23456789,)),
        {"name": "赤" * 50},
    )


def _json_size(batch: list[Point]) -> int:
    from qdrant_client import models

    from rag.indexing.server_store import _struct

    return len(models.PointsList(points=[_struct(point) for point in batch]).model_dump_json())
