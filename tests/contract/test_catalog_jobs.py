"""Jobs, deletion and upkeep: what the catalog promises to those who stop, retry, remove and mend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from rag.errors import Cancelled, NotFound
from rag.library.catalog import SqlCatalog
from rag.model import (
    LOCAL_OWNER,
    Actor,
    AssetRef,
    AssetState,
    Caption,
    CaptionOrigin,
    Found,
    Outcome,
    visual_id,
)
from rag.ports import Acceptance
from tests.contract.assets import Clock, begin, hand_in, indexed, some_asset

STRANGER = Actor("stranger", frozenset({"editor"}), libraries=frozenset({"other"}))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(engine: Engine, clock: Clock) -> Iterator[SqlCatalog]:
    catalog = SqlCatalog(engine, clock)
    yield catalog
    catalog.close()


# Stopping and retrying a job


def test_a_cancelled_job_skips_what_was_not_indexed_yet(catalog: SqlCatalog) -> None:
    done, waiting = some_asset("a.jpg"), some_asset("b.jpg")
    hand_in(catalog, done, waiting)
    catalog.conclude([indexed(done)])
    assert catalog.cancel_job(LOCAL_OWNER, "job") == 1
    job = catalog.job(LOCAL_OWNER, "job")
    assert job.cancelled
    assert job.done
    assert catalog.asset(LOCAL_OWNER, done.ref).state is AssetState.INDEXED
    assert catalog.asset(LOCAL_OWNER, waiting.ref).reason == "its job was cancelled"
    assert catalog.unsent(limit=10) == []
    assert catalog.cancel_job(LOCAL_OWNER, "job") == 0


def test_a_cancelled_job_takes_no_more_files(catalog: SqlCatalog) -> None:
    hand_in(catalog, some_asset("a.jpg"))
    catalog.cancel_job(LOCAL_OWNER, "job")
    late = some_asset("late.jpg")
    with pytest.raises(Cancelled):
        catalog.accept("job", [Acceptance(late.name, late)])
    with pytest.raises(NotFound):
        catalog.asset(LOCAL_OWNER, late.ref)


def test_cancelling_leaves_alone_what_the_library_had_before(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset, job="first")
    hand_in(catalog, asset, job="second")
    assert catalog.cancel_job(LOCAL_OWNER, "second") == 0
    assert catalog.asset(LOCAL_OWNER, asset.ref).state is AssetState.ACCEPTED


def test_only_those_who_may_read_a_library_stop_or_retry_its_jobs(catalog: SqlCatalog) -> None:
    hand_in(catalog, some_asset())
    for forbidden in (catalog.cancel_job, catalog.retry_job):
        with pytest.raises(NotFound):
            forbidden(STRANGER, "job")
    assert catalog.jobs(STRANGER) == []


def test_retrying_a_job_brings_back_what_failed_and_nothing_else(catalog: SqlCatalog) -> None:
    good, torn, odd = (some_asset(f"{n}.jpg") for n in range(3))
    hand_in(catalog, good, torn, odd)
    ends = (Outcome(torn.ref, AssetState.QUARANTINED, "torn"), Outcome(odd.ref, AssetState.SKIPPED, "odd"))
    catalog.conclude([indexed(good), *ends])
    assert set(catalog.retry_job(LOCAL_OWNER, "job")) == {torn.ref, odd.ref}
    assert catalog.asset(LOCAL_OWNER, good.ref).state is AssetState.INDEXED
    assert {asset.attempts for asset in begin(catalog, torn, odd)} == {1}


def test_a_job_whose_sender_is_gone_is_closed(catalog: SqlCatalog, clock: Clock) -> None:
    hand_in(catalog, some_asset("a.jpg"), job="old")
    clock.forward(700)
    hand_in(catalog, some_asset("b.jpg"), job="young")
    assert catalog.close_abandoned_jobs(600) == 1
    assert [(job.id, job.complete) for job in catalog.jobs(LOCAL_OWNER)] == [("young", False), ("old", True)]


def test_files_of_a_job_come_in_pages(catalog: SqlCatalog) -> None:
    hand_in(catalog, *(some_asset(f"{n}.jpg") for n in range(5)))
    first = catalog.job_items(LOCAL_OWNER, "job", limit=3)
    second = catalog.job_items(LOCAL_OWNER, "job", limit=3, after=first[-1].number)
    assert [item.name for item in first + second] == [f"{n}.jpg" for n in range(5)]


# Known files


def test_a_file_with_a_known_fingerprint_needs_no_second_reading(catalog: SqlCatalog) -> None:
    asset = some_asset()
    catalog.start_job("job", asset.library, LOCAL_OWNER)
    catalog.accept("job", [Acceptance(asset.name, asset, fingerprint="a.jpg 10 1")])
    assert catalog.known_files("shop", ["a.jpg 10 1", "a.jpg 10 2"]) == {"a.jpg 10 1": asset.id}
    catalog.accept("job", [Acceptance("a.jpg", known=asset.id)])
    last = catalog.job_items(LOCAL_OWNER, "job")[-1]
    assert (last.asset_id, last.known, last.state) == (asset.id, True, AssetState.ACCEPTED)


def test_a_deleted_asset_s_files_are_unknown_again(catalog: SqlCatalog) -> None:
    asset = some_asset()
    catalog.start_job("job", asset.library, LOCAL_OWNER)
    catalog.accept("job", [Acceptance(asset.name, asset, fingerprint="a")])
    catalog.begin_deletion(LOCAL_OWNER, [asset.ref])
    assert catalog.known_files("shop", ["a"]) == {}
    catalog.finish_deletion([asset.ref])
    assert catalog.known_files("shop", ["a"]) == {}


# What files say of themselves


def test_what_a_file_says_fills_what_its_source_left_open(catalog: SqlCatalog) -> None:
    asset = some_asset(captions=(Caption("a red dress"),), tags=("dress",), licence="CC0-1.0")
    hand_in(catalog, asset)
    found = Found(
        captions=(Caption("a red dress"), Caption("page one", CaptionOrigin.EMBEDDED, locator="page=1")),
        tags=("dress", "beach"),
        captured_at=datetime(2024, 5, 1, tzinfo=UTC),
        camera="Canon EOS R5",
        licence="all rights reserved",
        personal={"gps": "52.5, 13.4"},
    )
    outcome = Outcome(asset.ref, AssetState.INDEXED, visuals=indexed(asset).visuals, found=found)
    catalog.conclude([outcome])
    catalog.conclude([outcome])
    richer = catalog.asset(LOCAL_OWNER, asset.ref)
    assert [(caption.text, caption.locator) for caption in richer.captions] == [
        ("a red dress", ""),
        ("page one", "page=1"),
    ]
    assert richer.tags == ("dress", "beach")
    assert (richer.camera, richer.licence, richer.captured_at) == ("Canon EOS R5", "CC0-1.0", found.captured_at)
    assert richer.personal == {"gps": "52.5, 13.4"}


def test_a_library_keeps_personal_metadata_only_when_asked(catalog: SqlCatalog) -> None:
    assert not catalog.keeps_personal("shop")
    catalog.keep_personal("shop", True)
    assert catalog.keeps_personal("shop")
    catalog.keep_personal("shop", False)
    assert not catalog.keeps_personal("shop")


# Deleting


def test_an_asset_is_hidden_before_anything_of_it_is_removed(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    catalog.conclude([indexed(asset)])
    shown = visual_id("shop", asset.id)
    assert catalog.begin_deletion(LOCAL_OWNER, [asset.ref]) == [asset.ref]
    with pytest.raises(NotFound):
        catalog.asset(LOCAL_OWNER, asset.ref)
    assert catalog.visuals(LOCAL_OWNER, [shown]) == {}
    assert catalog.seen(LOCAL_OWNER, [shown]) == {}
    assert catalog.coverage(LOCAL_OWNER, []).searched == 0
    assert [visual.id for visual in catalog.visuals_of([asset.ref])] == [shown]
    assert catalog.deletions(limit=10) == [asset.ref]
    catalog.finish_deletion([asset.ref])
    assert catalog.deletions(limit=10) == []
    assert catalog.visuals_of([asset.ref]) == []
    assert [item.state for item in catalog.job_items(LOCAL_OWNER, "job")] == [AssetState.DELETED]


def test_nobody_deletes_what_they_may_not_see(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    assert catalog.begin_deletion(STRANGER, [asset.ref, AssetRef("shop", asset.id)]) == []
    assert catalog.asset(LOCAL_OWNER, asset.ref).state is AssetState.ACCEPTED


def test_a_worker_that_indexed_a_deleted_asset_is_told(catalog: SqlCatalog) -> None:
    leaving, gone, kept = (some_asset(f"{n}.jpg") for n in range(3))
    hand_in(catalog, leaving, gone, kept)
    catalog.begin_deletion(LOCAL_OWNER, [leaving.ref, gone.ref])
    catalog.finish_deletion([gone.ref])
    told = catalog.conclude([indexed(leaving), indexed(gone), indexed(kept)])
    assert set(told.gone) == {leaving.ref, gone.ref}
    assert catalog.deletions(limit=10) == [leaving.ref]


def test_a_worker_that_indexed_what_was_given_up_meanwhile_is_told(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    begin(catalog, asset, allowed=1)
    assert catalog.begin([asset.ref], attempts_allowed=1).given_up == (asset.ref,)
    assert catalog.conclude([indexed(asset)]).reopened == (asset.ref,)
    assert catalog.asset(LOCAL_OWNER, asset.ref).state is AssetState.INDEXED


def test_a_file_handed_in_while_its_asset_is_deleted_is_turned_away(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    catalog.begin_deletion(LOCAL_OWNER, [asset.ref])
    assert hand_in(catalog, asset, job="again") == []
    (item,) = catalog.job_items(LOCAL_OWNER, "again")
    assert (item.state, item.asset_id) == (AssetState.SKIPPED, None)
    assert "being deleted" in item.reason
    catalog.finish_deletion([asset.ref])
    assert hand_in(catalog, asset, job="later") == [asset.ref]


def test_bytes_that_another_library_has_are_shared(catalog: SqlCatalog) -> None:
    here, there = some_asset(), some_asset(library="archive")
    hand_in(catalog, here)
    assert not catalog.is_shared(here.ref)
    hand_in(catalog, there, job="there")
    assert catalog.is_shared(here.ref)


# Upkeep


def test_every_asset_is_read_page_by_page(catalog: SqlCatalog) -> None:
    assets = [some_asset(f"{n}.jpg") for n in range(5)] + [some_asset("b.jpg", library="archive")]
    hand_in(catalog, *assets[:5])
    hand_in(catalog, assets[5], job="archive")
    pages, after = [], None
    while page := catalog.every_asset(limit=2, after=after):
        pages += page
        after = page[-1].ref
    assert [asset.ref for asset in pages] == sorted((asset.ref for asset in assets), key=str)


def test_known_visuals_are_those_of_indexed_assets(catalog: SqlCatalog) -> None:
    done, waiting = some_asset("a.jpg"), some_asset("b.jpg")
    hand_in(catalog, done, waiting)
    catalog.conclude([indexed(done)])
    ids = [visual_id("shop", asset.id) for asset in (done, waiting)]
    assert catalog.known_visuals(ids) == {ids[0]}
    assert catalog.retry([done.ref], indexed=True) == [done.ref]
    assert catalog.known_visuals(ids) == set()


def test_an_accepted_asset_that_nobody_would_send_is_found_and_listed_again(
    catalog: SqlCatalog, engine: Engine
) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    assert catalog.unlisted(limit=10) == []
    from rag.library.tables import outbox

    with engine.begin() as connection:
        connection.execute(outbox.delete())
    assert catalog.unlisted(limit=10) == [asset.ref]
    catalog.list_again([asset.ref])
    catalog.list_again([asset.ref])
    assert catalog.unsent(limit=10) == [asset.ref]
