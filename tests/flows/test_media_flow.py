"""Films, documents, metadata, duplicates, deletion and repair, over the real parts of the embedded profile."""

from __future__ import annotations

import io
import os
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import update

from rag.disk import MIB
from rag.doctor import Finding, examine
from rag.duplicates import groups
from rag.errors import DiskFull, NotAllowed, NotFound, Unavailable
from rag.ingest import accept, delete, finish_deletions, follow, index, tidy
from rag.library.tables import jobs, outbox
from rag.media.derived import thumbnail_name
from rag.model import LOCAL_OWNER, Actor, Asset, AssetRef, AssetState, CaptionOrigin, Job, Query
from rag.scenes import draw, sample_scene
from rag.search import search
from rag.settings import Settings
from rag.sources.entry import Entry
from rag.wiring import WiredServices, opened
from tests.unit.media.documents import pdf
from tests.unit.media.films import film, scene
from tests.unit.media.pictures import encoded

GPS = 0x8825


@pytest.fixture
def services(tmp_path: Path) -> Iterator[WiredServices]:
    with opened(Settings(data=tmp_path / "data")) as services:
        yield services


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[tuple[WiredServices, AssetRef]]:
    """One asset that waits to be indexed, in services whose queue was not opened: nobody else indexes it meanwhile."""
    settings = Settings(data=tmp_path / "data")
    with opened(settings) as services:
        taken_in(services, {"a.jpg": encoded(drawing(1))})
        ref = the_assets(services)["a.jpg"].ref
    with opened(settings) as services:
        services.catalog.retry([ref], indexed=True)
        yield services, ref


def drawing(seed: int, size: int = 256) -> Image.Image:
    return draw(sample_scene(random.Random(seed)), size)


def taken_in(services: WiredServices, files: dict[str, bytes], library: str = "news") -> Job:
    entries = [Entry(name, partial(bytes, content)) for name, content in files.items()]
    return ended(services, accept(services, LOCAL_OWNER, library, entries))


def ended(services: WiredServices, job: Job) -> Job:
    return list(follow(services, LOCAL_OWNER, job.id, every=0.05))[-1]


def the_assets(services: WiredServices, library: str = "news") -> dict[str, Asset]:
    return {asset.name: asset for asset in services.catalog.assets(LOCAL_OWNER, library)}


def problems(services: WiredServices, **options: bool) -> list[Finding]:
    return [finding for finding in examine(services, **options) if finding.count]


# Films and documents


def test_each_page_of_a_document_is_found_by_its_own_text(services: WiredServices) -> None:
    job = taken_in(
        services, {"report.pdf": pdf(["Lighthouses of the northern coast", "Invoices of the harbour office"])}
    )
    assert job.counts == {AssetState.INDEXED: 1}
    found = search(services, LOCAL_OWNER, Query("invoices of the harbour", libraries=("news",)), door="test")
    best = found.evidence[0]
    assert best.visual.locator == "page=2"
    assert best.caption is not None
    assert best.caption.origin is CaptionOrigin.EMBEDDED
    assert "Invoices" in best.caption.text
    assert found.coverage.searched == 2
    assert services.blobs.get_derived(best.visual.asset_id, thumbnail_name("page=2"))


def test_a_film_is_found_by_what_one_of_its_moments_shows(services: WiredServices) -> None:
    taken_in(services, {"clip.mp4": film([(scene(number), 6.0) for number in range(3)])})
    asset = the_assets(services)["clip.mp4"]
    moments = services.catalog.visuals_of([asset.ref])
    assert len(moments) >= 2
    assert all(moment.locator.startswith("t=") for moment in moments)
    assert services.store.count() == len(moments)
    assert not problems(services)


# What files say of themselves


def photograph(*, gps: bool = True) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "Fishing boats at dawn"
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R5"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 06:30:00"
    if gps:
        exif.get_ifd(GPS).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    return encoded(drawing(1), exif=exif)


