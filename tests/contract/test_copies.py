"""Copies of the catalog and of a collection: what a pinned moment is made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from rag.errors import NotFound, Rejected
from rag.indexing.edge import EdgeCollections
from rag.library.catalog import SqlCatalog
from rag.library.copying import COPIED
from rag.library.database import open_database
from rag.library.tables import metadata
from rag.model import LOCAL_OWNER, Asset, AssetId, AssetState, Caption, Channel, Outcome, Visual, visual_id
from rag.ports import Acceptance, Nearest
from tests.contract.vector_points import COLLECTION, DIM, in_process_client, random_points

ASSET = AssetId("a" * 64)


@pytest.fixture
def catalog(engine: Engine) -> SqlCatalog:
    catalog = SqlCatalog(engine)
    catalog.start_job("job", "shop", LOCAL_OWNER)
    asset = Asset("shop", ASSET, "red.jpg", "image/jpeg", 3, captions=(Caption("a red car"),), tags=("car",))
    catalog.accept("job", [Acceptance("red.jpg", asset)])
    catalog.begin([asset.ref], attempts_allowed=3)
    visual = Visual(visual_id("shop", ASSET), "shop", ASSET, 10, 10)
    catalog.conclude([Outcome(asset.ref, AssetState.INDEXED, visuals=(visual,))])
    return catalog


def test_a_copy_of_the_catalog_has_what_searches_read_and_no_personal_metadata(
    catalog: SqlCatalog, engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(text('UPDATE assets SET personal = \'{"gps": "52.5"}\''))
    catalog.copy_to(tmp_path / "copy.sqlite")
    fresh = open_database(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    copy = SqlCatalog(fresh)
    ids = [visual_id("shop", ASSET)]
    ((visual, asset),) = copy.visuals(LOCAL_OWNER, ids).values()
    ((there, original),) = catalog.visuals(LOCAL_OWNER, ids).values()
    assert (visual, asset.captions, asset.tags) == (there, original.captions, original.tags)
    assert (original.personal, asset.personal) == ({"gps": "52.5"}, {})
    assert str(copy.coverage(LOCAL_OWNER, ["shop"])) == str(catalog.coverage(LOCAL_OWNER, ["shop"]))
    with fresh.connect() as connection:
        for table in ("jobs", "job_items", "outbox", "conversations", "events"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0, table
    copy.close()


def test_every_table_that_a_copied_one_refers_to_is_copied_before_it() -> None:
    for number, table in enumerate(COPIED):
        assert {key.column.table for key in table.foreign_keys} <= set(COPIED[:number])
    assert set(COPIED) <= set(metadata.tables.values())


def test_a_copy_of_a_collection_finds_the_same_and_goes_its_own_way(tmp_path: Path) -> None:
    collections = EdgeCollections(tmp_path / "store")
    store = collections.open(COLLECTION, DIM)
    points = random_points(20)
    store.upsert(points)
    collections.copy_to(COLLECTION, tmp_path / "copy")
    asked = [Nearest(Channel.IMAGE, np.asarray(points[3].image, dtype=np.float32), 5)]
    before = store.search(asked)
    store.delete([points[3].id])
    copies = EdgeCollections(tmp_path / "copy")
    assert copies.open(COLLECTION, DIM).search(asked) == before
    assert store.search(asked) != before
    with pytest.raises(NotFound):
        collections.copy_to("none", tmp_path / "other")
    copies.close()
    collections.close()


def test_a_server_says_that_it_has_snapshots_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="take a snapshot"):
        in_process_client().copy_to(COLLECTION, tmp_path)
