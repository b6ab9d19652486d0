"""What the catalog shows, and to whom, over SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from sqlalchemy import Engine

from rag.errors import NotFound
from rag.library.catalog import SqlCatalog
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
        finds(lambda: [visual.asset_id for visual, _ in catalog.visuals(actor, [visual_of(asset)]).values()], asset),
        bool(catalog.visible(actor, [visual_of(asset)])),
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