def test_captions_dates_and_cameras_come_out_of_the_file_and_places_do_not(services: WiredServices) -> None:
    taken_in(services, {"boats.jpg": photograph()})
    asset = the_assets(services)["boats.jpg"]
    assert [(one.text, one.origin) for one in asset.captions] == [("Fishing boats at dawn", CaptionOrigin.EMBEDDED)]
    assert asset.camera == "Canon EOS R5"
    assert asset.captured_at is not None
    assert asset.captured_at.isoformat() == "2024-05-01T06:30:00+00:00"
    assert asset.personal == {}
    (visual,) = services.catalog.visuals_of([asset.ref])
    assert services.store.fetch([visual.id])[visual.id].payload["camera"] == "Canon EOS R5"


def test_a_library_that_asks_for_it_keeps_where_a_picture_was_taken(services: WiredServices) -> None:
    services.catalog.keep_personal("news", True)
    taken_in(services, {"boats.jpg": photograph()})
    assert the_assets(services)["boats.jpg"].personal["gps"].startswith("52.5")


# Vectors that come along


def with_vectors(services: WiredServices, seeds: Sequence[int], *, ours: bool) -> list[Entry]:
    rng = np.random.default_rng(0)
    entries = []
    for seed in seeds:
        picture = drawing(seed)
        vector = services.encoder.images([picture])[0] if ours else rng.normal(size=services.encoder.dim)
        content = encoded(picture, "PNG")
        unit = (vector / np.linalg.norm(vector)).astype(np.float32)
        entries.append(Entry(f"{seed}.png", partial(bytes, content), vector=unit))
    return entries


@pytest.mark.parametrize("ours", [True, False], ids=["of our encoder", "of another"])
def test_vectors_that_come_along_are_taken_only_from_the_same_encoder(services: WiredServices, ours: bool) -> None:
    entries = with_vectors(services, range(12), ours=ours)
    job = ended(services, accept(services, LOCAL_OWNER, "news", entries))
    assert job.counts == {AssetState.INDEXED: 12}
    assert {asset.embedded_by for asset in the_assets(services).values()} == {services.encoder.id if ours else ""}
    for name, asset in the_assets(services).items():
        (visual,) = services.catalog.visuals_of([asset.ref])
        stored = services.store.fetch([visual.id])[visual.id].image
        expected = services.encoder.images([drawing(int(name.removesuffix(".png")))])[0]
        assert float(stored @ expected) > 0.99


# Duplicates


def test_near_duplicates_are_grouped_and_none_is_dropped(services: WiredServices) -> None:
    original = drawing(3, 512)
    files = {
        "original.png": encoded(original, "PNG"),
        "small.jpg": encoded(original.resize((200, 200)), quality=70),
        "again.jpg": encoded(original, quality=40),
        "other.jpg": encoded(drawing(4, 512)),
        "copy of original.png": encoded(original, "PNG"),
    }
    job = taken_in(services, files)
    assert (job.counts, job.known) == ({AssetState.INDEXED: 5}, 1)
    taken_in(services, {"report.pdf": pdf(["page one", "page two"])})  # its pages are alike, and no duplicates
    (group,) = groups(services, LOCAL_OWNER, "news")
    names = [asset.name for _, asset in group.visuals]
    assert set(names) == {"original.png", "small.jpg", "again.jpg"}
    assert names[-1] == "small.jpg"


# Deleting


def test_a_deleted_asset_leaves_nothing_behind(services: WiredServices) -> None:
    taken_in(services, {"a.jpg": encoded(drawing(1)), "b.jpg": encoded(drawing(2))})
    gone, kept = the_assets(services)["a.jpg"], the_assets(services)["b.jpg"]
    assert delete(services, LOCAL_OWNER, [gone.ref, gone.ref, AssetRef("news", gone.id)]) == [gone.ref]
    assert list(the_assets(services)) == ["b.jpg"]
    assert not services.blobs.has(gone.id)
    assert not services.blobs.has_derived(gone.id, thumbnail_name(""))
    assert services.store.count() == 1
    found = search(services, LOCAL_OWNER, Query("a picture", libraries=("news",)), door="test")
    assert [one.visual.asset_id for one in found.evidence] == [kept.id]
    assert not problems(services, deep=True)
    assert taken_in(services, {"a.jpg": encoded(drawing(1))}).counts == {AssetState.INDEXED: 1}


