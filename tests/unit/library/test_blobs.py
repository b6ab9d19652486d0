"""Blobs in a folder: atomic, durable, and plain about what went wrong."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag.disk import KEPT_WHEN_INDEXING
from rag.errors import BadSettings, DiskFull, Unavailable
from rag.library.blobs import FsspecBlobs


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_blob_lies_under_its_hash(tmp_path: Path) -> None:
    blobs = FsspecBlobs(f"file://{tmp_path}")
    asset_id = blobs.put(b"content")
    blobs.put_derived(asset_id, "thumbnail.webp", b"small")
    assert files_in(tmp_path) == sorted(
        [f"{asset_id[:2]}/{asset_id[2:4]}/{asset_id}", f"derived/{asset_id}/thumbnail.webp"]
    )


def test_a_full_disk_is_called_that_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "ed/70").mkdir(parents=True)
    with pytest.raises(Unavailable, match="the disk is full"):
        FsspecBlobs(f"file://{tmp_path}").put(b"content")
    assert files_in(tmp_path) == []


def with_room_for(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """As if the disk had `size` bytes left."""
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=size, f_frsize=1))


def test_accepting_stops_while_there_is_room_for_thumbnails_and_these_before_the_last_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FsspecBlobs(f"file://{tmp_path}")
    asset_id = blobs.put(b"accepted before")
    with_room_for(monkeypatch, KEPT_WHEN_INDEXING + 100)
    with pytest.raises(DiskFull, match="the disk is full"):
        blobs.put(b"content")
    assert blobs.put(b"accepted before") == asset_id
    blobs.put_derived(asset_id, "thumbnail.jpeg", b"small")
    with_room_for(monkeypatch, KEPT_WHEN_INDEXING)
    with pytest.raises(DiskFull, match="the disk is full"):
        blobs.put_derived(asset_id, "another.jpeg", b"small")
    blobs.delete(asset_id)
    assert files_in(tmp_path) == []


def test_a_thumbnail_that_comes_while_a_blob_is_deleted_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FsspecBlobs(f"file://{tmp_path}")
    asset_id = blobs.put(b"some bytes")
    blobs.put_derived(asset_id, "thumbnail.jpg", b"small")
    remove, asked = blobs._files.rm, []

    def interrupted(path: str, *, recursive: bool) -> None:
        asked.append(path)
        if len(asked) == 1:
            raise OSError(errno.ENOTEMPTY, "Directory not empty")
        remove(path, recursive=recursive)

    monkeypatch.setattr(blobs._files, "rm", interrupted)
    blobs.delete(asset_id)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_folder_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(Unavailable):
        FsspecBlobs(f"file://{tmp_path}/blobs").put(b"content")


def test_a_scheme_without_its_package_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    known = sys.modules["fsspec.registry"]._registry  # another test may have used it before
    monkeypatch.delitem(known, "s3", raising=False)
    with pytest.raises(BadSettings, match="s3fs"):
        FsspecBlobs("s3://bucket/blobs")


def test_an_unknown_scheme_is_told() -> None:
    with pytest.raises(BadSettings, match="gopher"):
        FsspecBlobs("gopher://host/blobs")
