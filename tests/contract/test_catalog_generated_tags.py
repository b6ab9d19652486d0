"""Tags of classifications in the catalog: apart from people's, given once, taken back, for whom they may concern."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from rag.library.catalog import SqlCatalog
from rag.model import LOCAL_OWNER, Asset, AssetId, AssetRef, GeneratedTag
from tests.contract.assets import begin, hand_in, indexed, reader, some_asset


@pytest.fixture
def catalog(engine: Engine) -> Iterator[SqlCatalog]:
    catalog = SqlCatalog(engine)
    yield catalog
    catalog.close()


def in_library(catalog: SqlCatalog, *assets: Asset) -> list[AssetRef]:
    hand_in(catalog, *assets)
    begin(catalog, *assets)
    catalog.conclude([indexed(asset) for asset in assets])
    return [asset.ref for asset in assets]


DOG = GeneratedTag("dog", 0.9, 7)


def test_a_generated_tag_never_counts_as_a_persons(catalog: SqlCatalog) -> None:
    (ref,) = in_library(catalog, some_asset(tags=("beach",)))
    assert catalog.add_generated_tags(LOCAL_OWNER, {ref: [DOG]}) == [ref]
    found = catalog.asset(LOCAL_OWNER, ref)
    assert found.tags == ("beach",)
    assert found.generated_tags == (DOG,)
    assert found.all_tags == ("beach", "dog")


def test_giving_twice_changes_nothing_and_a_persons_tag_stands(catalog: SqlCatalog) -> None:
    (ref,) = in_library(catalog, some_asset(tags=("dog",)))
    assert catalog.add_generated_tags(LOCAL_OWNER, {ref: [DOG]}) == []
    cat = GeneratedTag("cat", 0.8, 7)
    assert catalog.add_generated_tags(LOCAL_OWNER, {ref: [DOG, cat]}) == [ref]
    assert catalog.add_generated_tags(LOCAL_OWNER, {ref: [GeneratedTag("cat", 0.99, 8)]}) == []
    assert catalog.asset(LOCAL_OWNER, ref).generated_tags == (cat,)


def test_a_tag_is_taken_back_from_all_that_have_it_and_from_no_person(catalog: SqlCatalog) -> None:
    one, other, told = in_library(catalog, some_asset("1.jpg"), some_asset("2.jpg"), some_asset("3.jpg", tags=("dog",)))
    catalog.add_generated_tags(LOCAL_OWNER, {one: [DOG], other: [DOG], told: [DOG]})
    taken: list[AssetRef] = []
    while refs := catalog.remove_generated_tag(LOCAL_OWNER, "shop", "dog", limit=1):
        assert len(refs) == 1
        taken += refs
    assert sorted(taken, key=str) == sorted([one, other], key=str)
    assert catalog.asset(LOCAL_OWNER, told).tags == ("dog",)
    assert catalog.asset(LOCAL_OWNER, one).all_tags == ()


def test_nobody_tags_or_untags_what_they_may_not_see(catalog: SqlCatalog) -> None:
    open_one, closed = in_library(catalog, some_asset("1.jpg"), some_asset("2.jpg", access_groups=("press",)))
    tags = {open_one: [DOG], closed: [DOG], AssetRef("shop", AssetId("0" * 64)): [DOG]}
    assert catalog.add_generated_tags(reader("shop"), tags) == [open_one]
    assert catalog.add_generated_tags(reader("elsewhere"), tags) == []
    catalog.add_generated_tags(LOCAL_OWNER, tags)
    assert catalog.remove_generated_tag(reader("shop"), "shop", "dog", limit=10) == [open_one]


def test_what_is_not_indexed_gets_no_tag_and_a_deleted_asset_takes_its_tags_along(catalog: SqlCatalog) -> None:
    waiting = some_asset("waiting.jpg")
    hand_in(catalog, waiting)
    assert catalog.add_generated_tags(LOCAL_OWNER, {waiting.ref: [DOG]}) == []
    (ref,) = in_library(catalog, some_asset("done.jpg"))
    catalog.add_generated_tags(LOCAL_OWNER, {ref: [DOG]})
    catalog.finish_deletion(catalog.begin_deletion(LOCAL_OWNER, [ref]))
    assert catalog.remove_generated_tag(LOCAL_OWNER, "shop", "dog", limit=10) == []