def test_bytes_that_another_library_has_stay(services: WiredServices) -> None:
    files = {"a.jpg": encoded(drawing(1))}
    taken_in(services, files)
    taken_in(services, files, library="archive")
    asset = the_assets(services)["a.jpg"]
    delete(services, LOCAL_OWNER, [asset.ref])
    assert services.blobs.get(asset.id) == files["a.jpg"]
    found = search(services, LOCAL_OWNER, Query("a picture"), door="test")
    assert [one.visual.library for one in found.evidence] == ["archive"]
    assert not problems(services, deep=True)


def test_only_editors_of_a_library_delete_in_it(services: WiredServices) -> None:
    taken_in(services, {"a.jpg": encoded(drawing(1))})
    asset = the_assets(services)["a.jpg"]
    reader = Actor("ann", frozenset({"reader"}), libraries=frozenset({"news"}))
    elsewhere = Actor("bob", frozenset({"editor"}), libraries=frozenset({"archive"}))
    for actor in (reader, elsewhere):
        with pytest.raises(NotAllowed):
            delete(services, actor, [asset.ref])
    assert services.blobs.has(asset.id)


def test_a_deletion_that_stopped_half_way_stays_hidden_and_is_finished_later(services: WiredServices) -> None:
    taken_in(services, {"a.jpg": encoded(drawing(1))})
    asset = the_assets(services)["a.jpg"]
    services.catalog.begin_deletion(LOCAL_OWNER, [asset.ref])
    found = search(services, LOCAL_OWNER, Query("a picture", libraries=("news",)), door="test")
    assert found.evidence == ()
    assert [finding.check for finding in problems(services)] == ["deletions", "orphans"]
    tidy(services)
    assert not problems(services, deep=True)
    assert not services.blobs.has(asset.id)


def test_a_worker_that_indexes_what_is_deleted_meanwhile_leaves_no_point(services: WiredServices) -> None:
    taken_in(services, {f"{seed}.jpg": encoded(drawing(seed)) for seed in range(8)})
    refs = [asset.ref for asset in the_assets(services).values()]
    services.catalog.retry(refs, indexed=True)
    worker = threading.Thread(target=index, args=(services, refs))
    worker.start()
    delete(services, LOCAL_OWNER, refs)
    worker.join()
    finish_deletions(services, services.catalog.deletions(limit=100))
    assert services.store.count() == 0
    assert not problems(services, deep=True)


# Going on where it was


def test_a_file_that_is_known_is_not_read_again(services: WiredServices) -> None:
    content, read = encoded(drawing(1)), []

    def reading() -> bytes:
        read.append("a.jpg")
        return content

    def entry() -> Entry:
        return Entry("a.jpg", reading, fingerprint="a.jpg 1 2")

    first = ended(services, accept(services, LOCAL_OWNER, "news", [entry()]))
    second = ended(services, accept(services, LOCAL_OWNER, "news", [entry()]))
    assert (len(read), first.known, second.known) == (1, 0, 1)
    assert second.counts == {AssetState.INDEXED: 1}
    changed = replace(entry(), fingerprint="a.jpg 1 3")
    ended(services, accept(services, LOCAL_OWNER, "news", [changed]))
    assert len(read) == 2


def test_a_job_whose_sender_died_comes_to_its_end(services: WiredServices) -> None:
    job = taken_in(services, {"a.jpg": encoded(drawing(1))})
    with services.engine.begin() as connection:
        connection.execute(update(jobs).values(complete=False, touched_at=job.created_at.replace(year=2000)))
    tidy(services)
    assert services.catalog.job(LOCAL_OWNER, job.id).done


# The doctor


def test_an_installation_in_order_has_no_problems(services: WiredServices) -> None:
    taken_in(services, {"a.jpg": encoded(drawing(1)), "torn.jpg": encoded(drawing(2))[:900], "note.txt": b"hello"})
    assert problems(services, deep=True) == []


def lose_a_point(services: WiredServices, asset: Asset) -> None:
    services.store.delete([visual.id for visual in services.catalog.visuals_of([asset.ref])])


