"""What the catalog promises, over SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import Engine

from rag.errors import NotFound, Unavailable
from rag.library.catalog import SqlCatalog
from rag.model import (
    LOCAL_OWNER,
    AssetState,
    Caption,
    CaptionOrigin,
    CaptionStatus,
    Coverage,
    Moderation,
    Outcome,
    visual_id,
)
from rag.ports import Acceptance
from tests.contract.assets import Clock, begin, hand_in, indexed, reader, some_asset
from tests.services.postgres import PostgresServer

HOSTILE_NAMES = [
    "line\nbreak\r.jpg",
    "照片 красное платье 👗.jpg",
    "'; DROP TABLE assets; --",
    "%s %(name)s :name {0}",
    "x" * 10_000,
]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(engine: Engine, clock: Clock) -> Iterator[SqlCatalog]:
    catalog = SqlCatalog(engine, clock)
    yield catalog
    catalog.close()


# Accepting


def test_an_accepted_asset_reads_back_as_it_was_handed_in(catalog: SqlCatalog, clock: Clock) -> None:
    asset = some_asset(
        captions=(
            Caption("a red dress", language="en"),
            Caption("ein Kleid", CaptionOrigin.GENERATED, CaptionStatus.DRAFT, "de"),
        ),
        tags=("red", "dress", "red"),
        source="https://example.org/1",
        licence="CC-BY-4.0",
        captured_at=datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        access_groups=("buyers", "press"),
        moderation=Moderation.REVIEW,
    )
    hand_in(catalog, asset)
    assert catalog.asset(LOCAL_OWNER, asset.ref) == replace(asset, accepted_at=clock.now)


def test_accepting_twice_changes_nothing(catalog: SqlCatalog) -> None:
    asset = some_asset(captions=(Caption("a red dress"),))
    assert hand_in(catalog, asset) == [asset.ref]
    begin(catalog, asset)
    catalog.conclude([indexed(asset)])
    before = catalog.asset(LOCAL_OWNER, asset.ref)

    again = replace(asset, name="copy.jpg", captions=(Caption("another caption"),), tags=("new",))
    assert hand_in(catalog, again, job="second") == []

    assert catalog.asset(LOCAL_OWNER, asset.ref) == before
    assert catalog.unsent(limit=10) == []
    (item,) = catalog.job_items(LOCAL_OWNER, "second")
    assert (item.name, item.known, item.asset_id, item.state) == ("copy.jpg", True, asset.id, AssetState.INDEXED)


def test_new_assets_come_back_in_the_order_given(catalog: SqlCatalog) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(50)]
    assert hand_in(catalog, *assets) == [asset.ref for asset in assets]


def test_the_same_file_twice_in_one_batch_is_one_asset_and_two_items(catalog: SqlCatalog) -> None:
    asset = some_asset()
    assert hand_in(catalog, asset, replace(asset, name="copy.jpg")) == [asset.ref]
    assert [(item.name, item.known) for item in catalog.job_items(LOCAL_OWNER, "job")] == [
        ("dress.jpg", False),
        ("copy.jpg", True),
    ]
    assert catalog.job(LOCAL_OWNER, "job").known == 1


def test_the_same_file_in_two_libraries_is_two_assets(catalog: SqlCatalog) -> None:
    here, there = some_asset(library="museum"), some_asset(library="shop")
    assert hand_in(catalog, here, job="one") == [here.ref]
    assert hand_in(catalog, there, job="two") == [there.ref]
    catalog.conclude([indexed(here)])
    assert catalog.asset(LOCAL_OWNER, there.ref).state is AssetState.ACCEPTED
    assert catalog.find_asset(LOCAL_OWNER, here.id).library == "museum"
    assert catalog.find_asset(reader("shop"), here.id).library == "shop"


def test_a_file_turned_away_is_an_item_of_the_job_with_its_reason(catalog: SqlCatalog) -> None:
    catalog.start_job("job", "shop", LOCAL_OWNER)
    assert catalog.accept("job", [Acceptance("notes.txt", reason="text is no picture")]) == []
    (item,) = catalog.job_items(LOCAL_OWNER, "job", states=[AssetState.SKIPPED])
    assert (item.name, item.reason, item.asset_id) == ("notes.txt", "text is no picture", None)
    assert catalog.job(LOCAL_OWNER, "job").counts == {AssetState.SKIPPED: 1}


def test_two_imports_of_the_same_files_at_once_both_succeed_and_each_file_is_new_to_one(catalog: SqlCatalog) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(100)]
    orders = [assets, assets[::-1], assets[50:] + assets[:50], assets[::-1]]
    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda n: hand_in(catalog, *orders[n], job=f"job-{n}"), range(4)))
    assert sorted(str(ref) for refs in new for ref in refs) == sorted(str(asset.ref) for asset in assets)
    assert sum(catalog.job(LOCAL_OWNER, f"job-{n}").known for n in range(4)) == 300
    assert len(catalog.unsent(limit=1_000)) == 100


def test_a_batch_that_fails_leaves_nothing_behind(catalog: SqlCatalog) -> None:
    catalog.start_job("job", "shop", LOCAL_OWNER)
    good, bad = some_asset("good.jpg"), some_asset("bad.jpg", library="elsewhere")
    with pytest.raises(ValueError, match="elsewhere"):
        catalog.accept("job", [Acceptance("good.jpg", good), Acceptance("bad.jpg", bad)])
    assert catalog.assets(LOCAL_OWNER, "shop") == []
    assert catalog.job(LOCAL_OWNER, "job").total == 0


def test_files_for_an_unknown_job_are_refused(catalog: SqlCatalog) -> None:
    with pytest.raises(NotFound, match="no job nine"):
        catalog.accept("nine", [Acceptance("dress.jpg", some_asset())])


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_hostile_names_survive(catalog: SqlCatalog, name: str) -> None:
    asset = some_asset(name, captions=(Caption(name),), tags=(name,), access_groups=(name[:100],))
    hand_in(catalog, asset)
    kept = catalog.asset(LOCAL_OWNER, asset.ref)
    assert (kept.name, kept.captions[0].text, kept.tags, kept.access_groups) == (name, name, (name,), (name[:100],))


def test_what_no_database_text_can_hold_becomes_a_replacement_character(catalog: SqlCatalog) -> None:
    asset = some_asset("nul\0 and \udcff.jpg", tags=("\0",))
    hand_in(catalog, asset)
    kept = catalog.asset(LOCAL_OWNER, asset.ref)
    assert (kept.name, kept.tags) == ("nul\ufffd and \ufffd.jpg", ("\ufffd",))
    assert catalog.job_items(LOCAL_OWNER, "job")[0].name == "nul\ufffd and \ufffd.jpg"


# Jobs


def test_a_job_is_done_when_it_is_complete_and_every_file_is_final(catalog: SqlCatalog, clock: Clock) -> None:
    one, two, three = (some_asset(f"{number}.jpg") for number in range(3))
    hand_in(catalog, one, two, three)
    catalog.conclude([indexed(one), Outcome(two.ref, AssetState.SKIPPED, "a text file")])
    catalog.finish_job("job")
    catalog.finish_job("job")
    job = catalog.job(LOCAL_OWNER, "job")
    assert job.counts == {AssetState.INDEXED: 1, AssetState.SKIPPED: 1, AssetState.ACCEPTED: 1}
    assert (job.complete, job.done, job.library, job.actor, job.created_at) == (True, False, "shop", "local", clock.now)

    catalog.conclude([Outcome(three.ref, AssetState.QUARANTINED, "torn")])
    assert catalog.job(LOCAL_OWNER, "job").done
    assert [item.reason for item in catalog.job_items(LOCAL_OWNER, "job")] == ["", "a text file", "torn"]
    assert [item.name for item in catalog.job_items(LOCAL_OWNER, "job", states=[AssetState.INDEXED])] == ["0.jpg"]


def test_an_empty_job_is_not_done_before_it_is_complete(catalog: SqlCatalog) -> None:
    catalog.start_job("job", "shop", LOCAL_OWNER)
    catalog.start_job("job", "shop", LOCAL_OWNER)
    assert not catalog.job(LOCAL_OWNER, "job").done
    catalog.finish_job("job")
    assert catalog.job(LOCAL_OWNER, "job").done


def test_libraries_are_listed_once_and_sorted(catalog: SqlCatalog) -> None:
    for name in ("shop", "museum", "shop"):
        catalog.create_library(name)
    assert catalog.libraries(LOCAL_OWNER) == ["museum", "shop"]
    assert catalog.libraries(reader("shop", "nowhere")) == ["shop"]


# The outbox


def test_an_asset_waits_in_the_outbox_until_it_is_final(catalog: SqlCatalog, clock: Clock) -> None:
    first, second = some_asset("1.jpg"), some_asset("2.jpg")
    hand_in(catalog, first)
    clock.forward(1)
    hand_in(catalog, second)
    assert catalog.unsent(limit=10) == [first.ref, second.ref]
    assert catalog.unsent(limit=1) == [first.ref]

    catalog.mark_sent([first.ref])
    clock.forward(5)
    assert catalog.unsent(limit=10, older_than=10) == [second.ref]
    clock.forward(5)
    assert catalog.unsent(limit=10, older_than=10) == [first.ref, second.ref]

    catalog.conclude([indexed(first), Outcome(second.ref, AssetState.QUARANTINED, "torn")])
    assert catalog.unsent(limit=10) == []


def test_those_tried_often_can_be_asked_for_alone(catalog: SqlCatalog) -> None:
    once, twice = some_asset("1.jpg"), some_asset("2.jpg")
    hand_in(catalog, once, twice)
    begin(catalog, once, twice)
    begin(catalog, twice)
    assert catalog.unsent(limit=10, tried=2) == [twice.ref]
    assert len(catalog.unsent(limit=10, tried=1)) == 2


# Attempts


def test_an_attempt_is_counted_before_the_work(catalog: SqlCatalog) -> None:
    asset = some_asset(captions=(Caption("a red dress"),), tags=("red",))
    hand_in(catalog, asset)
    (begun,) = begin(catalog, asset)
    assert (begun.attempts, begun.captions, begun.tags) == (1, asset.captions, asset.tags)
    assert catalog.asset(LOCAL_OWNER, asset.ref).attempts == 1


def test_a_task_delivered_twice_does_nothing_the_second_time(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    begin(catalog, asset)
    catalog.conclude([indexed(asset)])
    assert begin(catalog, asset) == []
    assert catalog.asset(LOCAL_OWNER, asset.ref).attempts == 1


def test_the_third_failure_quarantines(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    assert [begin(catalog, asset)[0].attempts for _ in range(3)] == [1, 2, 3]
    assert begin(catalog, asset) == []
    kept = catalog.asset(LOCAL_OWNER, asset.ref)
    assert kept.state is AssetState.QUARANTINED
    assert kept.reason == "indexing failed 3 times; last: the worker died or raised"
    assert catalog.unsent(limit=10) == []


def test_an_attempt_taken_back_is_not_held_against_the_asset(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    for _ in range(10):
        assert begin(catalog, asset)
        catalog.release([asset.ref])
    assert catalog.asset(LOCAL_OWNER, asset.ref).attempts == 0
    catalog.release([asset.ref])
    assert catalog.asset(LOCAL_OWNER, asset.ref).attempts == 0


def test_a_failure_that_may_pass_keeps_its_reason_for_the_end(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    begin(catalog, asset, allowed=1)
    catalog.conclude([Outcome(asset.ref, AssetState.ACCEPTED, "out of memory")])
    assert catalog.unsent(limit=10) == [asset.ref]
    begin(catalog, asset, allowed=1)
    assert catalog.asset(LOCAL_OWNER, asset.ref).reason == "indexing failed 1 time; last: out of memory"


def test_workers_with_the_same_assets_lose_no_attempt(catalog: SqlCatalog) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(40)]
    hand_in(catalog, *assets)
    orders = [assets, assets[::-1]] * 4
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda order: begin(catalog, *order, allowed=99), orders))
    assert {asset.attempts for asset in catalog.assets(LOCAL_OWNER, "shop")} == {8}
    assert sorted(asset.attempts for worker in begun for asset in worker if asset.id == assets[0].id) == [*range(1, 9)]


def test_concluding_twice_or_at_once_changes_nothing(catalog: SqlCatalog) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(40)]
    hand_in(catalog, *assets)
    outcomes = [indexed(asset, "page=1", "page=2") for asset in assets]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(catalog.conclude, [outcomes, outcomes[::-1], outcomes, outcomes[::-1]]))
    assert catalog.coverage(LOCAL_OWNER, ["shop"]) == Coverage(80, 0, 0, 0)


def test_a_late_failure_of_a_duplicate_does_not_undo_what_is_indexed(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    catalog.conclude([indexed(asset)])
    catalog.conclude([Outcome(asset.ref, AssetState.QUARANTINED, "torn")])
    catalog.conclude([Outcome(asset.ref, AssetState.ACCEPTED, "try again")])
    assert catalog.asset(LOCAL_OWNER, asset.ref).state is AssetState.INDEXED


def test_indexing_again_replaces_the_visuals(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    catalog.conclude([indexed(asset, "t=1.000", "t=2.000", "t=3.000")])
    catalog.conclude([indexed(asset, "t=2.000")])
    assert catalog.coverage(LOCAL_OWNER, []).searched == 1
    assert list(catalog.visuals(LOCAL_OWNER, [visual_id("shop", asset.id, "t=2.000")]).values()) == [
        (indexed(asset, "t=2.000").visuals[0], catalog.asset(LOCAL_OWNER, asset.ref))
    ]


def test_a_retry_starts_over_and_leaves_the_indexed_alone(catalog: SqlCatalog) -> None:
    good, bad = some_asset("good.jpg"), some_asset("bad.jpg")
    hand_in(catalog, good, bad)
    begin(catalog, good, bad)
    catalog.conclude([indexed(good), Outcome(bad.ref, AssetState.QUARANTINED, "torn")])
    catalog.retry([good.ref, bad.ref])
    again = catalog.asset(LOCAL_OWNER, bad.ref)
    assert (again.state, again.attempts, again.reason) == (AssetState.ACCEPTED, 0, "")
    assert catalog.asset(LOCAL_OWNER, good.ref).state is AssetState.INDEXED
    assert catalog.unsent(limit=10) == [bad.ref]


def test_a_file_given_up_stays_so_when_handed_in_again(catalog: SqlCatalog) -> None:
    asset = some_asset()
    hand_in(catalog, asset)
    catalog.conclude([Outcome(asset.ref, AssetState.SKIPPED, "too large")])
    assert hand_in(catalog, asset, job="again") == []
    assert catalog.asset(LOCAL_OWNER, asset.ref).reason == "too large"
    assert catalog.unsent(limit=10) == []


def test_batches_of_thousands_go_through(catalog: SqlCatalog) -> None:
    assets = [some_asset(f"{number}.jpg", tags=("a", "b")) for number in range(1_500)]
    refs = hand_in(catalog, *assets)
    catalog.mark_sent(refs)
    assert len(catalog.begin(refs, attempts_allowed=3).assets) == 1_500
    catalog.conclude([indexed(asset) for asset in assets])
    assert len(catalog.visuals(LOCAL_OWNER, [visual_id("shop", asset.id) for asset in assets])) == 1_500
    assert catalog.coverage(LOCAL_OWNER, []) == Coverage(1_500, 0, 0, 0)


# The canary


def test_the_first_canary_stays(catalog: SqlCatalog) -> None:
    first, later = np.array([0.6, -0.8], dtype=np.float32), np.array([1, 0], dtype=np.float32)
    for vector in (first, later):
        kept = catalog.canary("demo", vector)
        assert kept.dtype == np.float32
        np.testing.assert_array_equal(kept, first)
    np.testing.assert_array_equal(catalog.canary("another", later), later)


# When the database is gone


def test_a_database_that_answers_passes_the_ping(catalog: SqlCatalog) -> None:
    catalog.ping()


def test_a_database_that_is_gone_says_so_in_one_line(
    catalog: SqlCatalog, engine: Engine, request: pytest.FixtureRequest
) -> None:
    hand_in(catalog, some_asset())
    remove_database(engine, request)
    for call in (catalog.ping, lambda: catalog.libraries(LOCAL_OWNER), lambda: catalog.finish_job("job")):
        with pytest.raises(Unavailable) as caught:
            call()
        assert "\n" not in str(caught.value)
        assert caught.value.__cause__ is not None


def remove_database(engine: Engine, request: pytest.FixtureRequest) -> None:
    engine.dispose()
    name = str(engine.url.database)
    if engine.dialect.name == "sqlite":
        with open(name, "wb") as file:
            file.write(b"no database at all" * 1_000)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.drop_database(name)
