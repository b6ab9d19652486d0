"""What the blob store promises, over local files and over fsspec's memory (an object store's manners)."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from rag.errors import NotFound
from rag.library.blobs import FsspecBlobs
from rag.model import AssetId

CONTENT = b"\x89PNG not really"
UNKNOWN = AssetId("0" * 64)


@pytest.fixture(params=["file", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> FsspecBlobs:
    return FsspecBlobs(f"file://{tmp_path}/blobs" if request.param == "file" else f"memory://{uuid.uuid4()}/blobs")


def test_bytes_come_back_under_their_hash(blobs: FsspecBlobs) -> None:
    asset_id = blobs.put(CONTENT)
    assert asset_id == sha256(CONTENT).hexdigest()
    assert blobs.get(asset_id) == CONTENT
    assert blobs.has(asset_id)


def test_putting_twice_is_harmless(blobs: FsspecBlobs) -> None:
    assert blobs.put(CONTENT) == blobs.put(CONTENT)
    assert blobs.get(blobs.put(CONTENT)) == CONTENT


@pytest.mark.parametrize("content", [b"", b"\0" * 5_000_000], ids=["none", "5 MB"])
def test_any_number_of_bytes_will_do(blobs: FsspecBlobs, content: bytes) -> None:
    assert blobs.get(blobs.put(content)) == content


def test_many_may_put_the_same_at_once(blobs: FsspecBlobs) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(blobs.put, [CONTENT] * 64))
    assert blobs.get(ids.pop()) == CONTENT
    assert not ids


def test_an_unknown_blob_is_not_found(blobs: FsspecBlobs) -> None:
    assert not blobs.has(UNKNOWN)
    with pytest.raises(NotFound, match="there is no blob 0000"):
        blobs.get(UNKNOWN)


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "A" * 64, "0" * 63, f"{'0' * 64}\n", f"/{'0' * 63}"])
def test_what_is_no_asset_id_is_not_found(blobs: FsspecBlobs, wrong: str) -> None:
    asset_id = AssetId(wrong)
    assert not blobs.has(asset_id)
    for look in (
        blobs.get,
        lambda it: blobs.get_derived(it, "a.webp"),
        lambda it: blobs.put_derived(it, "a.webp", b""),
    ):
        with pytest.raises(NotFound):
            look(asset_id)
    blobs.delete(asset_id)


def test_what_is_derived_is_kept_by_name_and_replaced(blobs: FsspecBlobs) -> None:
    asset_id = blobs.put(CONTENT)
    with pytest.raises(NotFound, match=r"thumbnail\.webp"):
        blobs.get_derived(asset_id, "thumbnail.webp")
    for content in (b"old", b"new"):
        blobs.put_derived(asset_id, "thumbnail.webp", content)
    assert blobs.get_derived(asset_id, "thumbnail.webp") == b"new"
    assert blobs.get(asset_id) == CONTENT


@pytest.mark.parametrize("name", ["", "..", ".hidden", "../x", "a/b", "a\\b", "/etc/passwd", "a\0", "a\n", "x" * 200])
def test_a_derived_name_cannot_leave_its_folder(blobs: FsspecBlobs, name: str) -> None:
    asset_id = blobs.put(CONTENT)
    with pytest.raises(NotFound):
        blobs.put_derived(asset_id, name, b"")
    with pytest.raises(NotFound):
        blobs.get_derived(asset_id, name)


def test_deleting_removes_the_blob_and_what_was_derived_and_may_be_repeated(blobs: FsspecBlobs) -> None:
    asset_id, other = blobs.put(CONTENT), blobs.put(b"other")
    blobs.put_derived(asset_id, "thumbnail.webp", b"small")
    for _ in range(2):
        blobs.delete(asset_id)
    assert not blobs.has(asset_id)
    with pytest.raises(NotFound):
        blobs.get_derived(asset_id, "thumbnail.webp")
    assert blobs.get(other) == b"other"
    assert blobs.get(blobs.put(CONTENT)) == CONTENT