def lose_a_thumbnail(services: WiredServices, asset: Asset) -> None:
    services.blobs.put_derived(asset.id, thumbnail_name(""), b"")


def lose_the_outbox(services: WiredServices, asset: Asset) -> None:
    services.catalog.retry([asset.ref], indexed=True)
    with services.engine.begin() as connection:
        connection.execute(outbox.delete())


def forget_the_record(services: WiredServices, asset: Asset) -> None:
    services.catalog.begin_deletion(LOCAL_OWNER, [asset.ref])
    services.catalog.finish_deletion([asset.ref])


@pytest.mark.parametrize(
    ("harm", "checks"),
    [
        (lose_a_point, {"points"}),
        (lose_a_thumbnail, {"thumbnails"}),
        (lose_the_outbox, {"outbox"}),
        (forget_the_record, {"orphans", "blobs"}),
    ],
)
def test_the_doctor_finds_what_is_amiss_and_mends_it(services: WiredServices, harm: object, checks: set[str]) -> None:
    job = taken_in(services, {"a.jpg": encoded(drawing(1)), "b.jpg": encoded(drawing(2))})
    harm(services, the_assets(services)["a.jpg"])  # type: ignore[operator]
    assert {finding.check for finding in problems(services, deep=True)} == checks
    assert {finding.check for finding in problems(services, deep=True, fix=True) if finding.fixed} == checks
    tidy(services)
    index(services, services.catalog.unsent(limit=10))
    ended(services, job)
    assert problems(services, deep=True) == []
    assert services.store.count() == len(the_assets(services))


def test_the_doctor_says_so_when_bytes_are_lost_or_altered(services: WiredServices, tmp_path: Path) -> None:
    taken_in(services, {"a.jpg": encoded(drawing(1))})
    asset = the_assets(services)["a.jpg"]
    (blob,) = (tmp_path / "data" / "blobs").glob(f"*/*/{asset.id}")
    blob.write_bytes(b"something else")
    (altered,) = problems(services, deep=True)
    assert (altered.check, altered.examples) == ("bytes", (str(asset.ref),))
    blob.unlink()
    (lost,) = problems(services)
    assert lost.check == "bytes"
    with pytest.raises(NotFound):
        services.blobs.get(asset.id)


def test_what_a_broken_part_interrupts_is_not_held_against_the_assets(
    waiting: tuple[WiredServices, AssetRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, ref = waiting

    def away(points: object) -> None:
        raise Unavailable("the vector store is away")

    with monkeypatch.context() as patch:
        patch.setattr(services.store, "upsert", away)
        for _ in range(5):
            with pytest.raises(Unavailable):
                index(services, [ref])
    (outcome,) = index(services, [ref])
    assert outcome.state is AssetState.INDEXED
    assert services.catalog.asset(LOCAL_OWNER, ref).attempts == 1


def test_a_full_disk_is_not_held_against_the_assets(
    waiting: tuple[WiredServices, AssetRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, ref = waiting
    for left in (8 * MIB, 32 * MIB):  # too little to count an attempt, and too little to keep a thumbnail
        with monkeypatch.context() as patch:
            patch.setattr(os, "statvfs", lambda path, left=left: SimpleNamespace(f_bavail=left, f_frsize=1))
            for _ in range(services.settings.attempts + 1):
                with pytest.raises(DiskFull, match="the disk is full"):
                    index(services, [ref])
    (outcome,) = index(services, [ref])
    assert outcome.state is AssetState.INDEXED
    assert services.catalog.asset(LOCAL_OWNER, ref).attempts == 1


def test_pictures_are_looked_at_without_being_kept(services: WiredServices) -> None:
    picture = drawing(5)
    vector = services.pipeline.embed(encoded(picture, "PNG"), services.encoder)
    assert float(vector @ services.encoder.images([picture])[0]) > 0.99
    assert not services.blobs.has(io.BytesIO(encoded(picture, "PNG")).read().hex()[:64])  # type: ignore[arg-type]
    assert services.catalog.libraries(LOCAL_OWNER) == []
