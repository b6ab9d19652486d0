"""The promise, checked on catalog, vector store and blobs themselves.

Every accepted asset is indexed, skipped or quarantined; an asset is indexed exactly when its
visuals have points; there is no other point, no point is torn, and both sides count the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from rag.doctor import examine
from rag.library.blobs import FsspecBlobs
from rag.media.derived import thumbnail_name
from rag.model import LOCAL_OWNER, Asset, AssetRef, AssetState, Visual, VisualId
from rag.ports import Point, VectorStore
from rag.wiring import WiredServices
from tests.faults.nursery import Programs

PAGE = 500
FINAL = {AssetState.INDEXED, AssetState.SKIPPED, AssetState.QUARANTINED}


def assert_nothing_lost(services: WiredServices) -> list[Asset]:
    """The whole promise, once nothing is on its way. Gives every asset."""
    assets = assert_accounted_for(services)
    visuals = services.catalog.visuals_of([asset.ref for asset in assets])
    for store in services.collections.every():
        assert_points_are_whole(store, visuals)
    assert_bytes_are_whole(services, assets, visuals)
    findings = [finding for finding in examine(services, deep=True) if finding.count]
    assert not findings, findings
    return assets


def assert_accounted_for(services: WiredServices) -> list[Asset]:
    """Catalog, outbox and vector store agree on what there is. Gives every asset."""
    assets = list(every_asset(services))
    unfinished = {str(asset.ref): asset.state for asset in assets if asset.state not in FINAL}
    assert not unfinished, f"without an end: {unfinished}"
    assert services.catalog.unsent(limit=PAGE) == []
    indexed = {asset.ref for asset in assets if asset.state is AssetState.INDEXED}
    visuals = services.catalog.visuals_of([asset.ref for asset in assets])
    assert {AssetRef(visual.library, visual.asset_id) for visual in visuals} == indexed
    (store,) = services.collections.every()
    ids = list(every_id(store))
    assert len(ids) == len(set(ids)) == store.count()
    assert set(ids) == {visual.id for visual in visuals}
    libraries = services.catalog.libraries(LOCAL_OWNER)
    assert services.catalog.coverage(LOCAL_OWNER, libraries).searched == len(ids)
    return assets


def assert_points_are_whole(store: VectorStore, visuals: list[Visual]) -> None:
    points = store.fetch([visual.id for visual in visuals])
    for visual in visuals:
        assert_whole(points[visual.id], visual, store.dim)


def assert_whole(point: Point, visual: Visual, dim: int) -> None:
    assert point.image.shape == (dim,)
    assert np.isclose(np.linalg.norm(point.image), 1, atol=1e-3), visual.id
    said = point.payload
    assert (said["library"], said["asset_id"], said["locator"]) == (visual.library, visual.asset_id, visual.locator)
    assert (said["width"], said["height"]) == (visual.width, visual.height)


def assert_bytes_are_whole(services: WiredServices, assets: list[Asset], visuals: list[Visual]) -> None:
    for asset in assets:
        assert hashlib.sha256(services.blobs.get(asset.id)).hexdigest() == asset.id
    for visual in visuals:
        assert services.blobs.get_derived(visual.asset_id, thumbnail_name(visual.locator))


def every_asset(services: WiredServices) -> Iterator[Asset]:
    after: AssetRef | None = None
    while page := services.catalog.every_asset(limit=PAGE, after=after):
        yield from page
        after = page[-1].ref


def every_id(store: VectorStore) -> Iterator[VisualId]:
    after: VisualId | None = None
    while page := store.ids(limit=PAGE, after=after):
        yield from page
        after = page[-1]


def assert_doctor_agrees(programs: Programs, environment: Mapping[str, str]) -> None:
    """`picturedesk doctor` finds all in order."""
    doctor = programs.picturedesk("doctor", environment, "doctor")
    assert doctor.wait() == 0, doctor.output()


def files_below(folder: Path) -> set[str]:
    """Paths of all files, hidden ones too."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def traces_of(blobs: FsspecBlobs, folder: Path, asset_id: str) -> set[str]:
    """What is left of an asset in the blobs' folder: its bytes, its thumbnails, unfinished files of either."""
    return {path for path in files_below(folder) if asset_id in path}
