"""What the catalog shows, and to whom, over SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import pytest
from sqlalchemy import Engine

from rag.errors import NotFound
from rag.library.catalog import SqlCatalog
from rag.library.coverage_cache import CoverageCache
from rag.model import LOCAL_OWNER, Actor, Asset, AssetId, AssetState, Coverage, Moderation, Outcome, VisualId, visual_id
from tests.contract.assets import editor, hand_in, indexed, reader, some_asset


@pytest.fixture
def catalog(engine: Engine) -> Iterator[SqlCatalog]:
    catalog = SqlCatalog(engine)
    yield catalog
    catalog.close()


def test_assets_come_in_pages_by_id(catalog: SqlCatalog) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(25)]
    hand_in(catalog, *assets)
    pages: list[list[AssetId]] = []
    after = ""
    while page := catalog.assets(LOCAL_OWNER, "shop", limit=10, after=after):
        pages.append([asset.id for asset in page])
        after = page[-1].id
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [found for page in pages for found in page] == sorted(asset.id for asset in assets)
    assert catalog.assets(LOCAL_OWNER, "shop", state=AssetState.INDEXED) == []


def test_coverage_counts_visuals_searched_and_assets_not(catalog: SqlCatalog) -> None:
    assets = [some_asset(f"{number}.jpg") for number in range(6)]
    hand_in(catalog, *assets)
    catalog.conclude(
        [
            indexed(assets[0], "page=1", "page=2", "page=3"),
            indexed(assets[1]),
            Outcome(assets[2].ref, AssetState.SKIPPED, "text"),
            Outcome(assets[3].ref, AssetState.QUARANTINED, "torn"),
        ]
    )
    assert catalog.coverage(LOCAL_OWNER, ["shop"]) == Coverage(searched=4, pending=2, skipped=1, quarantined=1)
    assert catalog.coverage(LOCAL_OWNER, ["museum"]) == Coverage(0, 0, 0, 0)


def test_what_a_process_did_shows_in_its_coverage_at_once_although_counting_is_slow(engine: Engine) -> None:
    slow = count(step=1 / 32)
    catalog = SqlCatalog(engine, counted=CoverageCache(lambda: next(slow)))
    one, other = some_asset("one.jpg"), some_asset("other.jpg")

    def shown() -> Coverage:
        return catalog.coverage(reader("shop"), ["shop"])

    assert shown() == Coverage(0, 0, 0, 0)
    hand_in(catalog, one, other)
    assert shown() == Coverage(0, 2, 0, 0)
    catalog.conclude([indexed(one), Outcome(other.ref, AssetState.QUARANTINED, "torn")])
    assert shown() == Coverage(1, 0, 0, 1)
    catalog.retry_job(LOCAL_OWNER, "job")
    assert shown() == Coverage(1, 1, 0, 0)
    catalog.cancel_job(LOCAL_OWNER, "job")
    assert shown() == Coverage(1, 0, 1, 0)
    catalog.retry([other.ref])
    assert shown() == Coverage(1, 1, 0, 0)
    catalog.begin([other.ref], attempts_allowed=0)
    assert shown() == Coverage(1, 0, 0, 1)
    catalog.begin_deletion(LOCAL_OWNER, [one.ref])
    assert shown() == Coverage(0, 0, 0, 1)


def test_readers_of_other_groups_never_share_a_count(engine: Engine) -> None:
    slow = count(step=1 / 32)
    catalog = SqlCatalog(engine, counted=CoverageCache(lambda: next(slow)))
    hand_in(catalog, OPEN, GROUPED, BLOCKED)
    actors = LOCAL_OWNER, editor("shop"), reader("shop", groups=("press",)), reader("shop"), reader("museum")
    for _ in range(2):
        assert [catalog.coverage(actor, []).pending for actor in actors] == [3, 2, 2, 1, 0]


OPEN, GROUPED, BLOCKED = (
    some_asset("open.jpg"),
    some_asset("grouped.jpg", access_groups=("press", "buyers")),
    some_asset("blocked.jpg", moderation=Moderation.BLOCKED),
)


def sees(catalog: SqlCatalog, actor: Actor, asset: Asset) -> bool:
    """Whether any read method shows `asset` to `actor`; they must all say the same."""
    answers = [
        finds(lambda: [catalog.asset(actor, asset.ref).id], asset),
        finds(lambda: [catalog.find_asset(actor, asset.id).id], asset),
        finds(lambda: [found.id for found in catalog.assets(actor, asset.library)], asset),
        finds(lambda: [ref.asset_id for ref in catalog.seen(actor, [visual_of(asset)]).values()], asset),
        finds(lambda: [visual.asset_id for visual, _ in catalog.visuals(actor, [visual_of(asset)]).values()], asset),
        finds(lambda: [item.asset_id for item in catalog.job_items(actor, "job")], asset),
    ]
    assert len(set(answers)) == 1, answers
    return answers[0]


def finds(look: Callable[[], Sequence[AssetId | None]], asset: Asset) -> bool:
    try:
        return asset.id in look()
    except NotFound:
        return False


def visual_of(asset: Asset) -> VisualId:
    return visual_id(asset.library, asset.id)


@pytest.mark.parametrize(
    ("actor", "seen"),
    [
        (LOCAL_OWNER, {"open.jpg", "grouped.jpg", "blocked.jpg"}),
        (editor("shop"), {"open.jpg", "blocked.jpg"}),
        (reader("shop"), {"open.jpg"}),
        (reader("*"), {"open.jpg"}),
        (reader("shop", groups=("press", "staff")), {"open.jpg", "grouped.jpg"}),
        (reader("shop", groups=("staff",)), {"open.jpg"}),
        (reader("museum", groups=("press",)), set()),
        (reader(), set()),
        (Actor("owner", frozenset({"owner"}), libraries=frozenset({"museum"})), set()),
    ],
    ids=["owner", "editor", "reader", "reader of all", "press", "staff", "other library", "nobody", "other owner"],
)
def test_rights_hold_for_every_read(catalog: SqlCatalog, actor: Actor, seen: set[str]) -> None:
    assets = OPEN, GROUPED, BLOCKED
    hand_in(catalog, *assets)
    catalog.conclude([indexed(asset) for asset in assets])
    assert {asset.name for asset in assets if sees(catalog, actor, asset)} == seen
    assert catalog.coverage(actor, []) == Coverage(len(seen), 0, 0, 0)
    assert catalog.coverage(actor, ["shop"]) == Coverage(len(seen), 0, 0, 0)
    assert catalog.libraries(actor) == (["shop"] if seen else [])


def test_a_job_of_another_library_is_not_found(catalog: SqlCatalog) -> None:
    hand_in(catalog, OPEN)
    for look in (catalog.job, catalog.job_items):
        with pytest.raises(NotFound, match="no job job"):
            look(reader("museum"), "job")
