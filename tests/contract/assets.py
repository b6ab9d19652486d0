"""Assets, actors and steps that the catalog's suites share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from rag.library.catalog import SqlCatalog
from rag.model import LOCAL_OWNER, Actor, Asset, AssetId, AssetRef, AssetState, Outcome, Visual, visual_id
from rag.ports import Acceptance


def reader(*libraries: str, groups: tuple[str, ...] = ()) -> Actor:
    return Actor("ann", frozenset({"reader"}), frozenset(groups), frozenset(libraries))


def editor(*libraries: str) -> Actor:
    return Actor("eve", frozenset({"editor"}), libraries=frozenset(libraries))


def some_asset(name: str = "dress.jpg", library: str = "shop", **fields: object) -> Asset:
    asset_id = AssetId(sha256(name.encode("utf-8", "surrogatepass")).hexdigest())
    plain = Asset(library=library, id=asset_id, name=name, media_type="image/jpeg", size=3_000_000_000)
    return replace(plain, **fields)  # type: ignore[arg-type]


def indexed(asset: Asset, *locators: str) -> Outcome:
    visuals = tuple(
        Visual(visual_id(asset.library, asset.id, at), asset.library, asset.id, 640, 480, at, "0f" * 8)
        for at in locators or ("",)
    )
    return Outcome(asset.ref, AssetState.INDEXED, visuals=visuals)


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def hand_in(catalog: SqlCatalog, *assets: Asset, job: str = "job") -> list[AssetRef]:
    catalog.start_job(job, assets[0].library, LOCAL_OWNER)
    return catalog.accept(job, [Acceptance(asset.name, asset) for asset in assets])


def begin(catalog: SqlCatalog, *assets: Asset, allowed: int = 3) -> list[Asset]:
    return list(catalog.begin([asset.ref for asset in assets], attempts_allowed=allowed).assets)
